"""Lines of S3 Inventory (`"bucket","key",...`) and of S3 Batch Operations (`bucket,key`): which key each names.

Both write keys URL-encoded, a space as `+` or `%20` and a plus as `%2B` (User Guide, "Locating your inventory list" and
"Specifying a manifest"). Neither has a header, so that a version is told by its shape alone.
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
# Not an ETag or an owner, which are hexadecimal, nor an ACL, which is JSON in base64.
_VERSION = re.compile(r"(?!eyJ|[0-9a-f]{32,64}(?:-\d+)?$)[A-Za-z0-9._+/=-]{24,}|null")
_BOOLEANS = {"true", "false"}


class Format(NamedTuple):
    """The lines of a file: all `quoted`, as S3 Inventory writes them, or not."""

    bucket: str
    quoted: bool


def format_of(first: str, bucket: str, prefix: str) -> Format | None:
    """The format of a file by its first line; None for keys. Raises InvalidInput for another bucket's inventory."""
    if first.startswith(f'"{bucket}",'):
        return Format(bucket, quoted=True)
    if first.startswith(f"{bucket},"):
        return Format(bucket, quoted=False)
    other = _QUOTED.match(first)
    if other is not None and not (prefix and first.startswith(prefix)):
        raise InvalidInput(f"is of the bucket {other[1]!r}, and the source is {bucket!r}; {AS_KEYS}")
    return None


def key_of(line: str, form: Format) -> str:
    """The key of a line of that format. Raises InvalidInput, what is wrong with it and what to do."""
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
    """Tells whether the columns behind the key begin with a version, or say that all versions were listed.

    In an inventory the next column may also be a size, a time, an ETag or a word.
    """
    listed_all = len(more) > 2 and {more[1], more[2]} <= _BOOLEANS  # is it the latest, is it a delete marker
    first = more[0] if more else ""
    return listed_all or (first != "" and (not form.quoted or _VERSION.fullmatch(first) is not None))
