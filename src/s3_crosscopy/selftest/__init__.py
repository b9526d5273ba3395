"""Compares what S3 does on a user's own two buckets with what this project relies on. Writes below two new prefixes."""
