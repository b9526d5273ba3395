"""The page of the command, from its own parsers and table of exit codes."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from docs.writers.table import code, page, table

from s3_crosscopy.cli.arguments import flag
from s3_crosscopy.cli.command_parser import PROGRAM, Parser
from s3_crosscopy.cli.command_table import COMMANDS, Command
from s3_crosscopy.cli.exit_codes import MEANINGS
from s3_crosscopy.model.option_table import NAMES

HEAD = f"""\
`{PROGRAM} COMMAND --help` prints the same. Flags cannot be abbreviated, and may stand before or after the other
arguments. Results go to stdout, progress and errors to stderr. If a stream is closed or full, or its reader has exited
(`| head -1`), a copy still continues to its end. The exit code then says that the result could not be printed.

The globs of `--include`, `--exclude` and `--copy-last` are relative to the source prefix. For a single object they are
matched against its name: `--include '*.csv'` copies `s3://bucket/in/orders.csv`. Quote them, or the shell expands them.
An exclude has priority in any order: instead of aws-cli's `--exclude '*' --include '*.csv'`, write only
`--include '*.csv'`.
"""

EVERY_OPTION = "Every [option](options.md) of a copy, with `batch_size` written as `--batch-size`"


def cli_page() -> str:
    """The page docs/cli.md."""
    sections = [section for command in COMMANDS for section in _command(command)]
    codes = table(("code", "meaning"), ((str(int(one)), _flags_as_code(text)) for one, text in MEANINGS.items()))
    return page("Command line", HEAD, *sections, "## Exit codes\n", codes)


def _command(command: Command) -> Iterable[str]:
    name = command.name
    parser = Parser(prog=f"{PROGRAM} {name}")
    command.add_arguments(parser)
    places = [str(one.metavar) for one in _actions(parser._action_groups) if not one.option_strings]
    yield f"## {PROGRAM} {name}\n\n{command.summary}\n\n```text\n{PROGRAM} {name} [OPTION]... {' '.join(places)}\n```\n"
    options = [one for one in _actions(parser._action_groups) if one.dest in NAMES]
    if options:
        lacking = [flag(one) for one in NAMES if one not in {each.dest for each in options}]
        yield f"{EVERY_OPTION}{f', but {code(lacking[0])}' if lacking else ''}; and:\n"
    rows = (_row(one) for one in _actions(parser._action_groups) if one.dest not in (*NAMES, "help"))
    yield table(("argument", "what it does"), rows)


def _actions(groups: Iterable[argparse._ArgumentGroup]) -> Iterable[argparse.Action]:
    for group in groups:
        yield from group._group_actions


def _row(one: argparse.Action) -> tuple[str, str]:
    value = "" if one.nargs == 0 else f" {one.metavar}"
    spelt = ", ".join(code(f"{name}{value}") for name in one.option_strings) or code(str(one.metavar))
    return spelt, _flags_as_code((one.help or "").replace("%%", "%"))


def _flags_as_code(text: str) -> str:
    words = text.split(" ")
    return " ".join(_flag_as_code(word) if word.lstrip("([").startswith("--") else word for word in words)


def _flag_as_code(word: str) -> str:
    bare = word.strip("()[],;:")
    return word.replace(bare, code(bare))
