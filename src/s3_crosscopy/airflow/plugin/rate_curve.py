"""Rates over time of several tasks, summed into one curve."""

from __future__ import annotations

import math
from collections.abc import Iterable

from s3_crosscopy.airflow.plugin.progress_model import Curve, Rate
from s3_crosscopy.core.rate_history import MOST_POINTS, Point

STEP_S = 5.0
"""The narrowest step of a curve: the engine measures no finer."""


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
