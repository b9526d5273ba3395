"""Counts failed rows by their message, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable

from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.report.digest import MOST_MESSAGES, FailedAlike

KEY = "KEY"
"""Stands for the key in a message."""
LONG_KEY, LONG_WORD = 4, 8
"""Characters of a key that no message has by chance; the second is for a key of letters and digits alone."""
MOST_TEXT = 300
"""The limit of a message: an error page must not fill the report."""
OTHERS = "other", "", "", ""
"""The kind of all rows beyond `MOST_MESSAGES` messages."""


class MessageCounter:
    """Counts failed rows by reason, call, code and message."""

    def __init__(self) -> None:
        self._alike: dict[tuple[str, str, str, str], tuple[int, str]] = {}

    def add(self, row: ReportRow) -> None:
        """Count one row."""
        message = cut(_without_key(row.message, row.key))
        self._count((row.reason, row.call, row.code, message), 1, row.key)

    def include(self, alike: FailedAlike) -> None:
        """Count the rows of another digest."""
        self._count(alike[:4], alike.rows, alike.key)

    def counted(self) -> Iterable[FailedAlike]:
        """Return the counts, the most frequent message first."""
        counts = (FailedAlike(*kind, *count) for kind, count in self._alike.items())
        return sorted(counts, key=lambda alike: (-alike.rows, alike))

    def _count(self, kind: tuple[str, str, str, str], rows: int, key: str) -> None:
        if kind not in self._alike and len(self._alike) >= MOST_MESSAGES - 1:
            kind = OTHERS
        before, first = self._alike.get(kind, (0, key))
        self._alike[kind] = before + rows, min(first, key)


def _without_key(message: str, key: str) -> str:
    if not key or key not in message:
        return message
    if len(key) >= (LONG_WORD if key.isalnum() else LONG_KEY):
        return message.replace(key, KEY)
    # A short key may be a part of any word: it counts only where it is quoted.
    for quote in ("'", '"'):
        message = message.replace(f"{quote}{key}{quote}", f"{quote}{KEY}{quote}")
    return message


def cut(text: str) -> str:
    """Return a text, shortened to `MOST_TEXT` characters."""
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}..."
