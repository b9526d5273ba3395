"""Fixtures for every test: the servers of `tests/servers`."""

pytest_plugins = ["tests.servers.fixtures"]
