"""Estimates how many keys a running listing has still to list, from pages that it has listed anyway. Makes no request.

Between the last page of a range and the first page of the next range lies a gap, estimated as `gap` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from s3_crosscopy.core.keyspace.gap import PageSample, divide
from s3_crosscopy.core.keyspace.key_codec import TOP


class ListedPage(NamedTuple):
    """A page that was listed after `after`: some of its keys, evenly, and how many there are."""

    after: str
    sample: Sequence[str]
    keys: int

    def as_sample(self) -> PageSample:
        """The page as an end of a gap."""
        page = PageSample(self.after, self.sample, done=False)
        page.marks = list(self.sample)
        page.counts = [max(1, round(self.keys / len(self.sample)))] * len(self.sample)
        return page


class Frontier(NamedTuple):
    """A range up to `end` that is being listed: its last page so far, None before the first. `end` None: no end."""

    end: str | None
    last: ListedPage | None


def remaining_keys(frontiers: Sequence[Frontier], first_pages: Mapping[str, ListedPage], prefix: str) -> int | None:
    """Return an estimate of the keys behind the last pages of these ranges, which are in order.

    first_pages: the first page of each range, by the start of the range. None: nothing can be estimated yet.
    """
    ends: list[tuple[ListedPage, str | None]] = []
    for frontier in frontiers:
        if frontier.last is not None:
            ends.append((frontier.last, frontier.end))
        elif ends:
            # Not listed yet: a part of the gap behind the range before it.
            ends[-1] = (ends[-1][0], frontier.end)
        else:
            return None
    near = [page.as_sample() for page in first_pages.values()]
    return round(sum(_behind(page, end, first_pages, near, prefix) for page, end in ends))


def _behind(
    page: ListedPage, end: str | None, first_pages: Mapping[str, ListedPage], near: Sequence[PageSample], prefix: str
) -> float:
    left, high = page.as_sample(), prefix + TOP if end is None else end
    if left.last >= high:
        return 0.0
    following = None if end is None else first_pages.get(end)
    right = None if following is None else following.as_sample()
    return sum(gap.keys for gap in divide(left, right, high, [left, *near]))
