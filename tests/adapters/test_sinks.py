"""The lines of the default sink: no key and no server's text gets out of its place in them."""

from __future__ import annotations

import logging

import pytest
import structlog

from s3_crosscopy.adapters.sinks import LoggingSink, as_line
from s3_crosscopy.airflow.log_sink import StructlogSink
from s3_crosscopy.cli.log_lines import PlainLines
from s3_crosscopy.model.events import BatchSettled, Event, KeyFailed, Preflighted, RunStarted, Warned
from s3_crosscopy.model.outcomes import Failure, Reason
from tests.hostile_text import HOSTILE, READABLE, harm


def events(text: str) -> list[Event]:
    """Each that holds somebody else's text."""
    return [
        RunStarted(source=f"s3://b/{text}", dest=f"s3://c/{text}", transport=text, kind=text, dry_run=False),
        Preflighted(mode="light", copier=text, reader=text),
        Warned(text),
        KeyFailed(Failure(text, Reason.INVALID, "CopyObject", text, text, text)),
        BatchSettled(1, text, {}),
    ]


HARMFUL = [event for text in HOSTILE.values() for event in events(text)]


@pytest.mark.parametrize("event", HARMFUL, ids=repr)
def test_each_event_is_one_printable_line(event: Event, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    LoggingSink(logging.getLogger("copies")).emit(event)

    assert len(caplog.messages) == 1
    assert caplog.messages[0].isprintable()


@pytest.mark.parametrize("event", HARMFUL, ids=repr)
def test_each_field_of_a_line_of_airflows_log_is_printable(event: Event) -> None:
    with structlog.testing.capture_logs() as lines:
        StructlogSink(structlog.get_logger("task")).emit(event)

    assert all(value.isprintable() for value in lines[0].values() if isinstance(value, str))


@pytest.mark.parametrize("event", HARMFUL, ids=repr)
def test_each_line_of_a_command_is_printable(event: Event, capsys: pytest.CaptureFixture[str]) -> None:
    import sys

    PlainLines(sys.stdout, verbose=True).emit(event)

    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert harm(out) == set()


def test_a_key_of_letters_is_told_as_it_is() -> None:
    assert as_line(BatchSettled(1, READABLE, {}))[2]["last_key"] == READABLE
