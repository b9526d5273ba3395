"""The numbers of connections that are useful, and that the process may have open."""

from __future__ import annotations

MOST_CONNECTIONS = 1024
"""At 40 ms a request, 600 to 800 connections carried 9,000 requests/s; more would only wait at S3."""
OTHER_FILES = 256
"""File descriptors of the process that remain for everything else."""


MOST_OF_HEADS = 512
"""Beside those of libcurl, which keeps its own open: more HEADs at once are libcurl's."""


def most_connections() -> int:
    """The number of libcurl's connections: as many as are useful and as the process may have open."""
    allowed = _allowed()
    if allowed is None:
        return MOST_CONNECTIONS // 4
    return MOST_CONNECTIONS if allowed < 0 else max(16, min(MOST_CONNECTIONS, allowed - OTHER_FILES))


def most_of_heads() -> int:
    """The number of connections for HEADs alone. They leave half of `OTHER_FILES`."""
    allowed = _allowed()
    if allowed is None or allowed < 0:
        return MOST_OF_HEADS // (4 if allowed is None else 1)
    return max(16, min(MOST_OF_HEADS, allowed - most_connections() - OTHER_FILES // 2))


def _allowed() -> int | None:
    """The descriptors that the process may have; below 0 without a limit, None where that is not known."""
    try:
        import resource
    except ImportError:
        return None
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
