"""`s3-crosscopy report`: shows a finished report as text, and writes its page."""

from __future__ import annotations

import argparse
import sys

from s3_crosscopy.cli.arguments import add_access, add_expected, add_output, add_quiet, keywords
from s3_crosscopy.cli.command_table import Example
from s3_crosscopy.cli.exit_codes import ExitCode
from s3_crosscopy.cli.output import say, say_json
from s3_crosscopy.errors import InvalidInput, S3Error
from s3_crosscopy.model.humanize import printable
from s3_crosscopy.model.outcomes import Reason

HTML = "write the page to this local file instead of beside the report"
NO_PAGE = "write no page, and nothing else"


EXAMPLES = (
    Example("show a report, and write its page beside it",
            "s3-crosscopy report s3://dest-bucket/reports/ --profile copier"),
    Example("write the page to a local file",
            "s3-crosscopy report s3://dest-bucket/reports/ --html report.html"),
    Example("print summary and digest for a script",
            "s3-crosscopy report reports/ --json --no-page"),
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the report's location, its reader, and the page's location."""
    parser.add_argument("place", metavar="PLACE", help="report's folder, or its s3:// URL (what --report named)")
    add_expected(add_access(parser, source=False))
    output = add_output(parser, content="summary, run and digest of the rows")
    add_quiet(output, "print nothing but errors (and --json)")
    page = output.add_mutually_exclusive_group()
    page.add_argument("--html", metavar="FILE", help=HTML)
    page.add_argument("--no-page", action="store_true", help=NO_PAGE)


def run(namespace: argparse.Namespace) -> int:
    """Show the report, then write the page; returns the exit code, which does not depend on the reported run."""
    from s3_crosscopy.api.reporting import make_page, read_report, report_at
    from s3_crosscopy.report.digest_json import to_json

    files = report_at(namespace.place, **keywords(namespace))  # type: ignore[arg-type]
    report = read_report(files)
    if namespace.json:
        say_json({"summary": report.summary, "run": report.run, "digest": to_json(report.digest)})
    elif namespace.quiet:
        pass
    elif sys.stdout.isatty():
        from s3_crosscopy.cli.report_tables import show

        show(report, sys.stdout)
    else:
        from s3_crosscopy.cli.report_text import report_text

        say(report_text(report))
    if namespace.no_page:
        return ExitCode.DONE
    try:
        location = make_page(files, report, namespace.html)
    except (InvalidInput, S3Error) as error:
        if namespace.html is not None or (isinstance(error, S3Error) and error.reason is not Reason.DENIED):
            raise
        raise InvalidInput(f"the page may not be written there ({error}); set --html to a local file") from error
    if not namespace.json and not namespace.quiet:
        say(f"\npage: {printable(location)}")
    return ExitCode.DONE
