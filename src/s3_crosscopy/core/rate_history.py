"""The rate over time: thinned while it is measured, and summed over tasks that ran at different times."""

from __future__ import annotations

from collections.abc import Sequence

MOST_POINTS = 60
"""Of a history: as many as a small chart can show, and below 1 KB of the checkpoint's 48."""


Point = tuple[float, float]
"""When a span ended, in seconds since the attempt began, and the objects a second in it. It began as the last ended."""


def thinned(history: Sequence[Point]) -> tuple[Point, ...]:
    """The same run in no more than `MOST_POINTS`: when there are more, each two neighbours become one."""
    if len(history) <= MOST_POINTS:
        return tuple(history)
    wide: list[Point] = []
    since = 0.0
    for first, second in zip(history[::2], history[1::2], strict=False):
        moved = (first[0] - since) * first[1] + (second[0] - first[0]) * second[1]
        wide.append((second[0], moved / (second[0] - since)))
        since = second[0]
    return (*wide, *history[len(wide) * 2 :])
