"""The two new prefixes of a self-test, below those that the user names."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from s3_crosscopy.model.location import parse_location

FOLDER = "s3-crosscopy-selftest-"


class Places(NamedTuple):
    """Buckets and prefixes of both sides; the prefixes are new and differ, also within one bucket."""

    source_bucket: str
    source_prefix: str
    dest_bucket: str
    dest_prefix: str


def new_places(source: str, dest: str) -> Places:
    """Return new prefixes below two URLs. Raises InvalidInput."""
    folder = f"{FOLDER}{secrets.token_hex(8)}/"
    source_bucket, source_key = parse_location(source, "source")
    dest_bucket, dest_key = parse_location(dest, "dest")
    return Places(
        source_bucket, f"{_below(source_key)}{folder}source/", dest_bucket, f"{_below(dest_key)}{folder}dest/"
    )


def _below(prefix: str) -> str:
    """Return the prefix as a folder: `tmp` means `tmp/`."""
    return prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
