"""The commands, a module each: `add_arguments(parser)`, and `run(given)`, which imports the API: --help does not."""
