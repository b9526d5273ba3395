"""`s3-crosscopy plan`: list and decide as `copy` does, write nothing, and tell what the copy would do and cost."""

from __future__ import annotations

import argparse

from s3_crosscopy.cli.arguments import add_access, add_options, add_output, add_places, add_progress, keywords
from s3_crosscopy.cli.commands import copy_command as copy

NAME = "plan"
SUMMARY = "Tell what a copy would do and cost: list and decide, write nothing."

PRICES = "file of prices to estimate by, like the prices.json that is shipped (default: that one, us-east-1)"
RATE = "requests a second to reckon the duration with (default: --max-requests-per-second)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything that decides about a copy, and what an estimate rests on."""
    add_places(parser)
    add_options(parser, without=("dry_run",))
    add_access(parser).add_argument("--preflight", metavar="VALUE", help=copy.PREFLIGHT)
    estimate = parser.add_argument_group("estimate")
    estimate.add_argument("--prices", metavar="FILE", help=PRICES)
    estimate.add_argument("--rate", metavar="NUMBER", help=RATE)
    add_progress(add_output(parser, what="the report with its plan"))


def run(given: argparse.Namespace) -> int:
    """Plan; the exit code, as that of `copy --dry-run`."""
    return copy.told(given, {**keywords(given), "dry_run": True})
