"""The number of connections that are useful, and that the process may have open."""

from __future__ import annotations

MOST_CONNECTIONS = 1024
"""At 40 ms a request, 600 to 800 connections carried 9,000 requests/s; more would only wait at S3."""
OTHER_FILES = 256
"""File descriptors of the process that remain for everything else."""


def most_connections() -> int:
    """The number of connections: as many as are useful and as the process may have open."""
    try:
        import resource
    except ImportError:
        return MOST_CONNECTIONS // 4
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if allowed < 0 else max(16, min(MOST_CONNECTIONS, allowed - OTHER_FILES))
