"""What the command shows while it runs: a bar on a terminal, what one has to know elsewhere, nothing with --quiet."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, TextIO

from s3_crosscopy.adapters.sinks import NullSink
from s3_crosscopy.cli.log_lines import PlainLines
from s3_crosscopy.model.events import Event, RunEnded, RunStarted

if TYPE_CHECKING:
    from s3_crosscopy.model.report import Report
    from s3_crosscopy.ports import EventSink


class ProgressSink:
    """Passes events on to what shows them, and keeps what the command needs of them.

    `report` is there also when `copy()` raised because of what it says.
    """

    def __init__(self, show: EventSink) -> None:
        self.started = False
        self.report: Report | None = None
        self._show = show

    def emit(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self.started = True
        elif isinstance(event, RunEnded):
            self.report = event.report
        self._show.emit(event)


def showing(stream: TextIO, *, quiet: bool, verbose: bool) -> AbstractContextManager[EventSink]:
    """What shows the events on `stream`, to be used in a `with`."""
    if quiet:
        return nullcontext(NullSink())
    if verbose or not stream.isatty() or os.environ.get("TERM") == "dumb":
        return nullcontext(PlainLines(stream, verbose=verbose))
    from s3_crosscopy.cli.progress_bar import Bar

    return Bar(stream)
