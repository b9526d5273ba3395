"""SIGINT and SIGTERM stop a run cleanly and soon; a second SIGINT ends it at once."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from tests.cli.shell import Shell, ended
from tests.servers.http_messages import Answer, Request, Response
from tests.servers.stub_rules import forward_all
from tests.servers.stub_server import Rule, StubServer

CLEANLY = "s3-crosscopy: stopped by request; a retry resumes with the remaining keys\n"
TIMEOUT_S = 30.0


def hang(operation: str) -> tuple[Rule, threading.Event]:
    """A rule that does not answer an operation while the test runs, and what tells that one came."""
    came = threading.Event()

    def rule(request: Request) -> Answer | None:
        if request.operation != operation:
            return None
        came.set()
        return Response(delay_s=60)

    return rule, came


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_run_cleanly(fronted: Shell, stub: StubServer, number: signal.Signals) -> None:
    fronted.put("in/a", "in/b")
    rule, came = hang("CopyObject")
    stub.rules = [rule, forward_all]

    process = fronted.start("--json")
    assert came.wait(TIMEOUT_S)
    process.send_signal(number)
    done = ended(process)

    assert (done.code, done.out) == (130, "")
    assert done.err.endswith(f"s3-crosscopy: stopping; Ctrl-C once more ends at once\n{CLEANLY}")
    assert "Traceback" not in done.err


def test_a_second_sigint_does_not_wait_for_what_is_in_flight(fronted: Shell, stub: StubServer) -> None:
    fronted.put("in/a")
    rule, came = hang("CopyObject")
    stub.rules = [rule, forward_all]

    process = fronted.start()
    assert came.wait(TIMEOUT_S)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    while "stopping" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    done = ended(process)

    assert (done.code, done.err) == (130, "")


def test_before_the_copy_begins_a_signal_does_not_wait_for_a_server(fronted: Shell, stub: StubServer) -> None:
    rule, came = hang("HeadBucket")
    stub.rules = [rule, forward_all]

    process = fronted.start()
    assert came.wait(TIMEOUT_S)
    process.send_signal(signal.SIGTERM)
    done = ended(process)

    assert (done.code, done.err) == (130, "s3-crosscopy: stopped before the copy started; nothing was written\n")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_heard_while_a_manifest_is_read(
    fronted: Shell, stub: StubServer, tmp_path: Path, number: signal.Signals
) -> None:
    stub.rules = [forward_all]
    pipe = tmp_path / "manifest"
    os.mkfifo(pipe)

    process = fronted.start("--manifest", str(pipe))
    with open(pipe, "wb"):  # It is being read from now on, and does not end.
        process.send_signal(number)
        done = ended(process)

    assert (done.code, done.err) == (130, "s3-crosscopy: stopped before the copy started; nothing was written\n")
