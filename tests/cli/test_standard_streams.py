"""Closed, full and broken standard streams: the copy goes on to its end, and the exit code says what was not told."""

from __future__ import annotations

import errno
import io
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from s3_crosscopy.cli.exit_codes import ExitCode, result_lost
from s3_crosscopy.cli.main import main
from s3_crosscopy.cli.standard_streams import UnfailingStream
from tests.cli.shell import COMMAND, Ended, Shell, ended
from tests.cli.test_signals import TIMEOUT_S, hang
from tests.servers.stub_rules import forward_all
from tests.servers.stub_server import StubServer

NOT_WRITTEN = "s3-crosscopy: the result could not be written to stdout: "


class Full(io.StringIO):
    """A stream on a device that is full."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def redirected(shell: Shell, redirection: str, *arguments: str) -> Ended:
    """The copy as a process whose streams a shell has set so."""
    command = [*COMMAND, *shell._copy_arguments(arguments, None, None)]
    run = ["sh", "-c", f'exec "$@" {redirection}', "sh", *command]
    done = subprocess.run(run, capture_output=True, text=True, timeout=120, check=False)
    return Ended(done.returncode, done.stdout, done.stderr)


def broken_pipe() -> int:
    """The end to write to of a pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer


@pytest.mark.parametrize(
    ("redirection", "code", "why"),
    [
        ("<&-", 0, ""),
        (">&-", 5, "Bad file descriptor"),
        ("2>&-", 0, ""),
        (">&- 2>&- <&-", 5, ""),
        (">/dev/full", 5, "No space left on device"),
        ("2>/dev/full", 0, ""),
    ],
)
def test_a_stream_that_cannot_be_used_stops_no_copy(shell: Shell, redirection: str, code: int, why: str) -> None:
    shell.put("in/a", "in/b")

    done = redirected(shell, redirection)

    assert done.code == code
    assert list(shell.copied()) == ["out/a", "out/b"]
    assert "Traceback" not in done.err
    assert "Exception ignored" not in done.err
    assert (done.err.splitlines()[-1] == NOT_WRITTEN + why) if why else NOT_WRITTEN not in done.err


def test_nothing_to_tell_needs_no_stream(shell: Shell) -> None:
    shell.put("in/a")

    assert redirected(shell, ">&- 2>&-", "--quiet") == (0, "", "")
    assert list(shell.copied()) == ["out/a"]


@pytest.mark.parametrize(("stream", "code"), [("stdout", 5), ("stderr", 0)])
def test_a_reader_that_has_left_stops_no_copy(shell: Shell, stream: str, code: int) -> None:
    shell.put("in/a", "in/b")
    writer = broken_pipe()
    process = shell.start("--json", "--verbose", **{stream: writer})
    os.close(writer)
    done = ended(process)

    assert done.code == code
    assert list(shell.copied()) == ["out/a", "out/b"]
    if stream == "stdout":
        assert done.err.splitlines()[-1] == f"{NOT_WRITTEN}Broken pipe"


def test_a_terminal_that_is_gone_stops_no_copy(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.put("in/a", "in/b")
    monkeypatch.setenv("TERM", "xterm")
    terminal, its_end = pty.openpty()
    process = shell.start(stderr=its_end)
    os.close(its_end)
    os.close(terminal)

    assert ended(process).code == 0
    assert list(shell.copied()) == ["out/a", "out/b"]


def test_a_signal_stops_the_run_cleanly_where_nobody_can_be_told(fronted: Shell, stub: StubServer) -> None:
    fronted.put("in/a")
    rule, came = hang("CopyObject")
    stub.rules = [rule, forward_all]
    writer = broken_pipe()
    process = fronted.start(stderr=writer)
    os.close(writer)
    assert came.wait(TIMEOUT_S)
    process.send_signal(signal.SIGINT)

    assert ended(process).code == 130


@pytest.mark.parametrize("command", ["plan", "doctor", "policies", "report", "abort-uploads", "help"])
def test_every_command_says_that_its_result_could_not_be_written(
    shell: Shell, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shell.put("in/a")
    report = str(tmp_path / "report")
    assert shell.copy("--report", report).code == 0
    access = ["--profile", "b", "--endpoint-url", shell.endpoint_url]
    places = {"policies": [shell.source, shell.dest], "report": [report, *access], "abort-uploads": [report, *access]}
    arguments = [command, *places.get(command, [shell.source, shell.dest, *access])]
    monkeypatch.setattr(sys, "stdout", Full())

    code = main(["--help"] if command == "help" else arguments)

    assert code == 5
    assert capsys.readouterr().err.splitlines()[-1] == f"{NOT_WRITTEN}No space left on device"


def test_a_failure_says_more_than_that_nobody_could_be_told() -> None:
    assert [result_lost(code) for code in ExitCode] == [5, 1, 2, 3, 5, 5, 130]


def test_what_a_stream_did_not_take_is_not_written_twice() -> None:
    stream = UnfailingStream(Full())

    assert stream.write("a") == 1
    stream.writelines(["b", "c"])
    stream.flush()

    assert stream.lost is not None
    assert stream.lost.errno == errno.ENOSPC
