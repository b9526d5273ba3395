"""Event sinks without dependencies: standard logging, several sinks, none. And events as log lines."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from s3_crosscopy.core.done_text import done_text
from s3_crosscopy.core.empty_source import nothing_new
from s3_crosscopy.core.mirror.extraneous_text import extraneous_fields, extraneous_note
from s3_crosscopy.core.since.since_text import since_fields, since_note
from s3_crosscopy.model.events import (
    BatchSettled,
    Event,
    KeyFailed,
    Paused,
    PhaseStarted,
    Preflighted,
    Progress,
    Resumed,
    RunEnded,
    RunStarted,
    Warned,
    WentOn,
)
from s3_crosscopy.model.humanize import printable
from s3_crosscopy.ports import EventSink

Line = tuple[int, str, Mapping[str, object]]
"""Log level, message, fields."""


def as_line(event: Event) -> Line:
    """The log line of an event. Texts are made printable, because keys may have any character."""
    level, message, fields = _line(event)
    shown = {name: printable(value) if isinstance(value, str) else value for name, value in fields.items()}
    return level, printable(message), shown


def _line(event: Event) -> Line:
    if isinstance(event, RunStarted):
        fields: dict[str, object] = {"transport": event.transport, "kind": event.kind, "dry_run": event.dry_run}
        return logging.INFO, f"copying {event.source} to {event.dest}", fields
    if isinstance(event, Resumed):
        return logging.INFO, "resuming from the checkpoint", {"listed": event.listed, "seconds": round(event.seconds)}
    if isinstance(event, Preflighted):
        return logging.INFO, "preflight passed", {"mode": event.mode, "copier": event.copier, "reader": event.reader}
    if isinstance(event, Warned):
        return logging.WARNING, event.text, {}
    if isinstance(event, KeyFailed):
        failure = event.failure
        fields = {"key": failure.key, "reason": failure.reason.value, "call": failure.call, "code": failure.code}
        return logging.ERROR, f"not copied: {failure.message or failure.code}", fields
    if isinstance(event, PhaseStarted):
        return logging.INFO, f"phase {event.phase}", {"keys": event.keys}
    if isinstance(event, (Paused, WentOn)):
        return _pause_line(event)
    if isinstance(event, BatchSettled):
        return logging.INFO, "batch settled", {"batch": event.number, "last_key": event.last_key, **event.counts}
    if isinstance(event, Progress):
        return logging.INFO, "progress", event.fields()
    assert isinstance(event, RunEnded)
    return _end_line(event)


def _pause_line(event: Paused | WentOn) -> Line:
    if isinstance(event, Paused):
        return logging.WARNING, f"paused: {event.why}", {"asks_again_in_s": round(event.seconds)}
    return logging.INFO, "S3 answers again", {"away_s": round(event.seconds)}


def _end_line(event: RunEnded) -> Line:
    report = event.report
    notes = [note for note in (nothing_new(report), extraneous_note(report), since_note(report)) if note]
    fields = {**report.counts, **extraneous_fields(report), **since_fields(report), "seconds": round(report.seconds, 3)}
    return logging.INFO, ", ".join((done_text(report), *notes)), fields


class NullSink:
    """Drops every event."""

    def emit(self, event: Event) -> None:
        pass


class Several:
    """Passes every event to several sinks, in their order."""

    def __init__(self, *sinks: EventSink) -> None:
        self._sinks = sinks

    def emit(self, event: Event) -> None:
        for sink in self._sinks:
            sink.emit(event)


class LoggingSink:
    """Logs every event as one record, with the fields as `key=value` behind the message."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger

    def emit(self, event: Event) -> None:
        level, message, fields = as_line(event)
        tail = " ".join(f"{name}={value}" for name, value in fields.items())
        self._logger.log(level, "%s %s", message, tail)
