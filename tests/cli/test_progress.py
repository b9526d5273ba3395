"""Progress goes to stderr: plain lines in a log, a bar on a terminal, nothing when it is not wanted."""

from __future__ import annotations

import io
import os
import pty
from collections.abc import Iterator
from dataclasses import replace

import pytest

from s3_crosscopy.cli.log_lines import PlainLines, plain_text
from s3_crosscopy.cli.progress_bar import Bar
from s3_crosscopy.cli.progress_sink import showing
from s3_crosscopy.cli.run_text import eta_text
from s3_crosscopy.model.events import BatchSettled, Paused, PhaseStarted, Progress, Resumed, RunStarted, WentOn
from s3_crosscopy.model.tally import Tally
from tests.cli.shell import Shell
from tests.servers import s3_responses as answers
from tests.servers.stub_rules import always, forward_all
from tests.servers.stub_server import StubServer

HIDE_CURSOR, SHOW_CURSOR = "\x1b[?25l", "\x1b[?25h"


def output_of(terminal: int) -> Iterator[bytes]:
    """What comes out until nobody holds the other end, which Linux tells by an error."""
    while True:
        try:
            some = os.read(terminal, 4096)
        except OSError:
            return
        yield some


def test_elsewhere_than_on_a_terminal_it_is_plain_lines(shell: Shell) -> None:
    shell.put("in/a")

    begin, end = shell.copy().err.splitlines()
    assert begin == f"copying {shell.source} to {shell.dest}"
    assert end.startswith("Done in ")


def test_verbose_tells_every_batch(shell: Shell) -> None:
    shell.put("in/a", "in/b")

    lines = shell.copy("--verbose", "--batch-size", "1").err.splitlines()

    assert [line for line in lines if line.startswith("batch settled batch=")][1:] != []
    assert "last_key=in/b" in lines[-2]
    assert lines[-1].startswith("Done in ")
    assert "2 copied (" in lines[-1]


def test_quiet_tells_nothing(shell: Shell) -> None:
    shell.put("in/a")

    assert shell.copy("--quiet") == (0, "", "")
    assert list(shell.copied()) == ["out/a"]


def test_a_failed_key_is_told_at_once_on_one_line(fronted: Shell, stub: StubServer) -> None:
    # moto has no keys with line ends; one that sends an escape stands for them.
    fronted.put("in/a")
    stub.rules = [always("CopyObject", answers.error("AccessDenied", 403, "no\u009b2J\nreally")), forward_all]

    told = fronted.copy().err

    assert r"not copied: 'in/a': denied (CopyObject: AccessDenied no\x9b2J really)" in told.splitlines()
    assert "\x9b" not in told


@pytest.mark.parametrize("stdout_too", [False, True])
def test_on_a_terminal_it_is_a_bar_that_leaves_the_cursor_as_it_was(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, stdout_too: bool
) -> None:
    shell.put("in/a", "in/b")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "150")
    terminal, its_end = pty.openpty()
    streams = {"stderr": its_end, **({"stdout": its_end} if stdout_too else {})}
    process = shell.start("--batch-size", "1", **streams)
    os.close(its_end)
    shown = b"".join(output_of(terminal)).decode()
    os.close(terminal)
    with process:
        out, _ = process.communicate(timeout=120)

    assert process.returncode == 0
    assert f"copying {shell.source} to {shell.dest}" in shown
    assert "2 listed, 2 copied, 0 skipped, 0 failed, 30 B" in shown
    assert shown.count(HIDE_CURSOR) == shown.count(SHOW_CURSOR) == 1
    assert ("copied: s3://" in shown) == stdout_too
    assert stdout_too or out.startswith("copied: s3://")


def test_a_progress_line_has_counts_rates_and_throttles() -> None:
    counts = {"listed": 5000, "copied": 4000, "would_copy": 0, "skipped": 0, "failed": 0, "missing": 1, "bytes": 1}
    progress = Progress(counts, 5.0, 800.4, 3 * 2**20, 60, 12, 64)

    assert plain_text(progress) == (
        "5,000 listed, 4,000 copied, 0 skipped, 0 failed, 1 missing, 800 objects/s, 3.0 MiB/s, 60 of 64 in flight, "
        "12 throttled"
    )


