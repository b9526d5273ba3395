"""The interface of a place that keeps the state of the option `since`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class SinceStore(Protocol):
    """Keeps one JSON value between the runs of a copy with the option `since`.

    `owned`: nothing else can be in its place, so that a damaged value is replaced.
    """

    @property
    def owned(self) -> bool:
        """As above."""

    def load(self) -> object:
        """Return the value, None if there is none.

        Raises ValueError, one line, for one that is damaged, and RetryableFailure, PermanentFailure or InvalidInput if
        the store cannot be used.
        """

    def save(self, value: Mapping[str, object]) -> None:
        """Replace the value. Raises CrossCopyError or S3Error if that is not possible now."""
