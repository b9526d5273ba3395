"""Every help has examples, and each is a command line that the command's own parser takes."""

from __future__ import annotations

import re
import shlex
from argparse import SUPPRESS, Action
from pathlib import Path

import pytest

from s3_crosscopy.cli.arguments import DECIDE_ABOUT_ACCESS, keywords
from s3_crosscopy.cli.command_table import COMMANDS, Command
from s3_crosscopy.cli.commands.policies_command import run as print_policies
from s3_crosscopy.cli.main import main, parsers, read_arguments
from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.model.option_groups import GROUPS
from s3_crosscopy.model.option_table import NAMES, OPTIONS

PLACES = ("s3://source-bucket/in/", "s3://dest-bucket/out/")
CLI_PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
EXAMPLES = [(command, example.line) for command in COMMANDS for example in command.examples]


def help_of(command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit, match="0"):
        main(["help", command])
    return capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_help_shows_its_examples(
    command: Command, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = help_of(command.name, capsys, monkeypatch)

    assert len(command.examples) > 0
    for example in command.examples:
        assert f"  # {example.purpose}\n  {example.line}\n" in shown


@pytest.mark.parametrize(("command", "line"), EXAMPLES, ids=[line for _, line in EXAMPLES])
def test_an_example_is_a_command_line(command: Command, line: str) -> None:
    match = re.search(r"s3-crosscopy ([^|)]*)", line)
    assert match is not None
    namespace = read_arguments(shlex.split(match[1]))

    assert namespace.command == command.name
    if "overwrite" in namespace:  # those of selftest are not the options of a copy
        resolve_spec(namespace.source, namespace.dest, keywords(namespace, NAMES))


def test_options_are_in_the_help_by_their_groups(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = help_of("copy", capsys, monkeypatch)

    places = [shown.index(f"\n{group.title}:\n") for group in GROUPS]
    assert places == sorted(places)
    for option in OPTIONS:
        start = shown.index(f"\n{option.group.title}:\n")
        assert f" --{option.name.replace('_', '-').replace('headers', 'header')}" in shown[start:].split("\n\n")[0]


@pytest.mark.parametrize("command", ["doctor", "policies"])
def test_a_help_about_access_shows_only_what_decides_about_it_and_takes_all(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = help_of(command, capsys, monkeypatch)

    assert " --batch-size " not in shown
    assert " --max-failures " not in shown
    assert " --kms-key-id " in shown
    namespace = read_arguments([command, *PLACES, "--max-failures", "5", "--batch-size", "10"])
    assert namespace.max_failures == "5"


# Each with an option that it needs.
CHANGED = {
    "kind": ("object",),
    "compare": ("mtime",),
    "max_failures": ("5",),
    "include": ("*.csv",),
    "exclude": ("*.csv",),
    "overwrite": ("always", "--verification", "responses"),
    "tags": ("drop",),
    "metadata": ("drop",),
    "acl_policy": ("bucket-owner-full-control",),
    "kms_encryption_type": ("aws:kms", "--kms-key-id", "arn:aws:kms:us-east-1:111111111111:key/a"),
    "manifest": ("s3://other/keys.txt",),
    "report": ("s3://other/reports/",),
    "etag_index": ("s3://other/index/",),
    "expected_bucket_owner": ("111111111111",),
    "expected_source_bucket_owner": ("222222222222",),
    "multipart_threshold": ("5GiB",),
    "storage_class": ("STANDARD_IA",),
    "batch_size": ("10",),
    "max_concurrency": ("8",),
    "archived": ("skip",),
    "copy_last": ("off",),
    "outage_deadline": ("60",),
    "checksum_algorithm": ("SHA256",),
    "min_size": ("1KiB",),
    "modified_after": ("2026-01-01",),
}


@pytest.mark.parametrize("name", sorted(CHANGED))
def test_an_option_that_changes_the_policies_is_shown(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    def policies(*arguments: str) -> str:
        assert print_policies(read_arguments(["policies", *PLACES, *arguments])) == 0
        return capsys.readouterr().out

    plain = policies()
    if policies(f"--{name.replace('_', '-')}", *CHANGED[name]) != plain:
        assert name in DECIDE_ABOUT_ACCESS


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_the_page_of_the_command_names_every_argument(command: Command) -> None:
    section = CLI_PAGE.partition(f"\n## s3-crosscopy {command.name}\n")[2].partition("\n## ")[0]
    actions = [action for action in parsers(command.name)[1][command.name]._actions if action.help != SUPPRESS]
    is_copy = "overwrite" in [action.dest for action in actions]
    rest = [action for action in actions if action.dest not in ("help", "config", *(NAMES if is_copy else ()))]

    assert len(rest) > 0
    assert ("Every [option]" in section) == is_copy
    assert "SUPPRESS" not in section
    assert [action.dest for action in rest if not any(f"`{name}" in section for name in names_of(action))] == []


def names_of(action: Action) -> list[str]:
    return list(action.option_strings) or [str(action.metavar)]
