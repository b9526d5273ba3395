"""The one line of the docs makes a shell complete the command."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy.cli.completion import SHELLS
from s3_crosscopy.cli.main import main
from tests.servers.debian import Software, ensure_or_skip

LINES = {
    "s3-crosscopy do": ["doctor"],
    "s3-crosscopy copy s3://a/ s3://b/ --max-f": ["--max-failures"],
    "s3-crosscopy copy s3://a/ s3://b/ --compare ": ["auto", "checksum", "etag", "mtime", "size"],
    "s3-crosscopy copy --source-profile ": ["copier", "reader"],
    "s3-crosscopy doctor s3://a/ s3://b/ --batch": [],
    "s3-crosscopy copy s3://a/ s3://b/ --manifest cr": ["credentials"],
    "s3-crosscopy report cr": ["credentials"],
}

# What bash does when somebody presses Tab. If there is nothing else, it completes files itself.
TAB = """
eval "$(s3-crosscopy completion bash)"
complete -p s3-crosscopy > /dev/null || exit 1
while IFS= read -r line; do
    COMP_LINE="$line" COMP_POINT=${#line} COMP_TYPE=9 COMP_KEY=9 COMPREPLY=()
    _python_argcomplete s3-crosscopy
    echo "${COMPREPLY[*]}"
done
"""
# The fish function `complete -C` is its own answer to Tab; a tab stands before the description.
FISH = r"""
s3-crosscopy completion fish | source
while read line
    echo (complete -C $line | string replace -r '\t.*' '')
end
"""
# Zsh completes at a terminal only. What it finds goes to descriptor 9.
ZSH = r"""
autoload -U compinit; compinit -D -u
eval "$(s3-crosscopy completion zsh)"
tab() { zle complete-word; print -u 9 END }
zle -N tab
bindkey -e
bindkey '^I' tab
compadd() {
    if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
        local -a hits
        builtin compadd -A hits "$@"
        (( $#hits )) && print -r -l -u 9 -- $hits
    fi
    builtin compadd "$@"
}
print -u 9 END
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The command on the PATH, and two AWS profiles."""
    script = tmp_path / "s3-crosscopy"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m s3_crosscopy "$@"\n')
    script.chmod(0o755)
    (tmp_path / "config").write_text("[profile copier]\nregion=us-east-1\n")
    (tmp_path / "credentials").write_text("[reader]\n")
    return {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }


def in_script(command: list[str], environment: dict[str, str]) -> list[str]:
    """One line for each of `LINES`, from a shell that reads them."""
    done = subprocess.run(
        command,
        input="\n".join(LINES) + "\n",
        env=environment,
        cwd=environment["HOME"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout.splitlines()


def by_bash(environment: dict[str, str]) -> list[str]:
    return in_script(["bash", "--norc", "-c", TAB], environment)


def by_fish(environment: dict[str, str]) -> list[str]:
    return in_script(["fish", "--no-config", "-c", FISH], environment)


def by_zsh(environment: dict[str, str]) -> list[str]:
    Path(environment["HOME"], "start").write_text(ZSH)
    with at_terminal(["zsh", "-f", "-i"], environment) as (typed, answers):
        typed("source ./start\r")
        until_end(answers)
        completions = []
        for line in LINES:
            typed(f"\x15{line}\t")  # Ctrl-U removes the line before
            completions.append(" ".join(dict.fromkeys(until_end(answers))))
        typed("\x15exit\r")
    return completions


@contextmanager
def at_terminal(command: list[str], environment: dict[str, str]) -> Iterator[tuple[Callable[[str], object], Any]]:
    """A process at a terminal of its own, whose descriptor 9 is read: how to type, and what it writes there."""
    terminal, its_terminal = pty.openpty()
    reading, writing = os.pipe()
    streams: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), its_terminal)
    redirected = ["bash", "-c", f'exec "$@" 9>&{writing}', "bash", *command]
    with subprocess.Popen(
        redirected, **streams, pass_fds=[writing], env=environment, cwd=environment["HOME"], start_new_session=True
    ) as process:
        os.close(its_terminal)
        os.close(writing)
        shown = threading.Thread(target=drain, args=(terminal,))
        shown.start()
        with open(reading, encoding="utf-8") as answers:
            yield lambda text: os.write(terminal, text.encode()), answers
        process.wait(timeout=120)
    shown.join()
    os.close(terminal)


def until_end(answers: Any) -> list[str]:
    """What the shell found for one line."""
    words: list[str] = []
    for line in answers:
        if line == "END\n":
            return words
        words.append(line.strip())
    raise AssertionError(f"the shell ended: {words}")


def drain(terminal: int) -> None:
    """Read what is shown, until nobody shows anything any more: an unread terminal blocks."""
    with suppress(OSError):
        while os.read(terminal, 4096):
            pass


COMPLETED_BY = {"bash": by_bash, "zsh": by_zsh, "fish": by_fish}


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_completes_commands_flags_values_and_profiles(shell: str, environment: dict[str, str]) -> None:
    ensure_or_skip(Software(shell, (shell,), (shell,)))
    completions = dict(zip(LINES, map(str.split, COMPLETED_BY[shell](environment)), strict=True))

    assert {line: sorted(words) for line, words in completions.items()} == LINES


@pytest.mark.parametrize("shell", SHELLS)
def test_the_code_for_each_shell_is_whole(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Bash and zsh get one text, which bash can read; in that for fish each block has its end."""
    main(["completion", shell])
    code = capsys.readouterr().out

    if shell == "fish":
        first_words = [line.split()[0] for line in code.splitlines() if line.strip()]
        assert sum(word in ("function", "if", "while", "for", "begin", "switch") for word in first_words) == 2
        assert first_words.count("end") == 2
        assert first_words[-1] == "complete"
    else:
        subprocess.run(["bash", "-n"], input=code, text=True, timeout=60, check=True)
        assert "compdef _python_argcomplete s3-crosscopy" in code


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_code_for_itself(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0

    code = capsys.readouterr().out
    assert "s3-crosscopy" in code
    assert ("complete --command" in code) == (shell == "fish")


def test_another_shell_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "tcsh"]) == 2
    assert capsys.readouterr().err == "s3-crosscopy: SHELL: 'tcsh' is not one of 'bash', 'zsh', 'fish'\n"


def test_without_argcomplete_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "argcomplete.shell_integration", None)

    assert main(["completion", "bash"]) == 2
    assert "pip install argcomplete" in capsys.readouterr().err
