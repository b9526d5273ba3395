"""Sums the rates of several tasks over time into one curve."""

from __future__ import annotations

import math
from collections.abc import Iterable

from s3_crosscopy.airflow.plugin.progress_model import Curve, Rate
from s3_crosscopy.core.rate_history import MOST_POINTS, Point

STEP_S = 5.0
"""Seconds of the narrowest step of a curve, which is the interval at which the engine measures."""


def rates(history: Iterable[Point], until: float) -> tuple[Rate, ...]:
    """The rates of a history whose last point is at `until` (seconds since 1970). Points out of order are left out."""
    points = list(history)
    spans, since = [], 0.0
    for end, objects_per_second in points:
        if end > since:
            offset = until - points[-1][0]
            spans.append(Rate(offset + since, offset + end, objects_per_second))
            since = end
    return tuple(spans)


def summed(rates: Iterable[Rate]) -> Curve | None:
    """One curve with the total rate in each of its steps. None without any rates."""
    spans = list(rates)
    if not spans:
        return None
    since, until = min(span.since for span in spans), max(span.until for span in spans)
    if not until > since:  # A span too short for a float of today's seconds since 1970.
        return None
    steps = max(1, min(MOST_POINTS, math.ceil((until - since) / STEP_S - 1e-6)))
    width = (until - since) / steps
    objects = [0.0] * steps
    for span in spans:
        first = min(steps - 1, int((span.since - since) / width))
        last = min(steps - 1, int((span.until - since) / width))
        for step in range(first, last + 1):
            start = since + step * width
            overlap = min(span.until, start + width) - max(span.since, start)
            objects[step] += max(0.0, overlap) * span.objects_per_second
    return Curve(since, until, tuple(number / width for number in objects))
