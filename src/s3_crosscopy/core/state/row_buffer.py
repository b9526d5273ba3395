"""Keeps the report rows of ended keys until they are taken: those that are committed, and those that are not."""

from __future__ import annotations

from collections.abc import Sequence

from s3_crosscopy.model.report_row import ReportRow


class RowBuffer:
    """Report rows that wait to be taken. Each is handed out once."""

    def __init__(self) -> None:
        self._committed: list[ReportRow] = []
        self._uncommitted: list[ReportRow] = []

    def add(self, rows: Sequence[ReportRow], *, committed: bool = True) -> None:
        """Add rows."""
        (self._committed if committed else self._uncommitted).extend(rows)

    def take_committed(self, least: int = 0) -> list[ReportRow]:
        """Return and forget the committed rows, none if they are fewer than `least`.

        Right after `Ledger.snapshot` all that were ever returned match its counts.
        """
        if len(self._committed) < least:
            return []
        rows, self._committed = self._committed, []
        return rows

    def take_uncommitted(self, least: int = 0) -> list[ReportRow]:
        """Return and forget the rows of keys that a later attempt copies again, none if they are fewer than `least`."""
        if len(self._uncommitted) < least:
            return []
        rows, self._uncommitted = self._uncommitted, []
        return rows

    def __len__(self) -> int:
        return len(self._committed) + len(self._uncommitted)
