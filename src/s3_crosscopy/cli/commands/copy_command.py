"""`s3-crosscopy copy`: copy, show how it goes, tell how it went."""

from __future__ import annotations

import argparse
import sys
import threading
import warnings

from s3_crosscopy import copy
from s3_crosscopy.cli import exit_codes
from s3_crosscopy.cli.arguments import add_access, add_options, add_output, add_places, add_progress, keywords
from s3_crosscopy.cli.output import complain, fail, say, say_json
from s3_crosscopy.cli.plan_text import plan_text
from s3_crosscopy.cli.progress_sink import ProgressSink, showing
from s3_crosscopy.cli.run_text import result_text
from s3_crosscopy.cli.signals import stop_signals
from s3_crosscopy.errors import CrossCopyError, Interrupted
from s3_crosscopy.model.report import Report

NAME = "copy"
SUMMARY = "Copy an object or everything under a prefix; what is there already is skipped."

CHECKPOINT = "file that keeps what is left of an interrupted run: the same command goes on from there"

PREFLIGHT = "a look at the access first, which ends the run at a denial [off, light, full] (default: off)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything that `copy()` takes, and how loud it is."""
    add_places(parser)
    add_options(parser).add_argument("--checkpoint", metavar="FILE", help=CHECKPOINT)
    add_access(parser).add_argument("--preflight", metavar="VALUE", help=PREFLIGHT)
    add_progress(add_output(parser, what="the report"))


def run(given: argparse.Namespace) -> int:
    """Copy; the exit code."""
    return told(given, keywords(given))


def told(given: argparse.Namespace, arguments: dict[str, object]) -> int:
    """Run `copy()` with these arguments and tell how it went; the exit code."""
    report, raised = watched(given, arguments)
    if report is not None:
        _tell(report, given, refused=raised is not None)
    if raised is not None:
        return fail(raised, explained=report is not None and (given.json or not given.quiet))
    assert report is not None, "a run that did not raise has a report"
    if failed := report.counts["failed"]:
        what = "1 object was" if failed == 1 else f"{failed:,} objects were"
        complain(f"{what} not copied, which --max-failures allows")
    return exit_codes.of_report(report)


def watched(given: argparse.Namespace, arguments: dict[str, object]) -> tuple[Report | None, CrossCopyError | None]:
    """Run `copy()` under the signals' watch: the report, if the run came to its end, and what it raised."""
    cancel = threading.Event()
    error: CrossCopyError | None = None
    with showing(sys.stderr, quiet=given.quiet, verbose=given.verbose) as show:
        watch = ProgressSink(show)
        try:
            with warnings.catch_warnings(), stop_signals(cancel, lambda: watch.started):
                # urllib3 warns at every connection of what --no-verify-ssl asks for.
                warnings.filterwarnings("ignore", "Unverified HTTPS request")
                copy(given.source, given.dest, sink=watch, cancel=cancel, **arguments)  # type: ignore[arg-type]
        except CrossCopyError as raised:
            error = raised
        except KeyboardInterrupt:
            error = Interrupted("stopped before the copy began; nothing was written")
    return watch.report, error


def _tell(report: Report, given: argparse.Namespace, *, refused: bool) -> None:
    if given.json:
        say_json(report.as_dict())
    elif not given.quiet:
        say(result_text(report, refused=refused))
        if report.plan is not None:
            say(plan_text(report.plan))
