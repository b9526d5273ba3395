"""Packs a plan of shards into small XCom values, and limits the XCom that the tasks of a group use.

All that the tasks write and read is at most `MOST_BYTES`, for a thousand shards as for ten: fewer shards have larger
shares. A shard is read by one task, so a value has only a few; a result is read twice, by publish and by summary.
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
"""Shards in one value: similar keys compress well together, and a plan of a thousand shards is 63 values."""

PLAN = 1_300_000
"""Bytes of the values with the shards, each counted as often as it is read: once for each shard in it."""
RESULTS = 800_000
"""Bytes of the results of all shards: written once, read twice."""
PUBLISHED = 350_000
"""Bytes of the results of the publish task, one a pair: written and read once."""
LEAST = 800
"""Bytes of one result of more than a thousand shards: the counts alone take that much."""
MOST_SHARE = 64_000
"""Bytes of one value, however few shards there are: it is a row in a database and a line in Airflow's UI."""

DISTINCT = (8, 2)
"""Characters kept of a bound after the part that it shares with its neighbours; tried in this order."""
SHORT = (256, 64, 16)
"""Characters kept after the prefix, if that is not enough. Shards whose bounds become equal are joined."""


class Fitted(NamedTuple):
    """The shards, perhaps fewer than planned, and the packed values with `TOGETHER` shards in each."""

    shards: list[Shard]
    packed: list[str]
    fits: bool


def share(total: int, of: int, least: int = LEAST) -> int:
    """The bytes of `total` that each of `of` values may use."""
    return min(MOST_SHARE, max(least, total // max(1, of)))


def json_bytes(value: object) -> int:
    """The bytes of a value in XCom, as Airflow writes JSON into its database."""
    return len(json.dumps(value))


def fitted(shards: Sequence[Shard], total: int = PLAN) -> Fitted:
    """The shards unchanged if their values fit into `total` bytes, else with bounds that are shortened step by step.

    Any text is a valid bound, so no key is lost; shards only become less even. If nothing fits, the shortest bounds are
    used and `fits` is False.
    """
    packed = _packed(list(shards), total)
    for shortened in _shortened(shards):
        if packed.fits:
            break
        packed = _packed(shortened, total)
    return packed


def _shortened(shards: Sequence[Shard]) -> Iterator[list[Shard]]:
    for more in DISTINCT:
        yield _rebound(shards, _distinct(shards, more))
    short = _distinct(shards, DISTINCT[-1])
    for most in SHORT:
        cut = [bound[: _prefix_length(shard) + most] for shard, bound in zip(shards, short, strict=True)]
        yield _rebound(shards, cut)


def _packed(shards: list[Shard], total: int) -> Fitted:
    parts = [shards[index : index + TOGETHER] for index in range(0, len(shards), TOGETHER)]
    packed = [pack([shard.to_json() for shard in part]) for part in parts]
    most = share(total, len(shards))
    return Fitted(shards, packed, all(len(value) <= most for value in packed))


def _prefix_length(shard: Shard) -> int:
    return len(shard.source.removeprefix("s3://").partition("/")[2])


def _distinct(shards: Sequence[Shard], more: int) -> list[str]:
    """The lower bounds of the shards ("" for the first of a pair), cut `more` characters after they differ."""
    bounds = [shard.range.after for shard in shards]
    common = [shared(bound, following) for bound, following in pairwise(bounds)]
    needed = [max(pair) for pair in zip([0, *common], [*common, 0], strict=True)] if bounds else []
    return [bound[: length + more] for bound, length in zip(bounds, needed, strict=True)]


def _rebound(shards: Sequence[Shard], bounds: Sequence[str]) -> list[Shard]:
    """The shards with these lower bounds, renumbered; a shard with the bound of the one before is joined to it."""
    rebound: list[Shard] = []
    for shard, after in zip(shards, bounds, strict=True):
        last = rebound[-1] if rebound else None
        if last is None or last.pair != shard.pair:
            rebound.append(replace(shard, range=KeyRange(after, shard.range.end)))
        elif after == last.range.after:
            rebound[-1] = replace(last, range=KeyRange(after, shard.range.end), keys=last.keys + shard.keys)
        else:
            rebound[-1] = replace(last, range=KeyRange(last.range.after, after))
            rebound.append(replace(shard, range=KeyRange(after, shard.range.end)))
    return [replace(shard, number=number, of=len(rebound)) for number, shard in enumerate(rebound, start=1)]


def unpacked(parts: Iterable[Sequence[object]]) -> list[Shard]:
    """The shards of unpacked values that `fitted` made. Raises InvalidInput."""
    return [Shard.from_json(shard) for part in parts for shard in part]
