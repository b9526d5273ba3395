"""The progress bar of a terminal. The one module that knows rich, imported only where there is a terminal."""

from __future__ import annotations

from collections import Counter
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from s3_crosscopy.cli.lines import plain_text
from s3_crosscopy.cli.render import about_bytes, counts_text, printable
from s3_crosscopy.model.events import BatchSettled, Event, KeyFailed, Progress, Resumed, RunStarted, Warned


class Bar:
    """Counts, rates and time on one line that is gone when the run is over: the result tells the rest.

    The total is unknown as long as the run lists, and it copies while it lists, so that the bar only shows life.
    rich redraws on a thread of its own, which leaving the `with` joins.
    """

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream)
        columns = (SpinnerColumn(), BarColumn(12), TextColumn("{task.description}"), TimeElapsedColumn())
        self._rich = RichProgress(*columns, console=self._console, transient=True, refresh_per_second=5)
        self._task = self._rich.add_task("connecting", total=None)
        self._counts: Counter[str] = Counter()
        self._rates = ""

    def __enter__(self) -> Bar:
        self._rich.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rich.stop()

    def emit(self, event: Event) -> None:
        if isinstance(event, (RunStarted, Resumed, Warned, KeyFailed)):
            self._console.print(printable(plain_text(event)), markup=False, highlight=False, soft_wrap=True)
        elif isinstance(event, BatchSettled):
            self._counts.update(event.counts)
            self._show()
        elif isinstance(event, Progress):
            # The run's own totals: what the batches since then add up to is exact again.
            self._counts = Counter(event.counts)
            self._rates = f", {event.objects_per_second:,.0f}/s, {about_bytes(event.bytes_per_second)}/s"
            self._rates += f", window {event.window}"
            self._rates += f", {event.throttled:,} throttled" if event.throttled else ""
            self._show()

    def _show(self) -> None:
        text = f"{counts_text(self._counts)}, {about_bytes(self._counts['bytes'])}{self._rates}"
        self._rich.update(self._task, description=escape(text), refresh=True)
