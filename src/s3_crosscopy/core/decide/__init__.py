"""Decides for each object whether it is copied, skipped, compared, refused or filtered."""
