"""What one soak is: how many keys, when it is killed, and what breaks meanwhile."""

from __future__ import annotations

from typing import NamedTuple

from bench.soak.destination import there_at_first
from bench.soak.key_space import LARGEST, PER, Place, Trouble, trouble_number, trouble_of


class Shape(NamedTuple):
    """Of ten partitions `fresh` are to be copied whole and one by half; the rest is there already.

    Killed every `kill_every_s`, or at `kills` moments that the number of copies sets: the last two of them while the
    markers are copied. The outages, of S3, of STS and of the folder of the checkpoint, come in this order, and nobody
    kills meanwhile. The run is given up after `minutes`.
    """

    keys: int
    fresh: int = 8
    kills: int | None = None
    kill_every_s: float = 60.0
    save_every_s: float = 10.0
    overwrite: str = "if_changed"
    outage_s: float = 0.0
    sts_outage_s: float = 0.0
    store_outage_s: float = 0.0
    sts_lifetime_s: int = 960
    minutes: float = 180.0
    window: int = 64
    sample_s: float = 1.0


LATE_KILLS = 2
"""Of those at set moments: after the failing keys were mended."""
OUTAGES = (("outage", 0.15), ("sts_away", 0.4), ("store", 0.65))
"""What breaks, and at which share of all copies."""


class Amounts(NamedTuple):
    """How many keys the soak copies, and how many of them fail until they are mended.

    `lost`: those whose copy is made once without an answer, so that it is made again. `unlike`: those whose copy never
    has the source's ETag, so that a later attempt cannot tell who made it.
    """

    copies: int
    failing: int
    markers: int
    lost: int = 0
    unlike: int = 0


def amounts(shape: Shape) -> Amounts:
    """Counted over all partitions. With `overwrite=always` everything is copied."""
    always = shape.overwrite == "always"
    kinds = [sum(always or not there_at_first(Place(i, j), shape.fresh) for j in range(PER)) for i in range(10)]
    copies = failing = markers = lost = unlike = 0
    for partition in range(shape.keys // PER):
        copies += kinds[partition % 10]
        markers += always or not there_at_first(Place(partition, 0), shape.fresh)
        place = Place(partition, trouble_number(partition))
        missing = always or not there_at_first(place, shape.fresh)
        failing += missing and trouble_of(place) in (Trouble.DENIED, Trouble.INVALID)
        lost += missing and trouble_of(place) is Trouble.LOST
        unlike += always or not there_at_first(Place(partition, LARGEST[1]), shape.fresh)
    return Amounts(copies, failing, markers, lost, unlike)


def moments(shape: Shape) -> list[int]:
    """At which numbers of copies it is killed."""
    if shape.kills is None:
        return []
    amount = amounts(shape)
    late = min(LATE_KILLS, shape.kills)
    early = shape.kills - late
    before = amount.copies - amount.failing - amount.markers
    after = amount.failing + amount.markers
    first = [before * (i + 1) // (early + 1) for i in range(early)]
    return first + [before + after * (i + 1) // (late + 1) for i in range(late)]
