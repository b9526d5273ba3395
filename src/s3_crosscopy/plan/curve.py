"""The rate over time: thinned while it is measured, and summed over tasks that ran at different times."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from s3_crosscopy.model.view import Curve, Rate

MOST_POINTS = 60
"""Of a history: as many as a small chart can show, and below 1 KB of the checkpoint's 48."""

STEP_S = 5.0
"""The narrowest step of a curve: the engine measures no finer."""

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


def rates(history: Iterable[Point], until: float) -> tuple[Rate, ...]:
    """A history whose last span ended at `until`, in seconds since 1970. Spans that do not go forward are left out."""
    points = list(history)
    found, since = [], 0.0
    for end, objects_per_second in points:
        if end > since:
            offset = until - points[-1][0]
            found.append(Rate(offset + since, offset + end, objects_per_second))
            since = end
    return tuple(found)


def summed(each: Iterable[Rate]) -> Curve | None:
    """One curve over all of them: in each of its steps, what they did together. None without any."""
    spans = list(each)
    if not spans:
        return None
    since, until = min(span.since for span in spans), max(span.until for span in spans)
    if not until > since:  # so short that the numbers of these days cannot tell its ends apart
        return None
    steps = max(1, min(MOST_POINTS, math.ceil((until - since) / STEP_S - 1e-6)))
    width = (until - since) / steps
    moved = [0.0] * steps
    for span in spans:
        first = min(steps - 1, int((span.since - since) / width))
        last = min(steps - 1, int((span.until - since) / width))
        for step in range(first, last + 1):
            begins = since + step * width
            overlap = min(span.until, begins + width) - max(span.since, begins)
            moved[step] += max(0.0, overlap) * span.objects_per_second
    return Curve(since, until, tuple(one / width for one in moved))
