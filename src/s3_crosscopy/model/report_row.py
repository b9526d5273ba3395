"""One line of a report: what became of one object."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from s3_crosscopy.model.input_limits import TEXT
from s3_crosscopy.model.location import MAX_KEY_BYTES


class ReportRow(NamedTuple):
    """An object's outcome. `outcome` is a name of `model.tally.Tally.OUTCOMES`, `reason` why.

    `call`, `code`, `message` and `request_id` are those of the request that failed, empty otherwise. `at_s` is when the
    object came to its end, in seconds of the run's own time (what earlier attempts took counts, the pauses between them
    do not); `took_s` how long it was worked on, from its first request to its end. Both are 0 where they are not known,
    and `took_s` for what cost no request of its own.
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


NUMBERS = {"size": int, "at_s": float, "took_s": float}
"""The fields that are no texts, and their types."""

MOST_BYTES = 2**53
"""Of an object: far above S3's 48.8 TiB, and what every reader of JSON has whole."""

MOST_SECONDS = 1e9
"""Thirty years: what is longer was measured by nobody."""


def row_of(said: object) -> ReportRow:
    """A row of its fields by name. What is missing is empty; names of a later version are passed over.

    Raises ValueError for what is no row.
    """
    if not isinstance(said, Mapping) or not isinstance(said.get("key"), str):
        raise ValueError("no key")
    values: dict[str, Any] = {name: _text(name, said.get(name)) for name in ReportRow._fields if name not in NUMBERS}
    values |= {name: kind(_number(name, said.get(name))) for name, kind in NUMBERS.items()}
    return checked(ReportRow(**values))


def checked(row: ReportRow) -> ReportRow:
    """The same row. Raises ValueError for a number that no object has."""
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
