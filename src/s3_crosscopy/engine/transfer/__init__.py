"""Copies one object: with CopyObject, or with a multipart upload."""
