"""How many shards each of several prefixes gets. Arithmetic over estimates; knows no key."""

from __future__ import annotations

from collections.abc import Sequence


def allot(keys: Sequence[int], shards: int) -> list[int]:
    """How many of the `shards` each prefix gets, by the keys in it: at least one each, by largest remainder.

    Their sum is `shards`, or one each if there are fewer shards than prefixes. What nobody knows a key of counts as
    little as what is empty. Of equal remainders the first prefix gets more, so that it is the same each time.
    """
    given = [1] * len(keys)
    rest = shards - len(keys)
    total = sum(keys)
    if rest <= 0 or total <= 0:
        return _evenly(given, max(0, rest))
    # What is above the one that each has: a prefix that deserves less than one takes nothing from the others.
    claims = [max(0.0, shards * each / total - 1) for each in keys]
    claimed = sum(claims)
    exact = [rest * claim / claimed if claimed else 0.0 for claim in claims]
    given = [1 + int(each) for each in exact]
    order = sorted(range(len(keys)), key=lambda at: int(exact[at]) - exact[at])
    for at in order[: shards - sum(given)]:
        given[at] += 1
    return given


def _evenly(given: list[int], rest: int) -> list[int]:
    return [each + rest // len(given) + (at < rest % len(given)) for at, each in enumerate(given)]
