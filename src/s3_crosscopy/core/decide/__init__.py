"""Decides per object: copy, skip, compare or filter."""
