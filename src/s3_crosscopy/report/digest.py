"""The digest of a report's rows: sums, sizes, copies over time, some failed rows and the slowest ones.

Its size is limited whatever the number of rows: the page of a hundred million objects is as small as one of a thousand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from s3_crosscopy.model.dry_run import Sum, total
from s3_crosscopy.model.option_parsers import show_bytes
from s3_crosscopy.model.report_row import ReportRow

MOST_CELLS = 240
"""The cells of a timeline, as many as a chart can show. For a longer time the cells become twice as wide."""
MOST_KINDS = 500
"""The limit of reasons, over all outcomes; a copy has 30."""
MOST_MESSAGES = 100
"""The limit of different messages of failed rows."""


class FailedAlike(NamedTuple):
    """The number of failed rows with one message, and the first of their keys in order.

    In `message` the key is `KEY`, so that messages that differ only by it are equal.
    """

    reason: str
    call: str
    code: str
    message: str
    rows: int
    key: str


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
    messages: all failed rows, counted by message, the most frequent first.
    slowest: the rows that took longest, the slowest first.
    """

    rows: int
    whole: bool
    outcomes: Mapping[str, Mapping[str, Sum]]
    sizes: Mapping[int, Sum]
    timeline: Timeline
    failed: tuple[ReportRow, ...] = ()
    slowest: tuple[ReportRow, ...] = ()
    messages: tuple[FailedAlike, ...] = ()

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
