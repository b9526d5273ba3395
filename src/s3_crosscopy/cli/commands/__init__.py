"""The commands, a module each: `NAME`, `SUMMARY`, `add_arguments(parser)`, and `run(namespace)`, its exit code."""
