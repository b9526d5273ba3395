"""What bounds a figure: what was found out with a profiler, by row and transport. Edited by hand."""

from __future__ import annotations

from collections.abc import Mapping

BOUNDS: Mapping[tuple[str, str], str] = {
    ("load-generator", "fast"): (
        "of a copy's CPU (`perf`) half is Python, a fifth the kernel, most of that `sendto`, a sixth libcurl, a tenth"
        " malloc, and 3 % the hashes of the signature"
    ),
    ("parallel", "fast"): (
        "this run had 32 LISTs at once, which is 320 pages a second at 100 ms; a third of the time goes into the start"
        " of Python (0.6 s) and into the first splits (1.3 s), which full pages have to earn. With 40 at once it was"
        " 5.3 to 5.4 s, 19.8x, in three runs of that row's command on the same day. Since then there are 44, measured"
        " only on a day on which the machine took twice the CPU for everything (89 us a copy, boto3 2,620 us): 7.8 to"
        " 8.5 s, 13.6x, with the client's core 87 % busy"
    ),
    ("plan", "fast"): (
        "half of it is the regular expression that reads the rows. Since this run it takes two thirds of the time, and"
        " a key 1.34 times less CPU (seven alternating runs of that row's command, before and after, on a busy machine)"
    ),
    ("scale-out", "fast"): (
        "its two rounds differ by a third, and why was not looked into; the row alone was 1.98x (1.98x to 1.99x) a day"
        " before"
    ),
}
