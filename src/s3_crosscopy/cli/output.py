"""Prints results, JSON and errors in the same way for every command."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TextIO

from s3_crosscopy.cli import exit_codes
from s3_crosscopy.cli.command_parser import PROGRAM
from s3_crosscopy.errors import CrossCopyError
from s3_crosscopy.model.humanize import printable


def fail(error: CrossCopyError, *, explained: bool = False, origins: Mapping[str, str] | None = None) -> int:
    """Print an error; returns its exit code.

    `explained`: only the first line, because the printed report has the explanation of access denied already.
    """
    complain(*str(error).splitlines()[: 1 if explained else None], origins=origins)
    return exit_codes.of_error(error)


def complain(first: str, *more: str, origins: Mapping[str, str] | None = None) -> None:
    """Print an error line and its explanation on stderr. `origins`: the places of values that no flag gave."""
    from s3_crosscopy.cli.spelling import in_flags

    lines = (f"{PROGRAM}: {in_flags(first, origins)}", *map(in_flags, more))
    say("\n".join(map(printable, lines)), sys.stderr)


def tell(text: str) -> None:
    """Print text for people on stdout, in the command's spelling."""
    from s3_crosscopy.cli.spelling import in_flags

    say(in_flags(text))


def say_json(value: object) -> None:
    """Print a value as JSON on stdout."""
    import json

    say(json.dumps(value, indent=2), sys.stdout)


def say(text: str, stream: TextIO | None = None) -> None:
    """Print text to stdout or `stream`; characters outside the stream's encoding are escaped."""
    stream = stream or sys.stdout
    encoding = stream.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)
