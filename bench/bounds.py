"""What bounds a figure: what was found out with a profiler, by row and transport. Edited by hand."""

from __future__ import annotations

from collections.abc import Mapping

BOUNDS: Mapping[tuple[str, str], str] = {
    ("copies-plain", "fast"): (
        "the system calls of a copy on a connection of its own: a third of the client's samples are in sending,"
        " receiving and polling; a tenth is the signature and the text of the request. The median was 8.19x in the run"
        " before, with 40.1 us a copy and 344 us of s5cmd"
    ),
    ("options", "fast"): (
        "the report: 8 % of the samples of a copy with one are in its rows, of which the lines take 1.3 us, gzip 0.9 us"
        " and the sums for the page 0.4 us; the rounds spread from 1.09x to 1.19x"
    ),
}
