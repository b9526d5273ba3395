"""The command `s3-crosscopy`: parses its arguments, runs the subcommand, returns the exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence

from s3_crosscopy.adapters.garbage_collector import end_without_collection, rare_garbage_collection
from s3_crosscopy.cli import exit_codes
from s3_crosscopy.cli.command_parser import PROGRAM, Parser
from s3_crosscopy.cli.command_table import COMMANDS
from s3_crosscopy.cli.exit_codes import ExitCode
from s3_crosscopy.cli.filled_parser import fill_parser
from s3_crosscopy.cli.output import complain, fail
from s3_crosscopy.cli.standard_streams import surviving
from s3_crosscopy.errors import CrossCopyError, Interrupted, InvalidInput

_OF_THE_PROGRAM = ("-h", "--help", "-V", "--version", "--")
"""The flags that stand before a command, or without one."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit code. `argv` None: that of the process."""
    if argv is None:
        _answer_shell()
        end_without_collection()
    with surviving() as out, rare_garbage_collection():
        try:
            code = _run(sys.argv[1:] if argv is None else argv)
        except SystemExit:  # --help and --version
            out.flush()
            if out.lost is None:
                raise
            code = ExitCode.DONE
        out.flush()
        if out.lost is None:
            return code
        complain(f"the result could not be written to stdout: {out.lost.strerror or out.lost}")
    return exit_codes.result_lost(code)


def _answer_shell() -> None:
    """If a shell asks for completions, answer and end the process."""
    if "_ARGCOMPLETE" in os.environ:
        from s3_crosscopy.cli.completion import complete, words_of_line

        complete(*parsers(command_name(words_of_line())))


def _run(argv: Sequence[str]) -> int:
    origins: dict[str, str] = {}
    try:
        namespace = read_arguments(argv, origins)
        return int(namespace.run(namespace))
    except CrossCopyError as error:
        return fail(error, origins=origins)
    except KeyboardInterrupt:
        return fail(Interrupted("stopped by request"))


def read_arguments(argv: Sequence[str], origins: dict[str, str] | None = None) -> argparse.Namespace:
    """Parse a command line, and add the defaults. Raises InvalidInput; --help and --version print and raise SystemExit.

    `origins`: gets the places of the defaults, by the names of the arguments, which errors of a run name.
    """
    argv = _without_help_word(argv)
    name = command_name(argv)
    names = [command.name for command in COMMANDS]
    if argv and argv[0].startswith("-") and argv[0] not in _OF_THE_PROGRAM:
        from s3_crosscopy.cli.usage_hints import flag_first

        raise InvalidInput(flag_first(argv, names))
    if name and name not in names:
        from s3_crosscopy.cli.usage_hints import unknown_command

        raise InvalidInput(unknown_command(name, argv[argv.index(name) + 1 :], names))
    parser, subparsers = parsers(name)
    namespace, unknown = parser.parse_known_args(argv)
    if unknown:
        from s3_crosscopy.cli.usage_hints import unknown_flag

        word = next((word for word in unknown if word.startswith("-")), unknown[0]).partition("=")[0]
        raise InvalidInput(unknown_flag(word, _flags(subparsers[name])))
    from s3_crosscopy.cli.given_defaults import add_defaults

    namespace.origins = {} if origins is None else origins
    add_defaults(namespace, subparsers[name], name)
    return namespace


def command_name(words: Sequence[str]) -> str:
    """The first word that is no flag; "" if there is none. No flag before the command takes a value."""
    return next((word for word in words if not word.startswith("-")), "")


def _without_help_word(argv: Sequence[str]) -> Sequence[str]:
    """`help COMMAND` as `COMMAND --help`."""
    if not argv or argv[0] != "help":
        return argv
    return [*(word for word in argv[1:2] if word != "help"), "--help"]


def parsers(name: str) -> tuple[Parser, dict[str, Parser]]:
    """The parser, and those of the commands by name. Only the named command's parser gets its arguments."""
    from s3_crosscopy import __version__

    parser = Parser(prog=PROGRAM, description="Copy S3 objects server-side between AWS accounts.")
    parser.add_argument("-V", "--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)
    by_name: dict[str, Parser] = {}
    for command in COMMANDS:
        subparser = commands.add_parser(
            command.name,
            help=command.summary,
            description=command.summary,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if command.name == name:
            fill_parser(subparser, command)
        by_name[command.name] = subparser
    return parser, by_name


def _flags(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from (name for name in action.option_strings if name.startswith("--"))
