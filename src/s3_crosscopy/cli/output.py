"""What every command says in the same way: text on a stream, an error on one line with its exit code."""

from __future__ import annotations

import json
import sys
from typing import TextIO

from s3_crosscopy.cli import exit_codes
from s3_crosscopy.cli.arguments import PROGRAM, in_flags
from s3_crosscopy.errors import CrossCopyError
from s3_crosscopy.model.humanize import printable


def fail(error: CrossCopyError, *, explained: bool = False) -> int:
    """Tell an error; the lines behind its first explain a denial, which a printed report does too."""
    complain(*str(error).splitlines()[: 1 if explained else None])
    return exit_codes.of_error(error)


def complain(first: str, *more: str) -> None:
    """A line, and what explains it, on stderr."""
    say("\n".join(map(printable, (f"{PROGRAM}: {in_flags(first)}", *more))), sys.stderr)


def say_json(value: object) -> None:
    """A value as JSON on stdout."""
    say(json.dumps(value, indent=2), sys.stdout)


def say(text: str, stream: TextIO | None = None) -> None:
    """Print what the stream's encoding may not have: a key may hold any character."""
    stream = stream or sys.stdout
    encoding = stream.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)
