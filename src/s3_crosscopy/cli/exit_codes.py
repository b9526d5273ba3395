"""What the command's exit status says, in one table: 0 only if nothing failed."""

from __future__ import annotations

from enum import IntEnum

from s3_crosscopy.errors import CrossCopyError, EmptySource, Interrupted, InvalidInput
from s3_crosscopy.model.report import Report


class ExitCode(IntEnum):
    """The codes. 2 is also what shells and argparse use for a wrong call, 130 for Ctrl-C."""

    DONE = 0
    FAILED = 1
    BAD_INPUT = 2
    EMPTY = 3
    TOLERATED = 4
    UNTOLD = 5
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.DONE: "nothing failed: everything is at the destination (--dry-run: could be decided)",
    ExitCode.FAILED: "objects failed, or the run could not finish; a second run does only what is left",
    ExitCode.BAD_INPUT: "an argument is wrong; nothing was written",
    ExitCode.EMPTY: "there was nothing to copy: no object, or none that the filters leave (see --if-empty)",
    ExitCode.TOLERATED: "objects failed, but no more than --max-failures",
    ExitCode.UNTOLD: "done as with 0 or 4, but the result could not be written to stdout (closed, full, reader gone)",
    ExitCode.INTERRUPTED: "stopped by SIGINT or SIGTERM; a second run does only what is left",
}

_OF_ERRORS: tuple[tuple[type[CrossCopyError], ExitCode], ...] = (
    (InvalidInput, ExitCode.BAD_INPUT),
    (EmptySource, ExitCode.EMPTY),
    (Interrupted, ExitCode.INTERRUPTED),
    (CrossCopyError, ExitCode.FAILED),
)


def of_error(error: CrossCopyError) -> ExitCode:
    """The code of a run that raised."""
    return next(code for kind, code in _OF_ERRORS if isinstance(error, kind))


def of_report(report: Report) -> ExitCode:
    """The code of a run that `copy()` calls a success."""
    return ExitCode.TOLERATED if report.counts["failed"] else ExitCode.DONE


def untold(code: int) -> int:
    """The code where nobody could be told the result: a failure says more than that."""
    return ExitCode.UNTOLD if code in (ExitCode.DONE, ExitCode.TOLERATED) else code
