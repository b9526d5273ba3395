"""Identifies the S3 service of an endpoint; a server-side copy requires that both principals use the same one."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

_DEFAULT_PORTS = ("80", "443")
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "[::1]", "0.0.0.0"})


def service_of(url: str, aws: Mapping[str, str]) -> str:
    """Return a name, to compare and show, that is equal for all endpoints of one service.

    aws: DNS suffixes of AWS's partitions, each with the name of its service: Regional, dual-stack, FIPS and VPC
    endpoints of a partition reach the same buckets. Any other server is named by its host, port and path.
    """
    parts = urlsplit(url)
    host, port = _split(parts.netloc.rpartition("@")[2].lower())
    for suffix, name in aws.items():
        if host == suffix or host.endswith(f".{suffix}"):
            return name
    host = "localhost" if host in _THIS_MACHINE else host
    shown = f":{port}" if port and port not in _DEFAULT_PORTS else ""
    return f"{host}{shown}{parts.path.rstrip('/')}"


def _split(netloc: str) -> tuple[str, str]:
    """Return the host without a trailing dot, and the port or "". An IPv6 address keeps its brackets."""
    host, colon, port = netloc.rpartition(":")
    if not colon or "]" in port:
        host, port = netloc, ""
    return host.rstrip("."), port
