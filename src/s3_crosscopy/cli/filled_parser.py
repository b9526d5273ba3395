"""Gives the parser of a command its arguments, and the texts around them: usage, examples and exit codes."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from s3_crosscopy.cli.command_parser import PROGRAM
from s3_crosscopy.cli.command_table import Command
from s3_crosscopy.cli.defaults import add_opposites
from s3_crosscopy.cli.exit_codes import MEANINGS

CONFIG = "file of defaults (default: S3_CROSSCOPY_CONFIG, or s3-crosscopy/config.toml below ~/.config)"
TELL = "print which defaults came from the environment or the file of defaults"


def fill_parser(parser: argparse.ArgumentParser, command: Command) -> None:
    """Add the command's arguments and function to its parser, and the texts."""
    command.add_arguments(parser)
    defaults = parser.add_argument_group("defaults")
    defaults.add_argument("--config", metavar="FILE", help=CONFIG)
    if "--verbose" not in parser._option_string_actions:
        defaults.add_argument("-v", "--verbose", action="store_true", default=None, help=TELL)
    add_opposites(parser)
    parser.epilog = "\n".join([*_examples(command), "", *_exit_codes()])
    # Not every option by name: those are in the list below.
    positionals = [action.metavar for action in parser._actions if not action.option_strings]
    parser.usage = f"{PROGRAM} {command.name} [OPTION]... {' '.join(map(str, positionals))}"
    parser.set_defaults(run=command.run)


def _examples(command: Command) -> Iterator[str]:
    yield "examples:"
    for example in command.examples:
        yield f"  # {example.purpose}"
        yield f"  {example.line}"


def _exit_codes() -> Iterator[str]:
    yield "exit codes:"
    yield from (f"  {code:>3}  {meaning}" for code, meaning in MEANINGS.items())
