"""The digest of a report's rows: sums, sizes, copies over time, some failed rows and the slowest ones.

Its size is limited whatever the number of rows: the page of a hundred million objects is as small as one of a thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from s3_crosscopy.model.dry_run import Sum, total
from s3_crosscopy.model.option_parsers import show_bytes
from s3_crosscopy.model.report_row import MOST_BYTES, MOST_SECONDS, ReportRow, row_of

FORMAT = 1
MOST_CELLS = 240
"""The cells of a timeline, as many as a chart can show. For a longer time the cells become twice as wide."""
LEAST_WIDTH_S = 0.01
MOST_ROWS = 2_000
"""The limit of failed rows in a digest that is read; a `Digester` keeps 1,100."""
MOST_KINDS = 500
"""The limit of reasons, over all outcomes; a copy has 30."""
MOST_SUM = 2**80
"""The limit of rows and of bytes: far above a billion objects of the largest size, and exact enough as a float."""


class Timeline(NamedTuple):
    """Copies over the run's time: cell `n` is the sum of those done from `n * width_s` to `(n + 1) * width_s`."""

    width_s: float
    cells: tuple[Sum, ...] = ()


@dataclass(frozen=True)
class Digest:
    """The digest of `rows` rows.

    whole: False if the report has more rows, which were not read.
    outcomes: outcome -> reason -> sum.
    sizes: the copies (in a dry run, what would be copied) by power of two, see `size_span`.
    failed: some of the failed rows, of every reason and code.
    slowest: the rows that took longest, the slowest first.
    """

    rows: int
    whole: bool
    outcomes: Mapping[str, Mapping[str, Sum]]
    sizes: Mapping[int, Sum]
    timeline: Timeline
    failed: tuple[ReportRow, ...] = ()
    slowest: tuple[ReportRow, ...] = ()

    def of_outcome(self, outcome: str) -> Sum:
        """The sum of all rows of one outcome."""
        return total(self.outcomes.get(outcome, {}).values())

    def of_reason(self, reason: str) -> Sum:
        """The sum of all rows of one reason, of any outcome."""
        return total(reasons[reason] for reasons in self.outcomes.values() if reason in reasons)


def size_span(row: int) -> str:
    """The label of an entry of `Digest.sizes`: entry `n` has the sizes of `n` binary digits."""
    if row == 0:
        return "empty"
    return f"{show_bytes(2 ** (row - 1))} to below {show_bytes(2**row)}"


def to_json(digest: Digest) -> dict[str, Any]:
    """The digest as JSON values."""
    return {
        "format": FORMAT,
        "rows": digest.rows,
        "whole": digest.whole,
        "outcomes": {
            outcome: {reason: list(amount) for reason, amount in reasons.items()}
            for outcome, reasons in digest.outcomes.items()
        },
        "sizes": {str(row): list(amount) for row, amount in digest.sizes.items()},
        "timeline": {"width_s": digest.timeline.width_s, "cells": [list(cell) for cell in digest.timeline.cells]},
        "failed": [row._asdict() for row in digest.failed],
        "slowest": [row._asdict() for row in digest.slowest],
    }


def from_json(raw: Mapping[str, Any]) -> Digest:
    """The digest from the values of `to_json`. Raises ValueError for any others."""
    try:
        digest = Digest(
            rows=int(raw["rows"]),
            whole=bool(raw["whole"]),
            outcomes={
                outcome: {reason: _sum(amount) for reason, amount in reasons.items()}
                for outcome, reasons in raw["outcomes"].items()
            },
            sizes={_size(row): _sum(amount) for row, amount in raw["sizes"].items()},
            timeline=Timeline(float(raw["timeline"]["width_s"]), tuple(map(_sum, raw["timeline"]["cells"]))),
            failed=tuple(map(row_of, raw["failed"])),
            slowest=tuple(map(row_of, raw["slowest"])),
        )
    except (AttributeError, KeyError, TypeError, OverflowError) as error:
        raise ValueError(str(error)) from error
    if to_json(digest) != raw:
        raise ValueError("of another form")
    _check(digest)
    return digest


def _sum(raw: Iterable[Any]) -> Sum:
    amount = Sum(*map(int, raw))
    if not all(0 <= number <= MOST_SUM for number in amount):
        raise ValueError("a sum below zero or over the limit")
    return amount


def _size(row: str) -> int:
    if not (row.isascii() and row.isdigit() and len(row) < 3 and int(row) <= MOST_BYTES.bit_length()):
        raise ValueError("a size that no object has")
    return int(row)


def _check(digest: Digest) -> None:
    """Raise ValueError for values that the page cannot show."""
    if not 0 <= digest.rows <= MOST_SUM:
        raise ValueError("a number of rows that no report has")
    if not (LEAST_WIDTH_S <= digest.timeline.width_s <= MOST_SECONDS and len(digest.timeline.cells) <= MOST_CELLS):
        raise ValueError("a timeline of another kind")
    if len(digest.outcomes) > MOST_KINDS or sum(map(len, digest.outcomes.values())) > MOST_KINDS:
        raise ValueError("more reasons than a digest has")
    if len(digest.failed) > MOST_ROWS or len(digest.slowest) > MOST_ROWS:
        raise ValueError("more rows than a digest has")
