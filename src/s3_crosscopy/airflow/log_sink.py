"""Writes events to the task's log, with structured fields if the logger supports them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from s3_crosscopy.adapters.sinks import LoggingSink, as_line

if TYPE_CHECKING:
    from s3_crosscopy.model.events import Event
    from s3_crosscopy.ports import EventSink


class StructlogSink:
    """Writes one line per event. Its fields become top-level fields in Airflow's log file and log API."""

    def __init__(self, log: Any) -> None:
        self._log = log

    def emit(self, event: Event) -> None:
        level, message, fields = as_line(event)
        self._log.log(level, message, **fields)


def task_log_sink(log: Any) -> EventSink:
    """The sink for an operator's `self.log`: a structlog logger in Airflow 3, else one of the standard library.

    A standard logger raises on unknown keywords, and Airflow drops its `extra=`: there the fields go into the text.
    """
    return LoggingSink(log) if isinstance(log, logging.Logger) else StructlogSink(log)