def test_a_pause_says_why_and_when_s3_is_asked_again() -> None:
    assert plain_text(Paused("S3 answers 503", 30)) == "paused: S3 answers 503; retries in 30.0 s"
    assert plain_text(WentOn(95)) == "S3 responds again after 1 min 35 s: continuing"
    assert plain_text(replace(progress(), paused="paused: S3 answers 503")).startswith(
        "paused: S3 answers 503, 0 listed"
    )


def test_the_bar_says_why_nothing_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    with Bar(terminal) as bar:
        bar.emit(Paused("S3 answers 503", 30))
        bar.emit(replace(progress(), paused="paused: S3 answers 503"))
    shown = terminal.getvalue()
    assert "paused: S3 answers 503; retries in 30.0 s" in shown
    assert "paused: S3 answers 503, 80/s" in shown


class Terminal(io.StringIO):
    """Takes what is written to it for a terminal's."""

    def isatty(self) -> bool:
        return True


def progress(done: int = 0, seconds: float = 10.0, total: int | None = None, **more: int) -> Progress:
    counts = {**Tally().as_dict(), "listed": done, "copied": done, "bytes": done}
    return Progress(counts, seconds, 80.0, 2**20, 60, more.get("throttled", 0), 64, total)


@pytest.mark.parametrize(
    ("told", "before", "says"),
    [
        (progress(), 0, ""),
        (progress(total=0), 0, ""),
        (progress(total=100), 0, "0 %"),
        (progress(25, total=100), 0, "25 %, about 30.0 s remaining"),
        (progress(25, seconds=0.0, total=100), 0, "25 %"),
        # What an earlier attempt did says nothing of the pace of this one.
        (progress(75, total=100), 50, "75 %, about 10.0 s remaining"),
        (progress(100, total=100), 0, "100 %"),
        (progress(120, total=100), 0, "100 %"),
    ],
)
def test_what_is_left_is_told_where_somebody_can_know_it(told: Progress, before: int, says: str) -> None:
    assert eta_text(told, before) == says


@pytest.mark.parametrize(("columns", "between"), [("160", ", "), ("80", "\n")])
def test_the_bar_tells_rates_window_throttles_and_what_is_left(
    monkeypatch: pytest.MonkeyPatch, columns: str, between: str
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    with Bar(terminal) as bar:
        bar.emit(Resumed(50, 20.0))
        bar.emit(progress(75, total=100, throttled=7))
        bar.emit(PhaseStarted("retry", 3))
        bar.emit(BatchSettled(1, "k", {"listed": 1, "copied": 1, "bytes": 1}))
        task = bar._rich.tasks[0]
    rates = "80/s, 1.0 MiB/s, window 64, 7 throttled, 75 %, about 10.0 s remaining"
    assert task.description == f"retry (3 keys): 76 listed, 76 copied, 0 skipped, 0 failed, 76 B{between}{rates}"
    assert (task.completed, task.total) == (76, 100)
    assert "resuming from the checkpoint" in terminal.getvalue()


def test_where_the_run_stands_is_not_told_to_what_is_no_terminal() -> None:
    quiet, loud = io.StringIO(), io.StringIO()
    PlainLines(quiet, verbose=False).emit(progress(5))
    PlainLines(loud, verbose=True).emit(progress(5))
    assert quiet.getvalue() == ""
    assert loud.getvalue().startswith("5 listed, 5 copied")


def test_a_terminal_that_can_only_print_gets_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    with showing(Terminal(), quiet=False, verbose=False) as show:
        assert isinstance(show, PlainLines)


def test_the_bar_moves_before_a_batch_ends_and_the_listing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("TERM", "xterm")
    with Bar(Terminal()) as bar:
        task = bar._rich.tasks[0]
        assert task.description == "connecting"
        bar.emit(RunStarted("s3://a/x/", "s3://b/y/", "prefix", dry_run=False, transport="boto3"))
        assert task.description == "listing"
        bar.emit(progress(75))
        assert task.description.startswith("75 listed, 75 copied")
        assert task.total is None
