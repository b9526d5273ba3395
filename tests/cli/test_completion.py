"""The one line of the docs makes a shell complete the command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from s3_crosscopy.cli.completion import SHELLS
from s3_crosscopy.cli.main import main

LINES = {
    "s3-crosscopy do": ["doctor"],
    "s3-crosscopy copy s3://a/ s3://b/ --max-f": ["--max-failures"],
    "s3-crosscopy copy s3://a/ s3://b/ --compare ": ["auto", "etag", "size", "mtime", "checksum"],
    "s3-crosscopy copy --source-profile ": ["copier", "reader"],
    "s3-crosscopy doctor s3://a/ s3://b/ --batch": [],
    "s3-crosscopy completion b": ["bash"],
}

# What bash does when somebody presses Tab.
TAB = """
eval "$(s3-crosscopy completion bash)"
complete -p s3-crosscopy > /dev/null || exit 1
while IFS= read -r line; do
    COMP_LINE="$line" COMP_POINT=${#line} COMP_TYPE=9 COMP_KEY=9 COMPREPLY=()
    _python_argcomplete s3-crosscopy
    echo "${COMPREPLY[*]}"
done
"""


@pytest.mark.slow
def test_bash_completes_commands_flags_values_and_profiles(tmp_path: Path) -> None:
    script = tmp_path / "s3-crosscopy"
    script.write_text(f'#!/bin/sh\nexec {sys.executable} -m s3_crosscopy "$@"\n')
    script.chmod(0o755)
    (tmp_path / "config").write_text("[profile copier]\nregion=us-east-1\n")
    (tmp_path / "credentials").write_text("[reader]\n")
    environment = {
        **os.environ,
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }
    done = subprocess.run(
        ["bash", "--norc", "-c", TAB],
        input="\n".join(LINES) + "\n",
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    completions = dict(zip(LINES, map(str.split, done.stdout.splitlines()), strict=True))
    assert completions == LINES


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
