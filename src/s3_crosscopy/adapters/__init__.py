"""The edge: S3 clients, clock, checkpoints and event sinks. The only place that imports boto."""
