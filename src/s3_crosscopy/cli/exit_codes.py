"""Exit codes of the command, their meanings, and their mapping from errors and reports: 0 only if nothing failed."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from s3_crosscopy.errors import CrossCopyError, EmptySource, Interrupted, InvalidInput

if TYPE_CHECKING:
    from s3_crosscopy.model.report import Report


class ExitCode(IntEnum):
    """The exit codes. Shells and argparse also use 2 for wrong arguments, and 130 for Ctrl-C."""

    DONE = 0
    FAILED = 1
    BAD_INPUT = 2
    EMPTY = 3
    TOLERATED = 4
    RESULT_LOST = 5
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.DONE: "nothing failed: everything is at the destination (--dry-run: could be decided)",
    ExitCode.FAILED: "objects failed, or the run could not finish; a second run copies only what remains",
    ExitCode.BAD_INPUT: "an argument is wrong; nothing was written",
    ExitCode.EMPTY: "there was nothing to copy: no object, or none that the filters accept (see --if-empty)",
    ExitCode.TOLERATED: "objects failed, but no more than --max-failures",
    ExitCode.RESULT_LOST: "as 0 or 4, but the result could not be written to stdout (closed, full, reader gone)",
    ExitCode.INTERRUPTED: "stopped by SIGINT or SIGTERM; a second run copies only what remains",
}

_OF_ERRORS: tuple[tuple[type[CrossCopyError], ExitCode], ...] = (
    (InvalidInput, ExitCode.BAD_INPUT),
    (EmptySource, ExitCode.EMPTY),
    (Interrupted, ExitCode.INTERRUPTED),
    (CrossCopyError, ExitCode.FAILED),
)


def of_error(error: CrossCopyError) -> ExitCode:
    """The exit code of a run that raised `error`."""
    return next(code for error_class, code in _OF_ERRORS if isinstance(error, error_class))


def of_report(report: Report) -> ExitCode:
    """The exit code of a run that did not raise."""
    return ExitCode.TOLERATED if report.counts["failed"] else ExitCode.DONE


def result_lost(code: int) -> int:
    """The exit code if the result could not be written: RESULT_LOST, except that a failure keeps its own code."""
    return ExitCode.RESULT_LOST if code in (ExitCode.DONE, ExitCode.TOLERATED) else code
