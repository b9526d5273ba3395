"""Formats events as plain lines, for a stream that is not a terminal and for the lines above a progress bar."""

from __future__ import annotations

from typing import TextIO

from s3_crosscopy.adapters.sinks import as_line
from s3_crosscopy.cli.run_text import failure_text, progress_text
from s3_crosscopy.cli.spelling import in_flags
from s3_crosscopy.core.done_text import done_text
from s3_crosscopy.model.events import (
    Event,
    KeyFailed,
    Paused,
    Progress,
    Resumed,
    RunEnded,
    RunStarted,
    Warned,
    WentOn,
)
from s3_crosscopy.model.humanize import about_seconds, printable


class PlainLines:
    """An event sink that prints a line for what a user has to know; with `verbose`, a line for every event.

    Progress is printed with `verbose` only: in the mail of a cron job it is noise.
    """

    def __init__(self, stream: TextIO, *, verbose: bool) -> None:
        self._stream = stream
        self._verbose = verbose

    def emit(self, event: Event) -> None:
        if isinstance(event, Progress) and not self._verbose:
            return
        text = plain_text(event)
        if not text and self._verbose:
            _, message, fields = as_line(event)
            text = " ".join((message, *(f"{name}={value}" for name, value in fields.items())))
        if text:
            print(printable(text), file=self._stream, flush=True)


def plain_text(event: Event) -> str:
    """The line of an event, in the command's spelling; "" for an event that only --verbose prints."""
    return in_flags(_event_text(event))


def _event_text(event: Event) -> str:
    if isinstance(event, RunStarted):
        return f"copying {event.source} to {event.dest}{' (dry run)' if event.dry_run else ''}"
    if isinstance(event, Resumed):
        return f"resuming from the checkpoint: {event.listed:,} objects have their outcome"
    if isinstance(event, Warned):
        return f"warning: {event.text}"
    if isinstance(event, Paused):
        return f"paused: {event.why}; retries in {about_seconds(event.seconds)}"
    if isinstance(event, WentOn):
        return f"S3 responds again after {about_seconds(event.seconds)}: continuing"
    if isinstance(event, RunEnded):
        return done_text(event.report)
    if isinstance(event, KeyFailed):
        return f"not copied: {failure_text(event.failure)}"
    return progress_text(event) if isinstance(event, Progress) else ""
