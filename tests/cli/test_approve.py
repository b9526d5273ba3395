"""`--approve`: the plan is shown and asked on a terminal, and refused without one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.shell import Shell


class Typed:
    """A standard input at which a person types these lines."""

    def __init__(self, *lines: str) -> None:
        self._lines = list(lines)

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return f"{self._lines.pop(0)}\n" if self._lines else ""


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Returns the function that types."""

    def types(*lines: str) -> None:
        monkeypatch.setattr("sys.stdin", Typed(*lines))
        monkeypatch.setattr("sys.stderr.isatty", lambda: True)
        monkeypatch.setenv("TERM", "dumb")

    return types


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
