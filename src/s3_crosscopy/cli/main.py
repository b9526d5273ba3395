"""The command itself: read the arguments, copy, tell how it went, return the exit code."""

from __future__ import annotations

import json
import sys
import threading
import warnings
from collections.abc import Sequence
from typing import TextIO

from s3_crosscopy import copy
from s3_crosscopy.api import abort_uploads
from s3_crosscopy.cli import exit_codes
from s3_crosscopy.cli.arguments import ABORT, PROGRAM, Arguments, in_flags, read_arguments
from s3_crosscopy.cli.progress import Watch, showing
from s3_crosscopy.cli.render import printable, result_text
from s3_crosscopy.cli.signals import stop_signals
from s3_crosscopy.errors import CrossCopyError, Interrupted, InvalidInput
from s3_crosscopy.model.report import Report


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; the exit code."""
    try:
        arguments = read_arguments(sys.argv[1:] if argv is None else argv)
    except InvalidInput as error:
        return _fail(error)
    if arguments.command == ABORT:
        return _abort(arguments)
    report, raised = _copy(arguments)
    if report is not None:
        _tell(report, arguments)
    if raised is not None:
        return _fail(raised, explained=report is not None and (arguments.json or not arguments.quiet))
    assert report is not None, "a run that did not raise has a report"
    if failed := report.counts["failed"]:
        what = "1 object was" if failed == 1 else f"{failed:,} objects were"
        _complain(f"{what} not copied, which --max-failures allows")
    return exit_codes.of_report(report)


def _fail(error: CrossCopyError, *, explained: bool = False) -> int:
    """Tell an error; the lines behind its first explain a denial, which a printed report does too."""
    _complain(*str(error).splitlines()[: 1 if explained else None])
    return exit_codes.of_error(error)


def _copy(arguments: Arguments) -> tuple[Report | None, CrossCopyError | None]:
    """The report, if the run came to its end, and what it raised."""
    cancel = threading.Event()
    error: CrossCopyError | None = None
    with showing(sys.stderr, quiet=arguments.quiet, verbose=arguments.verbose) as show:
        watch = Watch(show)
        try:
            with warnings.catch_warnings(), stop_signals(cancel, lambda: watch.started):
                # urllib3 warns at every connection of what --no-verify-ssl asks for.
                warnings.filterwarnings("ignore", "Unverified HTTPS request")
                source, dest = arguments.places
                copy(source, dest, sink=watch, cancel=cancel, **arguments.keywords)  # type: ignore[arg-type]
        except CrossCopyError as raised:
            error = raised
        except KeyboardInterrupt:
            error = Interrupted("stopped before the copy began; nothing was written")
    return watch.report, error


def _abort(arguments: Arguments) -> int:
    """Abort the uploads of a checkpoint, and tell each."""
    try:
        aborted = abort_uploads(arguments.places[0], **arguments.keywords)  # type: ignore[arg-type]
    except CrossCopyError as error:
        return _fail(error)
    uploads = [{"bucket": aborted.bucket, "key": one.dest_key, "upload_id": one.upload_id} for one in aborted.gone]
    if arguments.json:
        _print(json.dumps({"aborted": uploads, "refused": len(aborted.refused)}, indent=2), sys.stdout)
    elif not arguments.quiet:
        lines = [printable(f"aborted {one['upload_id']} of s3://{one['bucket']}/{one['key']}") for one in uploads]
        _print("\n".join(lines or ["there was no unfinished upload"]), sys.stdout)
    for _, refusal in aborted.refused:
        _complain(str(refusal))
    return exit_codes.ExitCode.FAILED if aborted.refused else exit_codes.ExitCode.DONE


def _tell(report: Report, arguments: Arguments) -> None:
    if arguments.json:
        _print(json.dumps(report.as_dict(), indent=2), sys.stdout)
    elif not arguments.quiet:
        _print(result_text(report), sys.stdout)


def _complain(first: str, *more: str) -> None:
    _print("\n".join(map(printable, (f"{PROGRAM}: {in_flags(first)}", *more))), sys.stderr)


def _print(text: str, stream: TextIO) -> None:
    """Print what the stream's encoding may not have: a key may hold any character."""
    encoding = stream.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)
