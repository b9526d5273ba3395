"""The commands, a module each: `NAME`, `SUMMARY`, `add_arguments(parser)`, and `run(given)`, its exit code."""
