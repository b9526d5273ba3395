"""Progress goes to stderr: plain lines in a log, a bar on a terminal, nothing when it is not wanted."""

from __future__ import annotations

import os
import pty
from collections.abc import Iterator

import pytest

from s3_crosscopy.cli.lines import plain_text
from s3_crosscopy.model.events import Progress
from tests.cli.shell import Shell
from tests.servers import answers
from tests.servers.rules import always, forward_all
from tests.servers.stub import StubServer

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

    assert shell.copy().err == f"copying {shell.source} to {shell.dest}\n"


def test_verbose_tells_every_batch(shell: Shell) -> None:
    shell.put("in/a", "in/b")

    lines = shell.copy("--verbose", "--batch-size", "1").err.splitlines()

    assert [line for line in lines if line.startswith("batch settled batch=")][1:] != []
    assert "last_key=in/b" in lines[-2]
    assert lines[-1].startswith("copy ended listed=2 copied=2 ")


def test_quiet_tells_nothing(shell: Shell) -> None:
    shell.put("in/a")

    assert shell.copy("--quiet") == (0, "", "")
    assert list(shell.copied()) == ["out/a"]


def test_a_failed_key_is_told_at_once_on_one_line(fronted: Shell, stub: StubServer) -> None:
    # moto has no keys with line ends; one that sends an escape stands for them.
    fronted.put("in/a")
    stub.rules = [always("CopyObject", answers.error("AccessDenied", 403, "no\u009b2J\nreally")), forward_all]

    told = fronted.copy().err

    assert r"not copied: 'in/a': denied (CopyObject: AccessDenied no\x9b2J\nreally)" in told.splitlines()
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
