"""Event sinks that need nothing but the standard library."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from s3_crosscopy.core.empty_source import nothing_new
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
    """Any event as a log line: one message and its fields, texts made printable: keys are other people's."""
    level, message, fields = _told(event)
    shown = {name: printable(value) if isinstance(value, str) else value for name, value in fields.items()}
    return level, printable(message), shown


def _told(event: Event) -> Line:
    if isinstance(event, RunStarted):
        fields: dict[str, object] = {"transport": event.transport, "kind": event.kind, "dry_run": event.dry_run}
        return logging.INFO, f"copying {event.source} to {event.dest}", fields
    if isinstance(event, Resumed):
        return logging.INFO, "going on from the checkpoint", {"listed": event.listed, "seconds": round(event.seconds)}
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
        return _told_of_pause(event)
    if isinstance(event, BatchSettled):
        return logging.INFO, "batch settled", {"batch": event.number, "last_key": event.last_key, **event.counts}
    if isinstance(event, Progress):
        return logging.INFO, "progress", event.fields()
    assert isinstance(event, RunEnded)
    return _told_of_end(event)


def _told_of_pause(event: Paused | WentOn) -> Line:
    if isinstance(event, Paused):
        return logging.WARNING, f"paused: {event.why}", {"asks_again_in_s": round(event.seconds)}
    return logging.INFO, "S3 answers again", {"away_s": round(event.seconds)}


def _told_of_end(event: RunEnded) -> Line:
    said = nothing_new(event.report)
    return (
        logging.INFO,
        f"copy ended{f', {said}' if said else ''}",
        {**event.report.counts, "seconds": round(event.report.seconds, 3)},
    )


class NullSink:
    """Tells nobody."""

    def emit(self, event: Event) -> None:
        pass


class Several:
    """Tells several sinks, in their order."""

    def __init__(self, *sinks: EventSink) -> None:
        self._sinks = sinks

    def emit(self, event: Event) -> None:
        for sink in self._sinks:
            sink.emit(event)


class LoggingSink:
    """One standard log record an event, the fields as `key=value` behind the message."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger

    def emit(self, event: Event) -> None:
        level, message, fields = as_line(event)
        tail = " ".join(f"{name}={value}" for name, value in fields.items())
        self._logger.log(level, "%s %s", message, tail)
