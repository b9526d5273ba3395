"""The command line: arguments made of the table of options. It reads nothing but flags: values go on as text.

What a value may be is known to the options' own readers alone, so that shell, DAG and Python get the same errors.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from s3_crosscopy.cli.exit_codes import MEANINGS
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model import parse
from s3_crosscopy.model.options import OPTIONS, Option

PROGRAM = "s3-crosscopy"
COPY, ABORT = "copy", "abort-uploads"

ACCESS = {
    "profile": "AWS profile that signs every copy: it reads the source and writes the destination",
    "source_profile": "AWS profile that lists, HEADs and reads tags at the source (default: --profile)",
    "endpoint_url": "URL of an S3 server other than AWS",
    "region_name": "Region to ask first; a bucket's own Region is discovered",
}
CHECKPOINT = "file that keeps what is left of an interrupted run: the same command goes on from there"
_SHORTER = {"region_name": "--region", "verify": "--ca-bundle"}


class Arguments(NamedTuple):
    """What the user asked for: the command, its places, keyword arguments of its function, and how to show it."""

    command: str
    places: tuple[str, ...]
    keywords: dict[str, object]
    json: bool
    quiet: bool
    verbose: bool


def flag(name: str) -> str:
    """How the command line spells an argument of `copy()`."""
    return _SHORTER.get(name, "--" + name.replace("_", "-"))


_KEYWORDS = (*(option.name for option in OPTIONS), *ACCESS, "verify", "checkpoint")
_FLAGS = (*map(flag, _KEYWORDS), "--no-verify-ssl", "--json", "--quiet", "--verbose", "--version", "--help")
_SPELT = re.compile(rf"^({'|'.join(_KEYWORDS)})(?=: )|\b({'|'.join(_KEYWORDS)})=(?:True|'([^']*)')")


def in_flags(message: str) -> str:
    """An error that names arguments as Python spells them, as the command line spells them."""

    def spell(found: re.Match[str]) -> str:
        name, value = found[1] or found[2], found[3]
        return flag(name) if value is None else f"{flag(name)} {value}"

    return _SPELT.sub(spell, message)


def read_arguments(argv: Sequence[str]) -> Arguments:
    """Read a command line. Raises InvalidInput; --help and --version print and raise SystemExit."""
    given, unknown = _parser().parse_known_args(argv)
    if unknown:
        word = next((word for word in unknown if word.startswith("-")), unknown[0]).partition("=")[0]
        raise InvalidInput(f"{word}: no such argument{parse.near(word, _FLAGS)}")
    values = vars(given)
    keywords = {name: values[name] for name in _KEYWORDS if values.get(name) is not None}
    if given.command == ABORT:
        return Arguments(ABORT, (given.file,), keywords, given.json, given.quiet, False)
    return Arguments(COPY, (given.source, given.dest), keywords, given.json, given.quiet, given.verbose)


class _Parser(argparse.ArgumentParser):
    """Raises where argparse prints its usage and exits: an error is one line."""

    def error(self, message: str) -> NoReturn:
        raise InvalidInput(f"{message}; see {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    from s3_crosscopy import __version__

    parser = _Parser(prog=PROGRAM, description="Copy S3 objects server-side between AWS accounts.")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)
    _add_abort(commands)
    summary = "Copy an object or everything under a prefix; what is there already is skipped."
    copy = commands.add_parser(
        COPY,
        help=summary,
        description=summary,
        usage=f"{PROGRAM} copy [OPTION]... SOURCE DEST",
        epilog="\n".join(["exit codes:", *(f"  {code:>3}  {meaning}" for code, meaning in MEANINGS.items())]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    copy.add_argument("source", metavar="SOURCE", help="s3://bucket/key, or s3://bucket/prefix/")
    copy.add_argument("dest", metavar="DEST", help="s3://bucket/key, or s3://bucket/prefix/")
    options = copy.add_argument_group("what is copied, and how")
    for option in OPTIONS:
        _add_option(options, option)
    options.add_argument("--checkpoint", metavar="FILE", help=CHECKPOINT)
    _add_access(copy.add_argument_group("access"))
    _add_output(copy.add_argument_group("output"))
    return parser


def _add_abort(commands: argparse._SubParsersAction[_Parser]) -> None:
    summary = "Abort exactly the unfinished uploads that a checkpoint file recorded, and no others."
    abort = commands.add_parser(ABORT, help=summary, description=summary, allow_abbrev=False)
    abort.add_argument("file", metavar="CHECKPOINT", help="the file that copy was given as --checkpoint")
    _add_access(abort.add_argument_group("access"), source=False)
    output = abort.add_argument_group("output")
    output.add_argument("--json", action="store_true", help="print the upload ids as JSON")
    output.add_argument("--quiet", action="store_true", help="print only what could not be aborted")


def _add_option(group: argparse._ArgumentGroup, option: Option) -> None:
    text, name = _help(option), flag(option.name)
    if option.parse is parse.flag and option.default is False:
        group.add_argument(name, action="store_true", default=None, help=text)
    elif option.parse is parse.flag:
        group.add_argument(name, action=argparse.BooleanOptionalAction, help=text)
    elif option.parse is parse.globs:
        group.add_argument(name, action="append", metavar="GLOB", help=f"{text}; may be repeated")
    elif option.parse is parse.keep_drop_or_replace:
        group.add_argument(name, metavar="keep|drop|KEY=VALUE,...", help=text)
    else:
        group.add_argument(name, metavar="VALUE", help=text)


def _help(option: Option) -> str:
    text = option.help
    if isinstance(option.parse, parse.Choice):
        text += f" [{', '.join(option.parse.allowed)}]"
    if option.default is not None and option.default is not False and option.default != ():
        sized = isinstance(option.default, int) and option.default >= 2**20
        text += f" (default: {parse.show_bytes(option.default) if sized else option.default})"
    return text.replace("%", "%%")


def _add_access(group: argparse._ArgumentGroup, *, source: bool = True) -> None:
    for name, text in ACCESS.items():
        if name == "source_profile" and not source:
            continue
        group.add_argument(flag(name), dest=name, metavar="VALUE", help=text)
    tls = group.add_mutually_exclusive_group()
    no_tls = "do not check TLS certificates"
    tls.add_argument("--no-verify-ssl", dest="verify", action="store_const", const=False, help=no_tls)
    tls.add_argument("--ca-bundle", dest="verify", metavar="PATH", help="certificates to check TLS with")


def _add_output(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--json", action="store_true", help="print the report as JSON, and nothing else, on stdout")
    loud = group.add_mutually_exclusive_group()
    loud.add_argument(
        "--quiet", action="store_true", help="print neither progress nor result, only errors (and --json)"
    )
    loud.add_argument("--verbose", action="store_true", help="print a line for each batch instead of a progress bar")
