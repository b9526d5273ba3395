"""Counts the keys that only the destination has, and deletes them at the end of a run."""
