"""Permissions: finds out what is granted, explains what is not, and prints policies."""
