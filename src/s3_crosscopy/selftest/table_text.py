"""The result of a self-test as text: every check with what was expected and seen, then what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from s3_crosscopy.model.humanize import printable
from s3_crosscopy.selftest.fact_table import FACTS
from s3_crosscopy.selftest.verdicts import CheckRow, SelftestVerdict

if TYPE_CHECKING:
    from s3_crosscopy.selftest.selftest_run import SelftestResult

_WIDTHS = (9, 28, 48, 34)
_HEAD = ("verdict", "check", "subject", "expected", "seen")


def result_text(result: SelftestResult) -> str:
    """Return the table and its summary."""
    return "\n".join(printable(line).rstrip() for line in _lines(result))


def _lines(result: SelftestResult) -> Iterator[str]:
    yield _line(_HEAD)
    for row in result.rows:
        yield _line((row.verdict.value, row.id, row.subject, row.expected, _seen(row)))
    yield ""
    for row in result.rows:
        if row.verdict is SelftestVerdict.DIFFERS:
            yield from _difference(row)
    counts = Counter(row.verdict for row in result.rows)
    yield ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in SelftestVerdict)
    requests = ", ".join(f"{number} {call}" for call, number in result.requests.items())
    yield f"in {result.seconds:.0f} s, with these requests besides those of the copies: {requests}"
    if result.stopped:
        yield f"not complete: {result.stopped}"
    yield from _left(result.left)


def _seen(row: CheckRow) -> str:
    return row.why if row.verdict is SelftestVerdict.NOT_TRIED else row.seen


def _difference(row: CheckRow) -> Iterator[str]:
    fact = FACTS[row.fact]
    yield f"differs: {row.subject} ({row.id})"
    yield f"  the fact: {fact.text} ({fact.source})"
    yield f"  expected: {row.expected}"
    yield f"  seen:     {row.seen}"


def _left(left: Sequence[str]) -> Iterator[str]:
    if not left:
        yield "everything that was written is removed"
        return
    yield f"{len(left)} things could not be removed; please remove them:"
    yield from (f"  {line}" for line in left)


def _line(cells: Sequence[str]) -> str:
    *start, last = cells
    return "  ".join([cell.ljust(width) for cell, width in zip(start, _WIDTHS, strict=True)] + [last])
