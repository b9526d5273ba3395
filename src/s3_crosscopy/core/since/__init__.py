"""Decisions of a run that looks only at what is new since the last run that was complete."""
