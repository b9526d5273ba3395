"""The commands, one module each: `add_arguments(parser)`, and `run(namespace)`, which alone imports the API."""
