"""`--approve`: the plan is shown and asked on a terminal, and refused without one."""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.shell import Shell
from tests.cli.test_progress import output_of


class Typed:
    """A standard input at which a person types these lines, and then leaves."""

    def __init__(self, *lines: str) -> None:
        reader, writer = os.pipe()
        os.write(writer, "".join(f"{line}\n" for line in lines).encode())
        os.close(writer)
        self._file = os.fdopen(reader)

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._file.fileno()

    def readline(self) -> str:
        return self._file.readline()

    def close(self) -> None:
        self._file.close()


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Returns the function that types."""

    opened: list[Typed] = []

    def types(*lines: str) -> None:
        opened.append(Typed(*lines))
        monkeypatch.setattr("sys.stdin", opened[-1])
        monkeypatch.setattr("sys.stderr.isatty", lambda: True)
        monkeypatch.setenv("TERM", "dumb")

    yield types
    for typed in opened:
        typed.close()


def test_the_plan_is_shown_and_copied_after_yes(shell: Shell, person: Any) -> None:
    shell.put("in/a", "in/b")
    person("yes")

    ended = shell.copy("--approve", "always", "--json")

    assert ended.code == 0
    assert "- would be copied: **2 objects, " in ended.err
    assert "Approve? [yes/no]" in ended.err
    assert json.loads(ended.out)["copied"] == 2
    assert set(shell.copied()) == {"out/a", "out/b"}


@pytest.mark.parametrize("lines", [["no"], [""], []])
def test_nothing_is_copied_without_yes(shell: Shell, person: Any, lines: list[str]) -> None:
    shell.put("in/a")
    person(*lines)

    ended = shell.copy("--approve", "objects=0", "--quiet")

    assert ended.code == 1
    assert "the plan was not approved; nothing was copied or deleted" in ended.err
    assert not shell.copied()


def test_a_plan_below_the_limits_is_not_asked(shell: Shell, person: Any) -> None:
    shell.put("in/a")
    person()

    ended = shell.copy("--approve", "objects=1,bytes=1MiB,usd=1")

    assert (ended.code, set(shell.copied())) == (0, {"out/a"})
    assert "Approve?" not in ended.err


def test_without_a_terminal_it_is_refused_in_one_line(shell: Shell) -> None:
    shell.put("in/a")

    ended = shell.copy("--approve", "always")

    assert ended.code == 2
    assert ended.err.strip().endswith(
        "--approve: there is no terminal to ask on; run s3-crosscopy plan, and leave approve out if it may be done"
    )
    assert len(ended.err.strip().splitlines()) == 1


def test_a_dry_run_and_a_wrong_rule_are_refused(shell: Shell, person: Any) -> None:
    person()

    assert "a dry run copies nothing" in shell.copy("--approve", "always", "--dry-run").err
    assert "'sometimes' is no rule" in shell.copy("--approve", "sometimes").err


def until(terminal: int, words: bytes) -> bytes:
    """All that a terminal shows until these words."""
    shown = b""
    while words not in shown:
        shown += os.read(terminal, 4096)
    return shown


@pytest.fixture
def asked(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A copy that asks a person on a terminal, and the terminal."""
    shell.put("in/a")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "150")
    terminal, its_end = pty.openpty()
    process = shell.start("--approve", "always", stdin=its_end, stderr=its_end)
    os.close(its_end)
    assert b"- would be copied: **1 objects, " in until(terminal, b"Approve? [yes/no] ")
    with process:
        yield process, terminal
    os.close(terminal)


def test_no_bar_is_drawn_over_the_question(shell: Shell, asked: tuple[subprocess.Popen[str], int]) -> None:
    process, terminal = asked

    assert select.select([terminal], [], [], 1)[0] == []

    os.write(terminal, b"yes\n")
    assert b"Done in " in b"".join(output_of(terminal))
    assert process.wait(timeout=120) == 0
    assert set(shell.copied()) == {"out/a"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_at_the_question_ends_it_and_nothing_is_copied(
    shell: Shell, asked: tuple[subprocess.Popen[str], int], number: signal.Signals
) -> None:
    process, terminal = asked

    process.send_signal(number)
    shown = b"".join(output_of(terminal)).decode()

    assert process.wait(timeout=120) == 130
    assert shown.rstrip().endswith(
        "s3-crosscopy: stopped by request, before the plan was approved; nothing was copied or deleted"
    )
    assert not shell.copied()
