"""One copy by several tasks: planned, run, merged."""
