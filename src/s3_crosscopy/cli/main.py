"""The command `s3-crosscopy`: parses its arguments, runs the subcommand, returns the exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from s3_crosscopy.adapters.garbage_collector import end_without_collection, rare_garbage_collection
from s3_crosscopy.cli import exit_codes
from s3_crosscopy.cli.command_parser import PROGRAM, Parser
from s3_crosscopy.cli.command_table import COMMANDS, Command
from s3_crosscopy.cli.exit_codes import MEANINGS, ExitCode
from s3_crosscopy.cli.output import complain, fail
from s3_crosscopy.cli.standard_streams import surviving
from s3_crosscopy.errors import CrossCopyError, Interrupted, InvalidInput


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit code. `argv` None: that of the process."""
    if argv is None:
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


def _run(argv: Sequence[str]) -> int:
    try:
        namespace = read_arguments(argv)
        return int(namespace.run(namespace))
    except CrossCopyError as error:
        return fail(error)
    except KeyboardInterrupt:
        return fail(Interrupted("stopped by request"))


def read_arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Parse a command line. Raises InvalidInput; --help and --version print and raise SystemExit."""
    parser, subparsers = _parsers(_command_name(argv))
    namespace, unknown = parser.parse_known_args(argv)
    if unknown:
        from s3_crosscopy.model.option_parsers import near

        word = next((word for word in unknown if word.startswith("-")), unknown[0]).partition("=")[0]
        raise InvalidInput(f"{word}: no such argument{near(word, tuple(_flags(subparsers[namespace.command])))}")
    return namespace


def _command_name(argv: Sequence[str]) -> str:
    """The first word that is no flag; "" if there is none. No flag before the command takes a value."""
    return next((word for word in argv if not word.startswith("-")), "")


def _parsers(name: str) -> tuple[Parser, dict[str, Parser]]:
    """The parser, and those of the commands by name. Only the named command's parser gets its arguments."""
    from s3_crosscopy import __version__

    parser = Parser(prog=PROGRAM, description="Copy S3 objects server-side between AWS accounts.")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
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
            _fill(subparser, command)
        by_name[command.name] = subparser
    return parser, by_name


def _fill(subparser: Parser, command: Command) -> None:
    """Add the command's arguments and function to its parser, and the texts around them."""
    command.add_arguments(subparser)
    subparser.epilog = "\n".join(["exit codes:", *(f"  {code:>3}  {meaning}" for code, meaning in MEANINGS.items())])
    # Not every option by name: those are in the list below.
    positionals = [action.metavar for action in subparser._actions if not action.option_strings]
    subparser.usage = f"{PROGRAM} {command.name} [OPTION]... {' '.join(map(str, positionals))}"
    subparser.set_defaults(run=command.run)


def _flags(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from (name for name in action.option_strings if name.startswith("--"))
