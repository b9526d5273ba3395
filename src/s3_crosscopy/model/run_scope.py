"""The role of a run in a copy that several runs do together."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

LEFT_TO_PUBLISH = "held back: left to the publish task"
"""Reason why a shard does not copy a key of `copy_last`: that requires the objects of all shards first."""


class KeySubset(str, Enum):
    """The keys of its ranges that a run copies."""

    WHOLE = "whole"
    """All keys; those that match `copy_last` at the end."""
    DATA = "data"
    """All keys except those that match `copy_last`, whose ranges are reported."""
    MARKERS = "markers"
    """Only keys that match `copy_last`; others are not counted."""


class RunRole(NamedTuple):
    """The role of one run.

    began, complete: for `MARKERS`, the start of the first other run in S3's time, and True if all of them succeeded.
    of: largest number of concurrent runs, which share limits such as requests per second.
    """

    part: KeySubset = KeySubset.WHOLE
    began: str = ""
    complete: bool = True
    of: int = 1


ALONE = RunRole()
