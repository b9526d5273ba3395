"""Events as lines of the task's log: structured fields where the logger takes them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from s3_crosscopy.adapters.sinks import LoggingSink, as_line

if TYPE_CHECKING:
    from s3_crosscopy.model.events import Event
    from s3_crosscopy.ports import EventSink


class StructlogSink:
    """One line an event; its fields become top-level fields in Airflow's log file and log API."""

    def __init__(self, log: Any) -> None:
        self._log = log

    def emit(self, event: Event) -> None:
        level, message, fields = as_line(event)
        self._log.log(level, message, **fields)


def task_log_sink(log: Any) -> EventSink:
    """The sink for an operator's `self.log`: structlog's in Airflow 3, else the standard library's.

    A standard logger would raise on unknown keywords, and Airflow drops its `extra=`: the fields go into the text.
    """
    return LoggingSink(log) if isinstance(log, logging.Logger) else StructlogSink(log)
