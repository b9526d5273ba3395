"""What bounds a figure: what was found out with a profiler, by row and transport. Edited by hand."""

from __future__ import annotations

from collections.abc import Mapping

BOUNDS: Mapping[tuple[str, str], str] = {
    ("copies-plain", "fast"): (
        "two days before it was 7.9x: a copy took 43.8 us and s5cmd's 348 us, which now takes 307 us on the same"
        " machine. What a copy does more since then was not profiled yet; over TLS it takes 51 us"
    ),
    ("threads", "fast"): "the same copies as in the first row, against the same yardstick: 28x two days before",
    ("load-generator", "fast"): (
        "of a copy's CPU (`perf`, two days before) half is Python, a fifth the kernel, most of that `sendto`, a sixth"
        " libcurl, a tenth malloc, and 3 % the hashes of the signature"
    ),
    ("scale-out", "fast"): (
        "the worker with less to do copied 43.9 % of the objects, and 56.1 % on the other allow 1.78x: Celery gave out"
        " the shards unevenly"
    ),
}
