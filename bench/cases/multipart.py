"""Rows about one large object: how full its window is, and how many requests it takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

from bench.canned_server import Shape, serving
from bench.cases.case import Measured, figure, label
from bench.figures import spread
from bench.peers import Command, ours
from bench.runner import Bench
from bench.timing import SERVER_CPU, Failed

TIB = 2**40
PARTS = 8_192
"""1 TiB in parts of 128 MiB, and an ETag that only these parts give."""
FEWEST = 205
"""1 TiB in the greatest parts that there may be, 5 GiB."""
WINDOW_PARTS = 64
PART_S = 0.1
"""A window of 64 then asks for 640 parts a second, which any client can: S3 takes longer for 128 MiB."""


class Asked(NamedTuple):
    """What the front was asked for one object."""

    requests: int
    peak_parts: int


def parts_in_flight(bench: Bench) -> Measured:
    return _measured(bench, PARTS, lambda asked: asked.peak_parts)


def requests_with_the_etag_kept(bench: Bench) -> Measured:
    return _measured(bench, PARTS, lambda asked: asked.requests)


def requests_at_least(bench: Bench) -> Measured:
    return _measured(bench, 1, lambda asked: asked.requests)


def _measured(bench: Bench, parts: int, take: Callable[[Asked], int]) -> Measured:
    asked = bench.once(f"large {parts}", lambda: _asked(bench, parts))
    told = [
        figure(f"{label(transport)}: parts at once", "requests", [one.peak_parts]) for transport, one in asked.items()
    ]
    return Measured({transport: spread([take(one)]) for transport, one in asked.items()}, tuple(told))


def _asked(bench: Bench, parts: int) -> dict[str, Asked]:
    shape = Shape(0, copy_s=PART_S, counting=True, large_bytes=TIB, large_parts=parts)
    found = {}
    for transport in bench.transports:
        bench.tell(f"{label(transport)}: one object of 1 TiB in {parts if parts > 1 else FEWEST:,} parts")
        with serving(shape, SERVER_CPU) as front:
            try:
                ended = bench.run(_one_object(transport), front)
                if json.loads(ended.said)["copied"] != 1:
                    raise Failed("the object was not copied")
            except Failed as error:
                bench.note(f"{label(transport)}: one large object is missing: {error}")
                continue
            counts = front.counts()
        found[transport] = Asked(counts["requests"], counts["peak_parts"])
    return found


def _one_object(transport: str) -> Command:
    both = ("--kind", "object", "--max-concurrency", str(WINDOW_PARTS))
    prefix = ours(transport, "copy", "s3://empty/in/one.bin", *both)
    return lambda front: ["s3://large/one.bin" if word == "s3://src/data/" else word for word in prefix(front)]
