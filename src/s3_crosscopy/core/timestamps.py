"""Compares S3's times: texts in the form of `Listed.modified`, compared in whole seconds because listings have no more.

A time that is not known ("") is earlier than every other one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

_TO_THE_SECOND = slice(len("2026-01-01T00:00:00"))


def to_second(time: str) -> str:
    """The time without fractions of a second and without its zone, which is always UTC."""
    return time[_TO_THE_SECOND]


def to_datetime(time: str) -> datetime:
    """The time as a naive datetime in UTC, in whole seconds. Raises ValueError for a text that is no time."""
    return datetime.fromisoformat(to_second(time))


def is_newer(time: str, other: str) -> bool:
    """True if a time is in a later second than another."""
    return time[_TO_THE_SECOND] > other[_TO_THE_SECOND]


def is_since(time: str, began: str) -> bool:
    """True if a time is in the second of `began` or in a later one."""
    return time[_TO_THE_SECOND] >= began[_TO_THE_SECOND]


def may_be_since(time: str, began: str) -> bool:
    """True if something may have been written since `began`: a time that is not known may be later too."""
    return not time or is_since(time, began)


def is_later_by(later: str, earlier: str, seconds: int) -> bool:
    """True if so many seconds or more lie between two times. False if one of them is no time."""
    try:
        apart = to_datetime(later) - to_datetime(earlier)
    except ValueError:
        return False
    return apart >= timedelta(seconds=seconds)
