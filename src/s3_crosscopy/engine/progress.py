"""When to tell where the run stands, and at which rates."""

from __future__ import annotations

from collections.abc import Mapping

from s3_crosscopy.model.events import Progress
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.plan.window import Window

EVERY_S = 5.0


class Meter:
    """Rates since the last progress event, which is due every few seconds; `last` are its fields."""

    def __init__(self, now: float, every_s: float = EVERY_S, already: Tally | None = None) -> None:
        self._began = now
        self._last = now
        self._every_s = every_s
        self._copied = already.copied if already is not None else 0
        self._bytes = already.bytes if already is not None else 0
        self.last: Mapping[str, object] = {}

    def due(self, now: float) -> bool:
        """Whether it is time to tell."""
        return now - self._last >= self._every_s

    def seconds(self, now: float) -> float:
        """Since the run began."""
        return now - self._began

    def read(self, now: float, total: Tally, in_flight: int, window: Window) -> Progress:
        """The event, and a new start for the rates."""
        elapsed = max(now - self._last, 1e-9)
        progress = Progress(
            counts=total.as_dict(),
            seconds=self.seconds(now),
            objects_per_second=(total.copied - self._copied) / elapsed,
            bytes_per_second=(total.bytes - self._bytes) / elapsed,
            in_flight=in_flight,
            throttled=window.throttled,
            window=window.limit,
        )
        self._last, self._copied, self._bytes = now, total.copied, total.bytes
        self.last = progress.fields()
        return progress
