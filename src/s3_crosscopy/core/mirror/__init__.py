"""Keys that only the destination has: which are extraneous, and which of them may be deleted."""
