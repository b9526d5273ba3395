"""Decisions: values in, value out. No clock, log, configuration or S3 in here."""
