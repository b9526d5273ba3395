"""Divides a number of shards among several prefixes by their estimated number of keys."""

from __future__ import annotations

from collections.abc import Sequence


def allot(keys: Sequence[int], shards: int) -> list[int]:
    """The number of shards for each prefix, in proportion to its `keys`, by the largest-remainder method.

    Each prefix gets at least one shard. The sum is `shards`, or one each if there are fewer shards than prefixes. Of
    equal remainders the first prefix gets the shard, so that the result is always the same.
    """
    allotted = [1] * len(keys)
    rest = shards - len(keys)
    total = sum(keys)
    if rest <= 0 or total <= 0:
        return _evenly(allotted, max(0, rest))
    # The claims above one shard: a prefix whose share is less than one takes nothing from the others.
    claims = [max(0.0, shards * number / total - 1) for number in keys]
    claimed = sum(claims)
    exact = [rest * claim / claimed if claimed else 0.0 for claim in claims]
    allotted = [1 + int(share) for share in exact]
    order = sorted(range(len(keys)), key=lambda index: int(exact[index]) - exact[index])
    for index in order[: shards - sum(allotted)]:
        allotted[index] += 1
    return allotted


def _evenly(allotted: list[int], rest: int) -> list[int]:
    share, remainder = divmod(rest, len(allotted))
    return [number + share + (index < remainder) for index, number in enumerate(allotted)]
