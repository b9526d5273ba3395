"""Parses lines of S3 Inventory (`"bucket","key",...`) and of S3 Batch Operations manifests (`bucket,key`).

Both write keys URL-encoded, a space as `+` or `%20` and a plus as `%2B` (User Guide, "Locating your inventory list" and
"Specifying a manifest"). Neither has a header, so that a version id is recognized by its format alone.
"""

from __future__ import annotations

import csv
import re
from typing import NamedTuple
from urllib.parse import unquote_plus

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.option_parsers import show

AS_KEYS = 'if these lines are keys, write each as {"key": "..."}'

_QUOTED = re.compile(r'"([a-z0-9][a-z0-9._-]{1,62})","')
_NO_CODE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Excludes ETags and owners, which are hexadecimal, and ACLs, which are JSON in base64.
_VERSION = re.compile(r"(?!eyJ|[0-9a-f]{32,64}(?:-\d+)?$)[A-Za-z0-9._+/=-]{24,}|null")
_BOOLEANS = {"true", "false"}


class Format(NamedTuple):
    """Format of a file's lines. `quoted`: as S3 Inventory writes them."""

    bucket: str
    quoted: bool


def format_of(first: str, bucket: str, prefix: str) -> Format | None:
    """Return a file's format by its first line, or None for plain keys.

    Raises InvalidInput for the inventory of another bucket.
    """
    if first.startswith(f'"{bucket}",'):
        return Format(bucket, quoted=True)
    if first.startswith(f"{bucket},"):
        return Format(bucket, quoted=False)
    other = _QUOTED.match(first)
    if other is not None and not (prefix and first.startswith(prefix)):
        raise InvalidInput(f"is of the bucket {other[1]!r}, and the source is {bucket!r}; {AS_KEYS}")
    return None


def key_of(line: str, form: Format) -> str:
    """Return the key of a line of that format. Raises InvalidInput with the mistake and what to do."""
    try:
        bucket, key, *more = next(csv.reader([line.removesuffix("\r")], strict=True))
    except (csv.Error, ValueError, StopIteration):
        raise InvalidInput(f"is no bucket and key, as the lines before it are; {AS_KEYS}") from None
    if bucket != form.bucket:
        raise InvalidInput(f"is of the bucket {show(bucket)}, and the source is {form.bucket!r}; {AS_KEYS}")
    if _has_version(more, form):
        raise InvalidInput(
            "names a version, and a manifest's keys are copied as they are now; leave out the columns of versions,"
            " and the rows that are not the latest"
        )
    if _NO_CODE.search(key):
        raise InvalidInput(f"the key {show(key)} is not URL-encoded; {AS_KEYS}")
    try:
        return unquote_plus(key, errors="strict")
    except UnicodeDecodeError:
        raise InvalidInput(f"the key {show(key)} is URL-encoded, and not in UTF-8; S3's keys are") from None


def _has_version(more: list[str], form: Format) -> bool:
    """Return True if the first column after the key is a version id, or the next two show that all versions are listed.

    In an inventory the first column may also be a size, a time, an ETag or a word.
    """
    listed_all = len(more) > 2 and {more[1], more[2]} <= _BOOLEANS  # IsLatest, IsDeleteMarker
    first = more[0] if more else ""
    return listed_all or (first != "" and (not form.quoted or _VERSION.fullmatch(first) is not None))
