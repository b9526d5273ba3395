"""`s3-crosscopy plan`: lists and decides as `copy` does, writes nothing, and prints what a copy would do and cost."""

from __future__ import annotations

import argparse

from s3_crosscopy.cli.arguments import add_access, add_options, add_output, add_places, add_progress, keywords
from s3_crosscopy.cli.command_table import Example
from s3_crosscopy.cli.commands import copy_command as copy
from s3_crosscopy.model.option_groups import COMPARISON

PRICES = "file of prices for the estimate, in the form of the package's prices.json (default: that one, us-east-1)"
RATE = "requests per second for the estimate of the duration (default: --max-requests-per-second)"


EXAMPLES = (
    Example("show the requests, the bytes, the time and the cost of a copy",
            "s3-crosscopy plan s3://source-bucket/in/ s3://dest-bucket/out/ --profile copier"),
    Example("the same as JSON, for a script",
            "s3-crosscopy plan s3://source-bucket/in/ s3://dest-bucket/out/ --include '*.parquet' --json -q"),
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add everything that decides about a copy, and the inputs of the estimate."""
    add_places(parser)
    groups = add_options(parser, without=("dry_run",))
    groups[COMPARISON].add_argument("--state", metavar="PLACE", help=copy.STATE)
    add_access(parser).add_argument("--preflight", metavar="VALUE", help=copy.PREFLIGHT)
    estimate = parser.add_argument_group("estimate")
    estimate.add_argument("--prices", metavar="FILE", help=PRICES)
    estimate.add_argument("--rate", metavar="NUMBER", help=RATE)
    add_progress(add_output(parser, content="the report with its plan"))


def run(namespace: argparse.Namespace) -> int:
    """Plan; returns the exit code, that of `copy --dry-run`."""
    return copy.copy_and_print(namespace, {**keywords(namespace), "dry_run": True})
