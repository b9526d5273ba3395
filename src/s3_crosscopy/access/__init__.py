"""Permissions: probes which of them hold, explains access denied, and prints policies."""
