"""Parses the headers of a response to a HEAD in the form that S3 and compatible servers write.

botocore's parser takes 20 times as long. Headers in any other form, such as a repeated or a folded one or one that is
no ASCII, are not guessed at: the result is None, and botocore parses them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from s3_crosscopy.adapters.boto.head_result import RESTORED
from s3_crosscopy.adapters.boto.object_headers import CONTENT_HEADERS
from s3_crosscopy.adapters.boto.s3_dates import clock, iso
from s3_crosscopy.model.objects import Checksum, Facts

# One line each: no control character but the tab, which no part of Python takes for the end of a line.
_HEADER = re.compile(r"^([!-9;-~]+):[ \t]*([\t -~]*)\r\n", re.MULTILINE)
_META, _CHECKSUM = "x-amz-meta-", "x-amz-checksum-"
# In the order of botocore's model: the first that a response has counts.
_ALGORITHMS = ("crc32", "crc32c", "crc64nvme", "sha1", "sha256")
_CHECKSUMS = frozenset({"type", *_ALGORITHMS})
_CONTENT = tuple((name, header.lower()) for name, header in CONTENT_HEADERS.items())
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII).fullmatch
# botocore reads these as numbers or as true and false, and refuses the whole response if they are neither.
_NUMBERS = ("x-amz-missing-meta", "x-amz-mp-parts-count", "x-amz-tagging-count")
_BOOLEANS = ("x-amz-delete-marker", "x-amz-server-side-encryption-bucket-key-enabled")
_TYPED = frozenset({*_NUMBERS, *_BOOLEANS})
_DATES = 4096
"""Objects that were written together have the same time, and responses of one second the same `Date`."""


def read_head(lines: list[bytes]) -> Facts | None:
    """Parse the status line and the headers of a success. Returns None if they are not in the usual form."""
    try:
        pairs = _HEADER.findall(b"".join(lines).decode("ascii"))
    except UnicodeDecodeError:
        return None
    if len(pairs) != len(lines) - 2:  # the status line, and the empty line at the end
        return None
    fields, checksums, metadata = {}, {}, {}
    for name, value in pairs:
        lower = name.lower()
        if lower.startswith(_META):
            metadata[name[len(_META) :]] = value
        elif lower.startswith(_CHECKSUM):
            checksums[lower[len(_CHECKSUM) :]] = value
        else:
            fields[lower] = value
    if len(fields) + len(checksums) + len(metadata) != len(pairs) or not _is_usual(fields, checksums, metadata):
        return None
    modified = _time(fields["last-modified"])
    return None if modified is None else _facts(fields, checksums, metadata, modified)


def _is_usual(fields: dict[str, str], checksums: dict[str, str], metadata: dict[str, str]) -> bool:
    """True if nothing is in it that botocore would read otherwise, or refuse."""
    return (
        "last-modified" in fields
        and _NUMBER(fields.get("content-length", "")) is not None
        and checksums.keys() <= _CHECKSUMS
        and (fields.keys().isdisjoint(_TYPED) or _are_usual(fields))
        and (not metadata or len({name.lower() for name in metadata}) == len(metadata))
    )


def _are_usual(fields: dict[str, str]) -> bool:
    return all(_NUMBER(fields.get(name, "0")) is not None for name in _NUMBERS) and all(
        fields.get(name, "true") in ("true", "false") for name in _BOOLEANS
    )


def _facts(fields: dict[str, str], checksums: dict[str, str], metadata: dict[str, str], modified: str) -> Facts:
    get = fields.get
    parts = get("x-amz-mp-parts-count")
    return Facts(
        int(fields["content-length"]),
        get("etag", "").strip('"'),
        modified,
        get("x-amz-storage-class", "STANDARD"),
        RESTORED in get("x-amz-restore", ""),
        get("x-amz-server-side-encryption", ""),
        _checksum(checksums) if checksums else None,
        None if parts is None else int(parts),
        _date(get("date", "")),
        get("x-amz-version-id", ""),
        int(get("x-amz-missing-meta", "0")),
        {name: value for name, header in _CONTENT if (value := get(header))},
        metadata,
    )


def _checksum(checksums: dict[str, str]) -> Checksum | None:
    """Same as `conversions.checksum_of`."""
    for algorithm in _ALGORITHMS:
        if value := checksums.get(algorithm):
            kind = checksums.get("type") or ("COMPOSITE" if "-" in value else "FULL_OBJECT")
            return Checksum(algorithm.upper(), kind, value)
    return None


@lru_cache(maxsize=_DATES)
def _time(header: str) -> str | None:
    """The time in a header in the form of `Listed.modified`, None if it is no time."""
    try:
        return iso(header) if header else None
    except ValueError:
        return None


_date = lru_cache(maxsize=2)(clock)
