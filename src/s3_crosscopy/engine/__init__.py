"""Runs a copy: lists, decides, copies and records outcomes. Has all threads; reaches S3 only through its ports."""
