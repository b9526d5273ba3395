"""What bounds a figure: what was found out with a profiler, by row and transport. Edited by hand."""

from __future__ import annotations

from collections.abc import Mapping

BOUNDS: Mapping[tuple[str, str], str] = {
    ("options", "fast"): (
        "the report, whose row adds some 4 us to a copy; that was a twelfth of a copy before copies went over"
        " connections of their own. The rounds spread from 0.98x to 1.52x"
    ),
    ("scale-out", "fast"): (
        "the worker with less to do copied 43.9 % of the objects, and 56.1 % on the other allow 1.78x: Celery gave out"
        " the shards unevenly"
    ),
}
