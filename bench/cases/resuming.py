"""The row about resuming: a copy is killed half-way, and what counts is how soon the next one copies something new."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.canned_server import Front, Shape, serving
from bench.cases.case import WINDOW, Measured, figure, label
from bench.figures import spread
from bench.peers import KEPT, ours
from bench.runner import Bench
from bench.timing import SERVER_CPU, Failed

KEYS = 2_000_000


def first_new_copy(bench: Bench) -> Measured:
    """Seconds from the start of a process to its first copy of a key that the destination has not.

    Half of all keys are copied by the faster transport, which dies by `kill -9`. Each resumed run begins with the
    checkpoint that was there then, and is killed at its first new copy. The destination lists what it got.
    """
    number = bench.size(KEYS)
    saved, used = bench.folder() / "checkpoint.json", bench.folder() / "checkpoint.json"
    took: dict[str, list[float]] = {}
    with serving(Shape(number, counting=True), SERVER_CPU) as front:
        copied = _killed_half_way(bench, front, number, saved)
        for transport in bench.transports:
            took[transport] = [
                bench.undisturbed(partial(_resumed_s, bench, front, transport, saved, used))
                for _ in range(bench.rounds(3))
            ]
    told = [
        figure("copied before the kill", "requests", [copied]),
        *(figure(f"{label(transport)}: to the first new copy", "s", each) for transport, each in took.items()),
    ]
    return Measured({transport: spread(each) for transport, each in took.items()}, tuple(told))


def _killed_half_way(bench: Bench, front: Front, number: int, checkpoint: Path) -> int:
    """Copy half of the keys, and die. Returns the copies asked for. Raises Failed."""
    bench.tell(f"{number // 2:,} of {number:,} objects are copied, then kill -9")
    _run(bench, front, bench.transports[-1], checkpoint, lambda: front.counts()["copy"] >= number // 2)
    if not checkpoint.exists():
        raise Failed("there was no checkpoint when the copy was killed")
    return front.counts()["copy"]


def _resumed_s(bench: Bench, front: Front, transport: str, saved: Path, used: Path) -> float:
    bench.tell(f"{label(transport)}: resumes")
    shutil.copyfile(saved, used)
    front.first_new(forget=True)
    began = time.time()
    _run(bench, front, transport, used, lambda: front.first_new() is not None)
    first = front.first_new()
    if first is None:
        raise Failed("the resumed copy copied nothing new")
    return first - began


def _run(bench: Bench, front: Front, transport: str, checkpoint: Path, until: Callable[[], bool]) -> None:
    more = ("--checkpoint", str(checkpoint), "--max-concurrency", str(WINDOW))
    bench.run(ours(transport, "copy", KEPT, *more), front, until)
