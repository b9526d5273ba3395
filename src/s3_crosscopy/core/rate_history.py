"""Keeps the history of the copy rate to a bounded number of points."""

from __future__ import annotations

from collections.abc import Sequence

MOST_POINTS = 60
"""Points of a history: as many as a small chart can show, and less than 1 KB of the checkpoint's 48 KB."""


Point = tuple[float, float]
"""End of a time span in seconds since the start of the attempt, and the objects per second in it. It begins at the end
of the span before."""


def thinned(history: Sequence[Point]) -> tuple[Point, ...]:
    """Return the history in at most `MOST_POINTS` points: if there are more, each two neighbours are merged."""
    if len(history) <= MOST_POINTS:
        return tuple(history)
    merged: list[Point] = []
    start = 0.0
    for first, second in zip(history[::2], history[1::2], strict=False):
        objects = (first[0] - start) * first[1] + (second[0] - first[0]) * second[1]
        merged.append((second[0], objects / (second[0] - start)))
        start = second[0]
    return (*merged, *history[len(merged) * 2 :])
