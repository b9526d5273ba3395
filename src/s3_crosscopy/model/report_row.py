"""One row of a report: the outcome of one object."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from s3_crosscopy.model.input_limits import TEXT
from s3_crosscopy.model.location import MAX_KEY_BYTES


class ReportRow(NamedTuple):
    """Outcome of one object. outcome: a name of `Tally.OUTCOMES`. reason: the reason for it.

    call, code, message, request_id: of the failed request, else "".
    at_s: time of the outcome in seconds since the start of the run, without pauses between attempts; 0 if not known.
    marker: version id of the delete marker that a delete made, "" if none.
    took_s: seconds from the object's first request to its outcome; 0 if not known, or without a request of its own.
    """

    key: str
    dest_key: str
    outcome: str
    reason: str
    size: int
    etag: str
    verified_by: str = ""
    call: str = ""
    code: str = ""
    message: str = ""
    request_id: str = ""
    at_s: float = 0.0
    took_s: float = 0.0
    marker: str = ""


class SegmentRows(Protocol):
    """The rows of one segment of a report, in the form in which their store writes them."""

    def extend(self, rows: Sequence[ReportRow], /) -> None:
        """Add rows."""

    def __len__(self) -> int: ...


NUMBERS = {"size": int, "at_s": float, "took_s": float}
"""The numeric fields and their types."""

MOST_BYTES = 2**53
"""Limit of an object's size: far above S3's 48.8 TiB, and exact in every JSON reader."""

MOST_SECONDS = 1e9
"""Limit of a duration: thirty years."""


def row_of(raw: object) -> ReportRow:
    """Parse a row from its fields by name. Missing fields are empty; unknown ones, of a later version, are ignored.

    Raises ValueError for anything else.
    """
    if not isinstance(raw, Mapping) or not isinstance(raw.get("key"), str):
        raise ValueError("no key")
    values: dict[str, Any] = {name: _text(name, raw.get(name)) for name in ReportRow._fields if name not in NUMBERS}
    values |= {name: kind(_number(name, raw.get(name))) for name, kind in NUMBERS.items()}
    return checked(ReportRow(**values))


def checked(row: ReportRow) -> ReportRow:
    """Return the row. Raises ValueError for an impossible size or time."""
    if not 0 <= row.size <= MOST_BYTES:
        raise ValueError("a size that no object has")
    if not (_is_time(row.at_s) and _is_time(row.took_s)):
        raise ValueError("a time that no run took")
    return row


def _text(name: str, value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text")
    if name in ("key", "dest_key") and len(value) > MAX_KEY_BYTES:
        raise ValueError(f"{name} is longer than any key")
    return value[: TEXT.most]


def _number(name: str, value: object) -> int | float:
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{name} is no number")
    return value


def _is_time(seconds: float) -> bool:
    return math.isfinite(seconds) and 0 <= seconds <= MOST_SECONDS
