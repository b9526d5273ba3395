"""Writes the reference pages from the tables that the code itself uses: `.venv/bin/python -m docs.generate [PAGE]...`.

A test compares the committed pages with what this makes.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from docs.writers.aws import aws_page
from docs.writers.cli import cli_page
from docs.writers.command_output import printed_page
from docs.writers.decisions import decisions_page
from docs.writers.logs import logs_page
from docs.writers.metrics import metrics_page
from docs.writers.options import options_page
from docs.writers.outcomes import outcomes_page
from docs.writers.permissions import permissions_page
from docs.writers.report_rows import report_rows_page

HERE = Path(__file__).parent

PAGES: Mapping[str, Callable[[], str]] = {
    "options.md": options_page,
    "cli.md": cli_page,
    "aws.md": aws_page,
    "permissions.md": permissions_page,
    "outcomes.md": outcomes_page,
    "logs.md": logs_page,
    "report-rows.md": report_rows_page,
    "metrics.md": metrics_page,
    "connections.md": lambda: printed_page("connections.md"),
    "kms.md": lambda: printed_page("kms.md"),
    "decisions/index.md": decisions_page,
}
"""Page -> its writer. `printed_page` replaces only the output of commands in a page; the others write all of it."""

NEED_AIRFLOW = frozenset({"metrics.md"})


def main(names: list[str]) -> None:
    """Write these pages, or all."""
    for name in names or PAGES:
        (HERE / name).write_text(PAGES[name](), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
