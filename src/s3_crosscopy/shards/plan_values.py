"""How much of Airflow's XCom the tasks of a group use, and how a plan of shards becomes small enough for that.

What they write and read comes to `MOST_BYTES` in all, of a thousand shards as of ten: fewer have larger shares. A shard
is read by one task, so few of them lie together; what shards did is read twice, by publish and by summary.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from s3_crosscopy.core.keyspace.key_codec import shared
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.packed_json import pack
from s3_crosscopy.shards.shard import Shard

MOST_BYTES = 5_000_000
TOGETHER = 16
"""So many shards are one value: what begins alike is packed well, and a plan of a thousand is 63 values to write."""

PLAN = 1_300_000
"""Of the values with the shards, each counted once for each shard in it: so often it is read."""
RESULTS = 800_000
"""Of what all shards did: written once, read twice."""
PUBLISHED = 350_000
"""Of what the publish task did, pair by pair: written and read once."""
LEAST = 800
"""Of one of more than a thousand: the counts of a shard take so much."""
MOST_SHARE = 64_000
"""One value is a row in a database and a line in Airflow's page, however few shards there are."""

DISTINCT = (8, 2)
"""So many characters are kept of a bound behind what it has in common with those beside it."""
SHORT = (256, 64, 16)
"""So many characters behind the prefix, if that is not enough; bounds that become one make one shard of two."""


class Fitted(NamedTuple):
    """The shards, perhaps fewer than planned, and the packed values that hold them, `TOGETHER` in each."""

    shards: list[Shard]
    packed: list[str]
    fits: bool


def share(total: int, of: int, least: int = LEAST) -> int:
    """The bytes that each of so many may take of a total."""
    return min(MOST_SHARE, max(least, total // max(1, of)))


def json_bytes(value: object) -> int:
    """What a value takes in XCom, as Airflow writes JSON into its database."""
    return len(json.dumps(value))


def fitted(shards: Sequence[Shard], total: int = PLAN) -> Fitted:
    """The shards as they are, or with the shortest change of their bounds whose values fit; the shortest if none does.

    Any text is a right bound, so no key is lost: where it is shorter, shards only become less even.
    """
    found = _packed(list(shards), total)
    for ways in _ways(shards):
        if found.fits:
            break
        found = _packed(ways, total)
    return found


def _ways(shards: Sequence[Shard]) -> Iterator[list[Shard]]:
    for more in DISTINCT:
        yield _rebound(shards, _distinct(shards, more))
    short = _distinct(shards, DISTINCT[-1])
    for most in SHORT:
        cut = [bound[: _behind(shard) + most] for shard, bound in zip(shards, short, strict=True)]
        yield _rebound(shards, cut)


def _packed(shards: list[Shard], total: int) -> Fitted:
    parts = [shards[at : at + TOGETHER] for at in range(0, len(shards), TOGETHER)]
    packed = [pack([one.to_json() for one in part]) for part in parts]
    most = share(total, len(shards))
    return Fitted(shards, packed, all(len(one) <= most for one in packed))


def _behind(shard: Shard) -> int:
    """Where a key goes on behind the prefix of its source."""
    return len(shard.source.removeprefix("s3://").partition("/")[2])


def _distinct(shards: Sequence[Shard], more: int) -> list[str]:
    """The bounds at which the shards begin ("" for the first of a pair), each as long as it takes to be another one."""
    bounds = [one.range.after for one in shards]
    alike = [shared(one, other) for one, other in pairwise(bounds)]
    need = [max(pair) for pair in zip([0, *alike], [*alike, 0], strict=True)] if bounds else []
    return [bound[: common + more] for bound, common in zip(bounds, need, strict=True)]


def _rebound(shards: Sequence[Shard], bounds: Sequence[str]) -> list[Shard]:
    """The shards with these beginnings, numbered anew; one that begins where the one before does is part of it."""
    made: list[Shard] = []
    for shard, after in zip(shards, bounds, strict=True):
        last = made[-1] if made else None
        if last is None or last.pair != shard.pair:
            made.append(replace(shard, range=KeyRange(after, shard.range.end)))
        elif after == last.range.after:
            made[-1] = replace(last, range=KeyRange(after, shard.range.end), keys=last.keys + shard.keys)
        else:
            made[-1] = replace(last, range=KeyRange(last.range.after, after))
            made.append(replace(shard, range=KeyRange(after, shard.range.end)))
    return [replace(one, number=number, of=len(made)) for number, one in enumerate(made, start=1)]


def unpacked(parts: Iterable[Sequence[object]]) -> list[Shard]:
    """The shards of the values that `fitted` made, once they are unpacked. Raises InvalidInput."""
    return [Shard.from_json(one) for part in parts for one in part]
