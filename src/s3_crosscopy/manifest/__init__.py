"""Reads the keys of a manifest, and sorts them."""
