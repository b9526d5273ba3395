"""The command `s3-crosscopy`: parses its arguments, runs the subcommand, returns the exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from s3_crosscopy.cli import exit_codes
from s3_crosscopy.cli.arguments import PROGRAM, Parser
from s3_crosscopy.cli.commands import (
    abort_uploads_command as abort_uploads,
)
from s3_crosscopy.cli.commands import (
    copy_command as copy,
)
from s3_crosscopy.cli.commands import (
    doctor_command as doctor,
)
from s3_crosscopy.cli.commands import (
    plan_command as plan,
)
from s3_crosscopy.cli.commands import (
    policies_command as policies,
)
from s3_crosscopy.cli.commands import (
    report_command as report,
)
from s3_crosscopy.cli.exit_codes import MEANINGS, ExitCode
from s3_crosscopy.cli.output import complain, fail
from s3_crosscopy.cli.standard_streams import surviving
from s3_crosscopy.errors import CrossCopyError, Interrupted, InvalidInput
from s3_crosscopy.model import option_parsers as parse

COMMANDS = (copy, plan, doctor, policies, report, abort_uploads)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit code. `argv` None: that of the process."""
    with surviving() as out:
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
    parser, subparsers = _parsers()
    namespace, unknown = parser.parse_known_args(argv)
    if unknown:
        word = next((word for word in unknown if word.startswith("-")), unknown[0]).partition("=")[0]
        raise InvalidInput(f"{word}: no such argument{parse.near(word, tuple(_flags(subparsers[namespace.command])))}")
    return namespace


def _parsers() -> tuple[Parser, dict[str, Parser]]:
    from s3_crosscopy import __version__

    parser = Parser(prog=PROGRAM, description="Copy S3 objects server-side between AWS accounts.")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)
    by_name: dict[str, Parser] = {}
    for command in COMMANDS:
        subparser = commands.add_parser(
            command.NAME,
            help=command.SUMMARY,
            description=command.SUMMARY,
            epilog="\n".join(["exit codes:", *(f"  {code:>3}  {meaning}" for code, meaning in MEANINGS.items())]),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        command.add_arguments(subparser)
        # Not every option by name: those are in the list below.
        positionals = [action.metavar for action in subparser._actions if not action.option_strings]
        subparser.usage = f"{PROGRAM} {command.NAME} [OPTION]... {' '.join(map(str, positionals))}"
        subparser.set_defaults(run=command.run)
        by_name[command.NAME] = subparser
    return parser, by_name


def _flags(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        yield from (name for name in action.option_strings if name.startswith("--"))
