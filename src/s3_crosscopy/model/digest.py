"""What a report's rows come to: sums, sizes, copies over time, and the few rows that are worth a look.

Bounded however many rows there were, so that a page of a hundred million objects is as small as one of a thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from s3_crosscopy.model.census import Sum, total
from s3_crosscopy.model.parse import show_bytes
from s3_crosscopy.model.rows import MOST_BYTES, MOST_SECONDS, Row, row_of

FORMAT = 1

MOST_CELLS = 240
"""Of the timeline: as many as a chart can show. With more the cells become twice as wide."""
LEAST_WIDTH_S = 0.01
MOST_ROWS = 2_000
"""Failed rows that are kept; `plan.digest` keeps 1,100."""
MOST_KINDS = 500
"""Reasons, over all outcomes; a copy knows 30."""
MOST_SUM = 2**80
"""Of rows and of their bytes: far above a billion objects of the largest size, and no trouble for a chart's floats."""


class Timeline(NamedTuple):
    """Copies over the run's own time: cell `n` are those that ended from `n * width_s` until `width_s` later."""

    width_s: float
    cells: tuple[Sum, ...] = ()


@dataclass(frozen=True)
class Digest:
    """The sum of `rows` rows. `whole=False`: the report has more, which were not read.

    `outcomes` is outcome -> reason -> sum, `sizes` the copies (in a dry run: what would be copied) by power of two, see
    `size_span`. `failed` are some of the failed, of every reason and code; `slowest` those that took longest, the
    slowest first.
    """

    rows: int
    whole: bool
    outcomes: Mapping[str, Mapping[str, Sum]]
    sizes: Mapping[int, Sum]
    timeline: Timeline
    failed: tuple[Row, ...] = ()
    slowest: tuple[Row, ...] = ()

    def of_outcome(self, outcome: str) -> Sum:
        """All rows of one outcome."""
        return total(self.outcomes.get(outcome, {}).values())

    def of_reason(self, reason: str) -> Sum:
        """All rows of one reason, whatever their outcome."""
        return total(reasons[reason] for reasons in self.outcomes.values() if reason in reasons)


def size_span(row: int) -> str:
    """What a row of `Digest.sizes` holds, for people: row `n` are the sizes that take `n` binary digits."""
    if row == 0:
        return "empty"
    return f"{show_bytes(2 ** (row - 1))} to below {show_bytes(2**row)}"


def to_json(digest: Digest) -> dict[str, Any]:
    """As JSON values."""
    return {
        "format": FORMAT,
        "rows": digest.rows,
        "whole": digest.whole,
        "outcomes": {
            outcome: {reason: list(one) for reason, one in reasons.items()}
            for outcome, reasons in digest.outcomes.items()
        },
        "sizes": {str(row): list(one) for row, one in digest.sizes.items()},
        "timeline": {"width_s": digest.timeline.width_s, "cells": [list(one) for one in digest.timeline.cells]},
        "failed": [row._asdict() for row in digest.failed],
        "slowest": [row._asdict() for row in digest.slowest],
    }


def from_json(kept: Mapping[str, Any]) -> Digest:
    """What `to_json` made the values of. Raises ValueError for anything else."""
    try:
        digest = Digest(
            rows=int(kept["rows"]),
            whole=bool(kept["whole"]),
            outcomes={
                outcome: {reason: _sum(one) for reason, one in reasons.items()}
                for outcome, reasons in kept["outcomes"].items()
            },
            sizes={_size(row): _sum(one) for row, one in kept["sizes"].items()},
            timeline=Timeline(float(kept["timeline"]["width_s"]), tuple(map(_sum, kept["timeline"]["cells"]))),
            failed=tuple(map(row_of, kept["failed"])),
            slowest=tuple(map(row_of, kept["slowest"])),
        )
    except (AttributeError, KeyError, TypeError, OverflowError) as error:
        raise ValueError(str(error)) from error
    if to_json(digest) != kept:
        raise ValueError("of another shape")
    _check(digest)
    return digest


def _sum(kept: Iterable[Any]) -> Sum:
    one = Sum(*map(int, kept))
    if not all(0 <= number <= MOST_SUM for number in one):
        raise ValueError("less than nothing, or more than there is")
    return one


def _size(row: str) -> int:
    if not (row.isascii() and row.isdigit() and len(row) < 3 and int(row) <= MOST_BYTES.bit_length()):
        raise ValueError("a size that no object has")
    return int(row)


def _check(digest: Digest) -> None:
    """Of what the page draws."""
    if not 0 <= digest.rows <= MOST_SUM:
        raise ValueError("a number of rows that no report has")
    if not (LEAST_WIDTH_S <= digest.timeline.width_s <= MOST_SECONDS and len(digest.timeline.cells) <= MOST_CELLS):
        raise ValueError("a timeline of another kind")
    if len(digest.outcomes) > MOST_KINDS or sum(map(len, digest.outcomes.values())) > MOST_KINDS:
        raise ValueError("more reasons than there are")
    if len(digest.failed) > MOST_ROWS or len(digest.slowest) > MOST_ROWS:
        raise ValueError("more rows than a digest has")
