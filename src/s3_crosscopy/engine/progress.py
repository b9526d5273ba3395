"""Measures the progress of a run and its rates, for events, the checkpoint and the page of Airflow's UI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from s3_crosscopy.core.concurrency_window import Window
from s3_crosscopy.core.rate_history import Point, thinned
from s3_crosscopy.model.events import Progress
from s3_crosscopy.model.outcomes import Failure
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.tally import Tally, eta_s

EVERY_S = 5.0
FIRST_S = 1.0
"""Seconds until the first event; the spans after it grow, so that somebody who waits sees that the run moves."""
GROWTH = 0.5
"""The share of a run's age until its next event, from `FIRST_S` up to the full span."""


class ProgressMeter:
    """Computes rates since the last progress event, which is due every `every_s` seconds, and sooner at the beginning.

    `last` is the last progress as it is stored: its fields, `history` (the rates so far), `failures` (key and reason of
    the newest) and `total_keys` (if known). `already` counts what earlier attempts did, None for nothing.
    """

    def __init__(self, now: float, every_s: float = EVERY_S, already: Tally | None = None) -> None:
        self._began = now
        self._last = now
        self._every_s = every_s
        self._due_at = now + min(every_s, FIRST_S)
        self._copied = already.copied if already is not None else 0
        self._bytes = already.bytes if already is not None else 0
        self._done = Tally.ended_in(already.as_dict()) if already is not None else 0
        self._history: tuple[Point, ...] = ()
        self.last: Mapping[str, object] = {}

    def due(self, now: float) -> bool:
        """Return True if it is time for an event."""
        return now >= self._due_at

    def seconds(self, now: float) -> float:
        """Return the seconds since the run began."""
        return now - self._began

    @property
    def history(self) -> list[list[float]]:
        """The rates so far as JSON: the end of each span, in seconds since the run began, and objects per second."""
        return [[round(end, 1), round(rate, 1)] for end, rate in self._history]

    def read(
        self,
        now: float,
        total: Tally,
        in_flight: int,
        window: Window,
        failures: Iterable[Failure] = (),
        total_keys: int | None = None,
        paused: str = "",
        estimated_keys: int | None = None,
    ) -> Progress:
        """Return the event; the next rates begin now.

        `failures` are the newest ones, `total_keys` is None if unknown, `paused` is the reason of a pause or "".
        `estimated_keys`: an estimate of the unknown total, None if there is none.
        """
        expected = total_keys if total_keys is not None else estimated_keys
        elapsed = max(now - self._last, 1e-9)
        progress = Progress(
            counts=total.as_dict(),
            seconds=self.seconds(now),
            objects_per_second=(total.copied - self._copied) / elapsed,
            bytes_per_second=(total.bytes - self._bytes) / elapsed,
            in_flight=in_flight,
            throttled=window.throttled,
            window=window.limit,
            total_keys=total_keys,
            paused=paused,
            estimated_keys=estimated_keys if total_keys is None else None,
            eta_s=None if expected is None else self._eta_s(expected, total, now),
        )
        self._last, self._copied, self._bytes = now, total.copied, total.bytes
        self._due_at = now + min(self._every_s, max(FIRST_S, GROWTH * self.seconds(now)))
        self._history = thinned((*self._history, (progress.seconds, progress.objects_per_second)))
        newest = [[failure.key, failure.reason.value] for failure in failures]
        self.last = {
            **progress.fields(),
            "history": self.history,
            **({"total_keys": total_keys} if total_keys is not None else {}),
            **({"failures": newest} if newest else {}),
        }
        return progress

    def _eta_s(self, expected: int, total: Tally, now: float) -> float | None:
        """Estimate the seconds that remain, at the average rate of this attempt."""
        done, seconds = Tally.ended_in(total.as_dict()), self.seconds(now)
        return eta_s(expected - done, (done - self._done) / seconds if seconds > 0 else 0.0)

    def at_end(
        self, now: float, total: Tally, window: Window, failures: Iterable[Failure], report: Report | None
    ) -> Mapping[str, object]:
        """Return what is stored at the end: the report, if there is one, the newest `failures` and all rates."""
        if now > self._last:
            self.read(now, total, 0, window)
        newest = [failure.as_dict() for failure in failures]
        return {
            **(report.as_dict() if report is not None else {}),
            "history": self.history,
            **({"failures": newest} if newest else {}),
        }
