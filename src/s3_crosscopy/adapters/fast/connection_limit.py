"""The numbers of connections that are useful, and that the process may have open."""

from __future__ import annotations

MOST_DIRECT = 1024
"""At 40 ms a request, 600 to 800 connections carried 9,000 requests/s; more would only wait at S3."""
MOST_OF_CURL = 512
"""libcurl's own: listings, and what finds no direct connection. It keeps them open."""
OTHER_FILES = 128
"""File descriptors of the process that remain for everything else."""
_LEAST = 32


def most_connections() -> int:
    """The number of requests at a time: as many as are useful and as the process may have connections."""
    return min(MOST_DIRECT, most_direct() + most_of_curl())


def most_direct() -> int:
    """The number of direct connections: two thirds of all that the process may have."""
    return min(MOST_DIRECT, _all() * 2 // 3)


def most_of_curl() -> int:
    """The number of libcurl's connections: a third of all."""
    return min(MOST_OF_CURL, _all() - _all() * 2 // 3)


def _all() -> int:
    allowed = _allowed()
    if allowed is None:
        return (MOST_DIRECT + MOST_OF_CURL) // 4
    return MOST_DIRECT + MOST_OF_CURL if allowed < 0 else max(_LEAST, allowed - OTHER_FILES)


def _allowed() -> int | None:
    """The descriptors that the process may have; below 0 without a limit, None where that is not known."""
    try:
        import resource
    except ImportError:
        return None
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
