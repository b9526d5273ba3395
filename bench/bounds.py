"""What bounds a figure: what was found out with a profiler, by row and transport. Edited by hand."""

from __future__ import annotations

from collections.abc import Mapping

BOUNDS: Mapping[tuple[str, str], str] = {
    ("copies-plain", "fast"): (
        "sending: 17 % of the client's samples, most of them in the kernel; a tenth is the signature and the text of"
        " the request, and the rest is spread over forty functions of less than 4 % each"
    ),
    ("options", "fast"): (
        "the report: recording a row takes 0.5 us, its line 0.6 us, gzip and the sums for the page 0.2 us each,"
        " measured alone"
    ),
}
