"""The page of the command, from its own parsers and table of exit codes."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from docs.writers.defaults import completion_section, defaults_section, examples_block, is_hidden
from docs.writers.table import code, page, table

from s3_crosscopy.cli.command_parser import PROGRAM, Parser
from s3_crosscopy.cli.command_table import COMMANDS, Command
from s3_crosscopy.cli.exit_codes import MEANINGS
from s3_crosscopy.cli.filled_parser import fill_parser
from s3_crosscopy.cli.spelling import flag
from s3_crosscopy.model.option_table import NAMES

HEAD = f"""\
`{PROGRAM} COMMAND --help`, or `{PROGRAM} help COMMAND`, prints the same; so does `python -m s3_crosscopy`, where the
script is not on the `PATH`. Every command also has `--config` ([defaults](#defaults)). Flags cannot be abbreviated, and
may stand before or after the other arguments. Results go to stdout, progress and errors to stderr. If a stream is
closed or full, or its reader has exited (`| head -1`), a copy still continues to its end. The exit code then says that
the result could not be printed.

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
    texts = (defaults_section(), completion_section(), "## Exit codes\n", codes)
    return page("Command line", HEAD, *sections, *texts)


def _command(command: Command) -> Iterable[str]:
    name = command.name
    parser = Parser(prog=f"{PROGRAM} {name}")
    fill_parser(parser, command)
    places = [str(one.metavar) for one in _actions(parser._action_groups) if not one.option_strings]
    yield f"## {PROGRAM} {name}\n\n{command.summary}\n\n```text\n{PROGRAM} {name} [OPTION]... {' '.join(places)}\n```\n"
    yield examples_block(command.examples)
    options = [one for one in _actions(parser._action_groups) if one.dest in NAMES]
    if takes_options := len(options) > len(NAMES) / 2:  # else they are its own, of the same name
        yield _about_options(options)
    hidden = {"help", "config", *(NAMES if takes_options else ())}
    rows = (_row(one) for one in _actions(parser._action_groups) if one.dest not in hidden)
    yield table(("argument", "what it does"), rows)


def _about_options(options: list[argparse.Action]) -> str:
    """The sentence about the options of a copy that a command takes."""
    lacking = [flag(one) for one in NAMES if one not in {each.dest for each in options}]
    shown = [code(flag(one.dest)) for one in options if not is_hidden(one)]
    if len(shown) < len(options):
        return f"{EVERY_OPTION}; of these, access depends on {', '.join(shown)}. And:\n"
    return f"{EVERY_OPTION}{f', but {code(lacking[0])}' if lacking else ''}; and:\n"


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
