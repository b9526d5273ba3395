"""Words and flags of other tools are answered with those of this command."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from s3_crosscopy.cli.command_table import COMMANDS
from s3_crosscopy.cli.exit_codes import ExitCode
from s3_crosscopy.cli.main import main, parsers, read_arguments
from s3_crosscopy.cli.usage_hints import _FLAGS, _OTHERS


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("cp s3://a/x/ s3://b/x/", "s3-crosscopy copies with `copy`: s3-crosscopy copy s3://a/x/ s3://b/x/"),
        ("sync s3://a/x/ s3://b/x/ --include *.csv",
         "s3-crosscopy copies with `copy`: s3-crosscopy copy s3://a/x/ s3://b/x/ --include '*.csv'"),
        ("sync", "s3-crosscopy copies with `copy`: s3-crosscopy copy s3://source-bucket/in/ s3://dest-bucket/out/"),
        ("mv s3://a/x s3://b/x",
         ("mv: no source is ever deleted; copy, look at the result, then delete the source with"
          " `aws s3 rm --recursive`: s3-crosscopy copy s3://a/x s3://b/x")),
        ("sync s3://a/x s3://b/x -n", "s3-crosscopy copies with `copy`: s3-crosscopy copy s3://a/x/ s3://b/x/ -n"),
        ("cp --recursive s3://a/x s3://b/x",
         "s3-crosscopy copies with `copy`: s3-crosscopy copy s3://a/x/ s3://b/x/"),
        ("cp s3://a/x s3://b/x", "s3-crosscopy copies with `copy`: s3-crosscopy copy s3://a/x s3://b/x"),
        ("--profile p copy s3://a/x/ s3://b/x/",
         "--profile: a flag stands after the command: s3-crosscopy copy s3://a/x/ s3://b/x/ --profile p"),
        ("-q copy s3://a/x s3://b/x", "-q: a flag stands after the command: s3-crosscopy copy s3://a/x s3://b/x -q"),
        ("--profile p s3://a/x/ s3://b/x/",
         "--profile: a command comes first: s3-crosscopy COMMAND [OPTION]...; see s3-crosscopy --help"),
        ("ls s3://a/",
         ("ls: this command lists nothing; `aws s3 ls` does, and `s3-crosscopy plan SOURCE DEST` shows what"
          " a copy would do")),
        ("s3://a/x/ s3://b/x/", "the command is missing before s3://a/x/; to copy: s3-crosscopy copy s3://a/x/ s3://b/x/"),
        ("docter", "docter: no such command; did you mean 'doctor'?"),
        ("xyz", f"xyz: no such command; there are {', '.join(command.name for command in COMMANDS)}"),
        ("copy s3://a/x/ s3://b/x/ --include a.csv b.csv",
         "b.csv: is one argument too many; if the shell made it of a glob, quote the glob"),
        ("help docter", "docter: no such command; did you mean 'doctor'?"),
        ("copy s3://a/x/ s3://b/x/ --recursive",
         "--recursive: no such argument; leave it out; a SOURCE that ends in '/' is copied with everything under it"),
        ("copy s3://a/x/ s3://b/x/ --delete",
         "--delete: no such argument; the flag is --extraneous delete; see the page Mirror"),
    ],
)  # fmt: skip
def test_another_tools_word_is_answered_with_the_right_command(
    words: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words.split()) == ExitCode.BAD_INPUT
    assert capsys.readouterr() == ("", f"s3-crosscopy: {line}\n")


def test_no_answer_is_about_a_word_or_a_flag_that_exists() -> None:
    assert not {command.name for command in COMMANDS} & {*_OTHERS}
    flags = set(parsers("copy")[1]["copy"]._option_string_actions)
    assert not flags & {*_FLAGS}
    named = [re.match(r"the flag is (--[a-z-]+)", hint) for hint in _FLAGS.values()]
    assert [match[1] for match in named if match is not None and match[1] not in flags] == []


def test_help_is_a_word_too(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["help"], ["help", "help"], ["help", "copy"]):
        with pytest.raises(SystemExit, match="0"):
            main(words)
        assert capsys.readouterr().out.startswith(f"usage: s3-crosscopy {'copy ' if 'copy' in words else '[-h]'}")


def test_short_flags_are_those_of_other_tools() -> None:
    namespace = read_arguments(["copy", "s3://a/x/", "s3://b/x/", "-n", "-q"])
    assert (namespace.dry_run, namespace.quiet) == (True, True)
    assert read_arguments(["copy", "s3://a/x/", "s3://b/x/", "-v"]).verbose
    for command in COMMANDS:
        if command.name not in ("plan", "completion", "policies", "doctor", "selftest"):
            places = 2 if command.name == "copy" else 1
            assert read_arguments([command.name, *["x"] * places, "-q"]).quiet


def test_the_package_runs_as_the_command_does() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "s3_crosscopy", "-V"], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.startswith("s3-crosscopy ")
