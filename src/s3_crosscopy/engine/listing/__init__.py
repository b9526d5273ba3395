"""Lists both sides of a copy in key order, in parallel ranges."""
