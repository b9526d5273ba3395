"""Events in a task's log: fields for structlog, text for the standard library."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import structlog

from s3_crosscopy.adapters.sinks import Several
from s3_crosscopy.airflow.log_sink import task_log_sink
from s3_crosscopy.model.events import BatchSettled, Event, KeyFailed, Progress, RunEnded, Warned
from s3_crosscopy.model.outcomes import Failure, Reason
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.tally import Tally

COUNTS = {"listed": 3, "copied": 2, "failed": 1}
NO_NEWS = {**Tally().as_dict(), "listed": 3, "filtered": 3}
LINES: list[tuple[Event, dict[str, Any]]] = [
    (
        BatchSettled(7, "p/k", COUNTS),
        {"log_level": "info", "event": "batch settled", "batch": 7, "last_key": "p/k", **COUNTS},
    ),
    (
        Progress(COUNTS, 2.0, 1.55, 10.4, 5, 0, 16),
        {
            "log_level": "info",
            "event": "progress",
            **COUNTS,
            "objects_per_second": 1.6,
            "bytes_per_second": 10,
            "in_flight": 5,
            "window": 16,
            "throttled": 0,
        },
    ),
    (
        KeyFailed(Failure("p/k", Reason.DENIED, "CopyObject", "AccessDenied", "100%s no")),
        {
            "log_level": "error",
            "event": "not copied: 100%s no",
            "key": "p/k",
            "reason": "denied",
            "call": "CopyObject",
            "code": "AccessDenied",
        },
    ),
    (Warned("careful"), {"log_level": "warning", "event": "careful"}),
    (
        RunEnded(Report("s3://a/p/", "s3://b/q/", NO_NEWS, {"filtered by time": 3}, {}, 0, 1.5)),
        {
            "log_level": "info",
            "event": "Done in 1.5 s: 0 copied, 0 skipped, 0 failed, 3 filtered,"
            " nothing was to be copied: 3 left out by their time of modification",
            **NO_NEWS,
            "seconds": 1.5,
        },
    ),
]


@pytest.mark.parametrize(("event", "line"), LINES)
def test_an_event_is_a_line_with_fields_in_airflows_log(event: Event, line: dict[str, Any]) -> None:
    with structlog.testing.capture_logs() as lines:
        task_log_sink(structlog.get_logger("task")).emit(event)

    assert lines == [line]


def test_a_standard_logger_gets_the_fields_as_text(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        task_log_sink(logging.getLogger("task")).emit(BatchSettled(7, "p/k", COUNTS))

    assert caplog.messages == ["batch settled batch=7 last_key=p/k listed=3 copied=2 failed=1"]


def test_several_sinks_are_told_in_their_order() -> None:
    told: list[str] = []

    class Named:
        def __init__(self, name: str) -> None:
            self.name = name

        def emit(self, event: Event) -> None:
            told.append(self.name)

    Several(Named("log"), Named("metrics")).emit(Warned("careful"))
    assert told == ["log", "metrics"]
