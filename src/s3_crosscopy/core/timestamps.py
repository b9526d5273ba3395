"""Compares S3's times, in the form of `Listed.modified`: whole seconds as text, "" where one is not known."""

from __future__ import annotations

from datetime import datetime, timedelta


def is_later_by(later: str, earlier: str, seconds: int) -> bool:
    """True if so many seconds or more lie between two times, in whole seconds. A time that is none proves nothing."""
    try:
        apart = datetime.fromisoformat(later[:19]) - datetime.fromisoformat(earlier[:19])
    except ValueError:
        return False
    return apart >= timedelta(seconds=seconds)


def since(modified: str, began: str) -> bool:
    """Whether an object may have been written since the run began: in its very second or later.

    Both in the form of `Listed.modified`. What is not known ("") may be.
    """
    return not began or not modified or modified[:19] >= began[:19]
