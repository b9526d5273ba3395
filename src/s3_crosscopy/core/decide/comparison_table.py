"""The table of what decides about objects of equal size and different ETags: HEADs, or their listings."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class By(Enum):
    """The evidence that decides about a pair."""

    HEADS = "two HEADs"
    CONTENT = "the ETags, as MD5s of the content"
    TIMES = "the times of the listings"


class Rule(NamedTuple):
    """One row of the table. A condition is True, False, None (not known), or ANY. The first row that applies decides.

    common: both may have a checksum of the whole content by the same algorithm. plain: both ETags are plain.
    md5s: plain ETags are MD5s on both sides.
    """

    common: bool | str | None
    plain: bool | str
    md5s: bool | str | None
    by: By


ANY = "any"
TABLE = (
    Rule(True, ANY, ANY, By.HEADS),
    Rule(None, ANY, ANY, By.HEADS),
    Rule(False, False, ANY, By.TIMES),
    Rule(False, True, True, By.CONTENT),
    Rule(False, True, False, By.TIMES),
    Rule(False, True, None, By.HEADS),
)


def look_up(common: bool | None, plain: bool, md5s: bool | None) -> By:
    """Return what decides about a pair."""
    for row in TABLE:
        if all(rule in (ANY, value) for rule, value in zip(row[:3], (common, plain, md5s), strict=True)):
            return row.by
    raise AssertionError("the table has a row for everything")
