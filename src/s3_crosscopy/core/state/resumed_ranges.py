"""Which ranges a run walks that goes on: few that hold all that is left, where that is cheaper than many short ones."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest

from s3_crosscopy.core.keyspace.key_codec import shared
from s3_crosscopy.core.state.ledger import Ledger
from s3_crosscopy.core.state.remaining import Among, limits_for
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.s3_limits import PAGE_KEYS
from s3_crosscopy.model.tally import Tally

LEAST_RANGES, MOST_RANGES = 256, 10_000
"""So many ranges are walked each by itself, however close they are, and more never are."""


def begun(
    left: Sequence[KeyRange], already: Tally, room: int, *, join: bool
) -> tuple[Ledger, Sequence[KeyRange], Among | None]:
    """The ledger of a run that has this left, the ranges that it walks, and, if they hold other keys too, which count.

    `already` is settled, the checkpoint has so much `room`. With `join` they may: keys that are asked for one by one
    cost the same in any number of ranges, those of a listing do not.
    """
    ranges = walked(left, already.listed) if join else left
    among = Among(left) if len(ranges) < len(left) else None
    return Ledger(ranges, already, limits_for(room), left), ranges, among


def walked(left: Sequence[KeyRange], settled: int) -> tuple[KeyRange, ...]:
    """The ranges to walk for what is left, which is in order and apart; between its intervals so many keys are settled.

    Each range costs a page of a listing at least. So there are no more of them than pages with all that is settled,
    and intervals are joined whose neighbouring ends have most in common: few keys lie between them.
    """
    most = min(MOST_RANGES, max(LEAST_RANGES, settled // PAGE_KEYS))
    if len(left) <= most:
        return tuple(left)
    gaps = range(1, len(left))
    parted = set(nlargest(most - 1, gaps, key=lambda gap: (-shared(left[gap - 1].end or "", left[gap].after), -gap)))
    ranges: list[KeyRange] = []
    for number, one in enumerate(left):
        if ranges and number not in parted:
            ranges[-1] = KeyRange(ranges[-1].after, one.end)
        else:
            ranges.append(one)
    return tuple(ranges)


def walk_order(ranges: Sequence[KeyRange]) -> list[int]:
    """The numbers of the ranges in the order in which they are walked: first those whose ends have least in common.

    Most keys lie in these. The others hold few, most of which failed before and may do so again: however many there
    are, what is new does not wait for them, so that a run which is killed every minute gets on.
    """
    return sorted(range(len(ranges)), key=lambda number: shared(ranges[number].after, ranges[number].end or ""))
