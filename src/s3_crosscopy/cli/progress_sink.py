"""Selects the display of a run: a bar on a terminal, plain lines elsewhere, nothing with --quiet."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, TextIO

from s3_crosscopy.adapters.sinks import NullSink
from s3_crosscopy.cli.log_lines import PlainLines
from s3_crosscopy.model.events import Event, KeyFailed, RunEnded, RunStarted

if TYPE_CHECKING:
    from s3_crosscopy.model.report import Report
    from s3_crosscopy.ports import EventSink


class ProgressSink:
    """An event sink that forwards events to the display, and keeps whether the run started and its report.

    `report` is also set if `copy()` raised because of it. `named`: the failed keys that the display has named.
    """

    def __init__(self, display: EventSink) -> None:
        self.started = False
        self.report: Report | None = None
        self.named: set[str] = set()
        self._display = display

    def hidden(self) -> AbstractContextManager[None]:
        """A context manager in which a bar is not drawn, because a person is asked."""
        hide: Callable[[], AbstractContextManager[None]] = getattr(self._display, "hidden", nullcontext)
        return hide()

    def emit(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self.started = True
        elif isinstance(event, RunEnded):
            self.report = event.report
        elif isinstance(event, KeyFailed) and not isinstance(self._display, NullSink):
            self.named.add(event.failure.key)
        self._display.emit(event)


def showing(stream: TextIO, *, quiet: bool, verbose: bool) -> AbstractContextManager[EventSink]:
    """The sink that shows events on `stream`, as a context manager."""
    if quiet:
        return nullcontext(NullSink())
    if verbose or not stream.isatty() or os.environ.get("TERM") == "dumb":
        return nullcontext(PlainLines(stream, verbose=verbose))
    from s3_crosscopy.cli.progress_bar import Bar

    return Bar(stream)
