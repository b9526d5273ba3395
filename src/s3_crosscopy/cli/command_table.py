"""The commands, with their names and summaries. A command's module is imported only when the command is called."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple


class Example(NamedTuple):
    """A command line, and the purpose that it serves."""

    purpose: str
    line: str


class Command(NamedTuple):
    """A row of the table.

    `module` in `cli.commands` has `EXAMPLES`, `add_arguments(parser)`, and `run(given)`, its exit code.
    """

    name: str
    summary: str
    module: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's arguments to its parser."""
        self._load().add_arguments(parser)

    @property
    def examples(self) -> tuple[Example, ...]:
        """Command lines that the help shows."""
        examples: tuple[Example, ...] = self._load().EXAMPLES
        return examples

    @property
    def run(self) -> Callable[[argparse.Namespace], int]:
        """The function that runs the command and returns the exit code."""
        run: Callable[[argparse.Namespace], int] = self._load().run
        return run

    def _load(self) -> Any:
        return import_module(f"s3_crosscopy.cli.commands.{self.module}")


COMMANDS = (
    Command("copy", "Copy an object or everything under a prefix; what the destination has already is skipped.",
            "copy_command"),
    Command("plan", "Show what a copy would do and cost: list and decide, write nothing.",
            "plan_command"),
    Command("doctor",
            "Examine the access of a planned copy: principals, permissions that hold or are missing, suggested"
            " policies.",
            "doctor_command"),
    Command("policies", "Print the policies that a planned copy needs, ready to paste; sends no requests to AWS.",
            "policies_command"),
    Command("report", "Show a finished report: as a page of HTML, report.html beside it, and as text.",
            "report_command"),
    Command("undelete",
            "Take back what a copy with --extraneous delete deleted, by its report: remove exactly its delete markers.",
            "undelete_command"),
    Command("abort-uploads",
            "Abort exactly the incomplete uploads that a checkpoint or a report recorded, and no others.",
            "abort_uploads_command"),
    Command("completion", "Print what makes a shell complete commands, flags and their values.",
            "completion_command"),
    Command("selftest",
            "Try on your own two buckets what this project says about S3: write, copy, compare, remove; costs cents.",
            "selftest_command"),
)  # fmt: skip
