"""`s3-crosscopy copy`: copies, shows the progress, prints the result."""

from __future__ import annotations

import argparse
import sys
import threading
import warnings
from collections.abc import Collection
from functools import partial
from typing import Any

from s3_crosscopy.cli import exit_codes
from s3_crosscopy.cli.arguments import add_access, add_options, add_output, add_places, add_progress, keywords
from s3_crosscopy.cli.command_table import Example
from s3_crosscopy.cli.output import complain, fail, say_json, tell
from s3_crosscopy.cli.plan_text import plan_text
from s3_crosscopy.cli.progress_sink import ProgressSink, showing
from s3_crosscopy.cli.run_text import error_line, result_text
from s3_crosscopy.cli.signals import stop_signals
from s3_crosscopy.errors import CrossCopyError, Interrupted
from s3_crosscopy.model.option_groups import COMPARISON, RELIABILITY
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.run_record import COMMAND

CHECKPOINT = "file that stores what remains of an interrupted run: the same command resumes from it"

STATE = "file, or s3://bucket/prefix/, that keeps the start of the last complete run, for --since"

PREFLIGHT = "check of the access before the run, which ends it if access is denied [off, light, full] (default: off)"

APPROVE = (
    "show the plan and ask on the terminal before the copy: deletes (if it deletes), always, or limits such as"
    " objects=1000,bytes=1TiB,usd=50 of which it exceeds one"
)


EXAMPLES = (
    Example("copy a prefix to another account, with the credentials of one profile",
            "s3-crosscopy copy s3://source-bucket/in/ s3://dest-bucket/out/ --profile copier"),
    Example("show first what would be copied, and what it costs",
            "s3-crosscopy copy s3://source-bucket/in/ s3://dest-bucket/out/ --profile copier -n"),
    Example("copy some of the keys",
            "s3-crosscopy copy s3://source-bucket/in/ s3://dest-bucket/out/ --include '*.parquet' --exclude 'tmp/*'"),
    Example("copy one object to another name",
            "s3-crosscopy copy s3://source-bucket/in/orders.csv s3://dest-bucket/out/orders-2026.csv"),
    Example("resume after an interruption, and keep the outcome of every object",
            "s3-crosscopy copy s3://source-bucket/in/ s3://dest-bucket/out/ --checkpoint run.json"
            " --report s3://dest-bucket/reports/"),
    Example("mirror: delete what the source does not have, after a question, so that it can be taken back",
            "s3-crosscopy copy s3://source-bucket/in/ s3://dest-bucket/out/ --extraneous delete"
            " --report s3://dest-bucket/reports/ --approve deletes"),
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add everything that `copy()` takes, and the output."""
    add_places(parser)
    groups = add_options(parser)
    groups[RELIABILITY].add_argument("--checkpoint", metavar="FILE", help=CHECKPOINT)
    groups[COMPARISON].add_argument("--state", metavar="PLACE", help=STATE)
    add_access(parser).add_argument("--preflight", metavar="VALUE", help=PREFLIGHT)
    output = add_output(parser, content="the report")
    output.add_argument("--approve", metavar="RULE", help=APPROVE)
    add_progress(output)


def run(namespace: argparse.Namespace) -> int:
    """Copy; returns the exit code."""
    return copy_and_print(namespace, keywords(namespace))


def copy_and_print(namespace: argparse.Namespace, arguments: dict[str, object]) -> int:
    """Run `copy()` with these arguments and print the result; returns the exit code."""
    report, raised, named = copy_with_progress(namespace, arguments)
    if report is not None:
        _print(report, namespace, refused=raised is not None, named=named)
    if raised is not None and report is not None and not namespace.quiet:
        complain(error_line(report, raised), origins=namespace.origins)
        return exit_codes.of_error(raised)
    if raised is not None:
        return fail(raised, explained=report is not None and namespace.json, origins=namespace.origins)
    assert report is not None, "a run that did not raise has a report"
    if failed := report.counts["failed"]:
        objects = "1 object was" if failed == 1 else f"{failed:,} objects were"
        complain(f"{objects} not copied, which --max-failures allows")
    return exit_codes.of_report(report)


def copy_with_progress(
    namespace: argparse.Namespace, arguments: dict[str, object]
) -> tuple[Report | None, CrossCopyError | None, Collection[str]]:
    """Run `copy()` with progress and signal handling; its report, if the run ended, what it raised, and the failed keys
    that were named meanwhile.
    """
    cancel = threading.Event()
    error: CrossCopyError | None = None
    with showing(sys.stderr, quiet=namespace.quiet, verbose=namespace.verbose) as display:
        sink = ProgressSink(display)
        try:
            with warnings.catch_warnings(), stop_signals(cancel, lambda: sink.started):
                # urllib3 warns at every connection with --no-verify-ssl.
                warnings.filterwarnings("ignore", "Unverified HTTPS request")
                _copy(namespace, {**arguments, "sink": sink, "cancel": cancel, "caller": COMMAND})
        except CrossCopyError as raised:
            error = raised
        except KeyboardInterrupt:
            error = Interrupted("stopped before the copy started; nothing was written")
    return sink.report, error, sink.named


def _copy(namespace: argparse.Namespace, arguments: dict[str, Any]) -> Report:
    from s3_crosscopy import copy

    if getattr(namespace, "approve", None) is None:
        return copy(namespace.source, namespace.dest, **arguments)
    from s3_crosscopy.api.approving import copy_approved
    from s3_crosscopy.cli.terminal_question import ask_on_terminal, check_terminal

    check_terminal()
    ask = partial(ask_on_terminal, cancel=arguments["cancel"], alone=arguments["sink"].hidden)
    return copy_approved(namespace.source, namespace.dest, approve=namespace.approve, ask=ask, **arguments)


def _print(report: Report, namespace: argparse.Namespace, *, refused: bool, named: Collection[str]) -> None:
    if namespace.json:
        say_json(report.as_dict())
    elif not namespace.quiet:
        tell(result_text(report, refused=refused, named=named))
        if report.plan is not None:
            tell(plan_text(report.plan))
