"""`s3-crosscopy undelete`: takes back what a run deleted, by its report."""

from __future__ import annotations

import argparse

from s3_crosscopy.cli.arguments import add_access, add_expected, add_output, add_quiet, keywords
from s3_crosscopy.cli.command_table import Example
from s3_crosscopy.cli.exit_codes import ExitCode
from s3_crosscopy.cli.output import complain, say, say_json
from s3_crosscopy.model.humanize import printable

EXAMPLES = (
    Example("take back what a mirror deleted",
            "s3-crosscopy undelete s3://dest-bucket/reports/ --profile copier"),
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the report's location, and the principal."""
    parser.add_argument("place", metavar="REPORT", help="report folder, or s3:// URL of a report")
    add_expected(add_access(parser, source=False))
    output = add_output(parser, content="the numbers and the first keys that are not back")
    add_quiet(output, "print only what could not be taken back")


def run(namespace: argparse.Namespace) -> int:
    """Take back; returns the exit code."""
    from s3_crosscopy.api.undeleting import undelete

    undeleted = undelete(namespace.place, **keywords(namespace))  # type: ignore[arg-type]
    left = [{"key": key, "why": why} for key, why in undeleted.first_left]
    if namespace.json:
        counts = {"back": undeleted.back, "left": undeleted.left, "refused": undeleted.refused}
        say_json({"bucket": undeleted.bucket, **counts, "first_left": left})
    elif not namespace.quiet:
        lines = [printable(f"left s3://{undeleted.bucket}/{row['key']}: {row['why']}") for row in left]
        say("\n".join([f"{undeleted.back:,} keys are back, {undeleted.left:,} were left as they are", *lines]))
    for error in undeleted.first_refused:
        complain(str(error))
    return ExitCode.FAILED if undeleted.refused else ExitCode.DONE
