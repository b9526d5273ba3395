"""S3's times, in the form of `Listed.modified`: how far two of them are apart. Which is later, their text tells."""

from __future__ import annotations

from datetime import datetime, timedelta


def is_later_by(later: str, earlier: str, seconds: int) -> bool:
    """True if so many seconds or more lie between two times, in whole seconds. A time that is none proves nothing."""
    try:
        apart = datetime.fromisoformat(later[:19]) - datetime.fromisoformat(earlier[:19])
    except ValueError:
        return False
    return apart >= timedelta(seconds=seconds)
