"""When to tell where the run stands, and at which rates; and what of it is kept for the page of Airflow's UI."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from s3_crosscopy.core.concurrency_window import Window
from s3_crosscopy.core.rate_history import Point, thinned
from s3_crosscopy.model.events import Progress
from s3_crosscopy.model.outcomes import Failure
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.tally import Tally

EVERY_S = 5.0


class ProgressMeter:
    """Rates since the last progress event, which is due every few seconds.

    `last` is what is stored of it: its fields, and beside them `history` (the rates so far), `failures` (key and reason
    of the last) and `total_keys` (how many there are to settle, if that is known).
    """

    def __init__(self, now: float, every_s: float = EVERY_S, already: Tally | None = None) -> None:
        self._began = now
        self._last = now
        self._every_s = every_s
        self._copied = already.copied if already is not None else 0
        self._bytes = already.bytes if already is not None else 0
        self._history: tuple[Point, ...] = ()
        self.last: Mapping[str, object] = {}

    def due(self, now: float) -> bool:
        """Whether it is time to tell."""
        return now - self._last >= self._every_s

    def seconds(self, now: float) -> float:
        """Since the run began."""
        return now - self._began

    @property
    def history(self) -> list[list[float]]:
        """The rates so far as JSON: when each span ended, in seconds since the run began, and objects a second."""
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
    ) -> Progress:
        """The event, and a new start for the rates. `failures` are the last ones."""
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
        )
        self._last, self._copied, self._bytes = now, total.copied, total.bytes
        self._history = thinned((*self._history, (progress.seconds, progress.objects_per_second)))
        named = [[one.key, one.reason.value] for one in failures]
        self.last = {
            **progress.fields(),
            "history": self.history,
            **({"total_keys": total_keys} if total_keys is not None else {}),
            **({"failures": named} if named else {}),
        }
        return progress

    def at_end(
        self, now: float, total: Tally, window: Window, failures: Iterable[Failure], report: Report | None
    ) -> Mapping[str, object]:
        """What is stored last: the report, if the run came to one, with the last `failures` and all rates."""
        if now > self._last:
            self.read(now, total, 0, window)
        named = [one.as_dict() for one in failures]
        return {
            **(report.as_dict() if report is not None else {}),
            "history": self.history,
            **({"failures": named} if named else {}),
        }
