"""The progress bar of a terminal. Imports rich, and is itself imported only for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

from s3_crosscopy.cli.log_lines import plain_text
from s3_crosscopy.cli.run_text import counts_text, eta_text
from s3_crosscopy.model.events import (
    BatchSettled,
    Event,
    KeyFailed,
    Paused,
    PhaseStarted,
    Progress,
    Resumed,
    RunEnded,
    RunStarted,
    Warned,
    WentOn,
)
from s3_crosscopy.model.humanize import about_bytes, printable
from s3_crosscopy.model.tally import Tally

ONE_LINE_FROM = 150
"""Columns of a terminal from which counts and rates are on one line; below, the rates are on a second line."""


class Bar:
    """An event sink that shows counts, rates and time, and is removed when the run ends.

    The total is unknown while a prefix is listed, and it is copied meanwhile: until then the bar shows activity only.
    rich redraws on its own thread, which leaving the `with` joins.
    """

    def __init__(self, stream: TextIO) -> None:
        self._console = Console(file=stream)
        spinner = SpinnerColumn("line" if self._console.options.ascii_only else "dots")
        columns = (spinner, BarColumn(12), TextColumn("{task.description}"), TimeElapsedColumn())
        self._rich = RichProgress(*columns, console=self._console, transient=True, refresh_per_second=5)
        self._task = self._rich.add_task("connecting", total=None)
        self._counts: Counter[str] = Counter()
        self._phase = self._rates = ""
        self._before = 0
        self._total: int | None = None

    def __enter__(self) -> Bar:
        self._rich.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._rich.stop()

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Remove the bar meanwhile: it would be drawn over what a person types."""
        self._rich.stop()
        try:
            yield
        finally:
            self._rich.start()

    def emit(self, event: Event) -> None:
        if isinstance(event, (RunStarted, Resumed, Warned, KeyFailed, Paused, WentOn, RunEnded)):
            self._console.print(printable(plain_text(event)), markup=False, highlight=False, soft_wrap=True)
        if isinstance(event, RunStarted):
            self._rich.update(self._task, description="listing", refresh=True)
        elif isinstance(event, Resumed):
            self._before = event.listed
        elif isinstance(event, PhaseStarted):
            self._phase = f"{event.phase} ({event.keys:,} keys): "
            self._show()
        elif isinstance(event, BatchSettled):
            self._counts.update(event.counts)
            self._show()
        elif isinstance(event, Progress):
            # The run's own totals replace the sum of the batches so far.
            self._counts = Counter(event.counts)
            self._total = event.total_keys if event.total_keys is not None else event.estimated_keys
            self._rates = self._rates_of(event)
            self._show()

    def _rates_of(self, progress: Progress) -> str:
        texts = [
            progress.paused,
            f"{progress.objects_per_second:,.0f}/s",
            f"{about_bytes(progress.bytes_per_second)}/s",
            f"window {progress.window}",
            f"{progress.throttled:,} throttled" if progress.throttled else "",
            eta_text(progress, self._before),
        ]
        return ", ".join(filter(None, texts))

    def _show(self) -> None:
        counts = f"{self._phase}{counts_text(self._counts)}, {about_bytes(self._counts['bytes'])}"
        between = ", " if self._console.width >= ONE_LINE_FROM else "\n"
        text = between.join(filter(None, (counts, self._rates)))
        done = Tally.ended_in(self._counts)
        self._rich.update(self._task, description=escape(text), total=self._total, completed=done, refresh=True)
