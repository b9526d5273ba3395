"""A digest as JSON values, and back; limits what a damaged or hostile file may make of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from s3_crosscopy.model.dry_run import Sum
from s3_crosscopy.model.report_row import MOST_BYTES, MOST_SECONDS, row_of
from s3_crosscopy.report.digest import MOST_CELLS, MOST_KINDS, MOST_MESSAGES, Digest, FailedAlike, Timeline

FORMAT = 2
LEAST_WIDTH_S = 0.01
MOST_ROWS = 2_000
"""The limit of failed rows in a digest that is read; a `Digester` keeps 1,100."""
MOST_SUM = 2**80
"""The limit of rows and of bytes: far above a billion objects of the largest size, and exact enough as a float."""


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
        "messages": [list(alike) for alike in digest.messages],
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
            messages=tuple(map(_alike, raw["messages"])),
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


def _alike(raw: Iterable[Any]) -> FailedAlike:
    alike = FailedAlike(*raw)
    texts = (*alike[:4], alike.key)
    if not all(isinstance(text, str) for text in texts) or not 0 <= int(alike.rows) <= MOST_SUM:
        raise ValueError("no message of failed rows")
    return alike._replace(rows=int(alike.rows))


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
    if len(digest.messages) > MOST_MESSAGES or len(digest.failed) > MOST_ROWS or len(digest.slowest) > MOST_ROWS:
        raise ValueError("more rows than a digest has")
