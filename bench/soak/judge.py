"""Decides what of a soak's result is not as it must be. Values in, lines out."""

from __future__ import annotations

from collections.abc import Iterator

from bench.soak.script import Result
from s3_crosscopy.model.checkpoint import ROOM

NEVER = (
    "needless",
    "markers too early",
    "from another key",
    "of another version",
    "of another range",
    "completed with other parts",
)
"""Counts of the server that have to be zero."""
AGAIN = ("again, small", "again, large", "again, marker")
MOST_RSS_KIB = 256 * 1024
MOST_GROWTH_KIB = 48 * 1024
"""From the first quarter of the samples to the last."""


def broken(result: Result) -> list[str]:
    """One line for each bound that does not hold."""
    return [*_whole(result), *_right(result), *_once(result), *_small(result)]


def may_be_again(result: Result) -> int:
    """How many copies may be made again: at each kill what was in flight, and what came since the last save."""
    return sum(kill.unsaved + result.shape.window for kill in result.kills)


def again(result: Result) -> int:
    """How many copies were."""
    return sum(result.status["counts"].get(name, 0) for name in AGAIN)


def growth_kib(result: Result) -> int:
    """By how much the most resident memory of the last quarter is above that of the first."""
    rss = [one.rss_kib for one in result.samples]
    quarter = max(1, len(rss) // 4)
    return max(rss[-quarter:], default=0) - max(rss[:quarter], default=0)


def _whole(result: Result) -> Iterator[str]:
    if not result.finished:
        yield f"it was given up after {result.shape.minutes:g} minutes: {result.status['lacks']} are not there"
    elif any(result.status["lacks"].values()):
        yield f"lost: {result.status['lacks']}"
    if result.finished and result.status["uploads"]:
        yield f"{result.status['uploads']} uploads are left open"
    if result.leftovers:
        yield f"{result.leftovers} temporary files are left beside the checkpoint"
    for line in result.ended:
        yield f"an attempt ended by itself: {line}"


def _right(result: Result) -> Iterator[str]:
    for name in NEVER:
        if number := result.status["counts"].get(name, 0):
            yield f"{number} copies: {name}"
    first, last, amounts = result.first_end, result.report, result.amounts
    if first is not None:
        yield from _differ("first end", first, failed=amounts.failing, held_back=amounts.markers)
    if last is not None:
        keys, copied = result.shape.keys, int(str(last["copied"]))
        yield from _differ("end", last, listed=keys, skipped=keys - copied, failed=0, held_back=0)
        # Of a copy that a killed attempt made and did not save, the ETag tells that it is this run's; or nothing does.
        if not amounts.copies - amounts.unlike <= copied <= amounts.copies:
            yield f"end: {copied} copied, not {amounts.copies}, of which {amounts.unlike} may count as skipped"


def _differ(when: str, report: dict[str, object], **expected: int) -> Iterator[str]:
    for name, number in expected.items():
        if report[name] != number:
            yield f"{when}: {report[name]} {name}, not {number}"


def _once(result: Result) -> Iterator[str]:
    most, number = may_be_again(result), again(result)
    if number > most:
        yield f"{number} copies were made again; {most} were in flight or not saved at the kills"
    # Both sides are listed: what arrived is seen there, also where no saved state knows of it.
    seen = result.shape.window * len(result.kills) + result.amounts.lost
    small = result.status["counts"].get("again, small", 0)
    if result.shape.overwrite == "if_changed" and small > seen:
        yield f"{small} small copies were made again that a listing shows; {seen} were in flight at the kills, or lost"


def _small(result: Result) -> Iterator[str]:
    most = max((one.rss_kib for one in result.samples), default=0)
    if most > MOST_RSS_KIB:
        yield f"{most:,} KiB were resident"
    if (grown := growth_kib(result)) > MOST_GROWTH_KIB:
        yield f"memory grew by {grown:,} KiB"
    size = max((one.checkpoint_bytes for one in result.samples), default=0)
    # As text in a file it may have other spaces.
    if size > ROOM:
        yield f"the checkpoint had {size:,} bytes"
