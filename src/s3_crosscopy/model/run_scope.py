"""Which part of a copy one run does, when several runs do it together."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

LEFT_TO_PUBLISH = "held back: left to the publish task"
"""Why a shard does not copy a key that goes last: it vouches for what lies in other shards too."""


class KeySubset(str, Enum):
    """Which keys of its ranges a run copies, of those that need a copy."""

    WHOLE = "whole"
    """All; those that match `copy_last` last."""
    DATA = "data"
    """All but those that match `copy_last`, which are told of."""
    MARKERS = "markers"
    """Only those; nothing else is even counted."""


class RunRole(NamedTuple):
    """What a run does of a copy that several runs do together.

    For the markers: `began` is when the first of the other runs did, by S3's clock, and `complete` says that all of
    them copied everything. `of` is how many such runs go on at the same time at most, which share what all of them use.
    """

    part: KeySubset = KeySubset.WHOLE
    began: str = ""
    complete: bool = True
    of: int = 1


ALONE = RunRole()
