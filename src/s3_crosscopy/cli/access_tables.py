"""Prints an examination to a terminal, with tables and colours. Policies have neither, so that they can be pasted."""

from __future__ import annotations

from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from s3_crosscopy.access.examination import Examination, FindingStatus
from s3_crosscopy.access.examination_text import (
    NEXT_STEPS,
    SUGGESTED_POLICIES,
    bucket_text,
    policies_text,
    principal_text,
    verdict,
)
from s3_crosscopy.access.rules.next_steps import next_steps
from s3_crosscopy.cli.spelling import in_flags
from s3_crosscopy.model.humanize import printable

_STYLES = {
    FindingStatus.HOLDS: "green",
    FindingStatus.MISSING: "bold red",
    FindingStatus.INFERRED: "cyan",
    FindingStatus.UNKNOWN: "yellow",
}


def show(examination: Examination, stream: TextIO) -> None:
    """Print an examination to a terminal."""
    console = Console(file=stream)
    if examination.denied:
        console.print(Text(_shown(examination.denied), style="red"))
    console.print(Text(_shown(verdict(examination)), style="bold green" if examination.ok else "bold red"))
    parties = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for principal in examination.principals:
        parties.add_row(Text(principal.party.value, style="bold"), Text(printable(principal_text(principal))))
    for bucket in examination.buckets:
        parties.add_row(Text(bucket.place.value.split()[0], style="bold"), Text(printable(bucket_text(bucket))))
    console.print(parties)
    if examination.findings:
        console.print(_permissions(examination))
    for title, lines in (("problem", examination.problems), ("pitfall", examination.pitfalls)):
        for line in lines:
            console.print(Text.assemble((f"{title}: ", "bold"), _shown(line)))
    _show_policies(console, examination)


def _show_policies(console: Console, examination: Examination) -> None:
    """Print the next steps, and the policies as they are to be pasted."""
    if steps := next_steps(examination):
        console.print(Text(NEXT_STEPS, style="bold"))
    for line in steps:
        console.print(f"  {printable(line)}", markup=False, highlight=False, soft_wrap=True)
    if examination.policies:
        console.print(Text(SUGGESTED_POLICIES, style="bold"))
    for line in policies_text(examination.policies):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _shown(text: str) -> str:
    return printable(in_flags(text))


def _permissions(examination: Examination) -> Table:
    """A row for each permission with how it was found out below it, so that it fits a narrow terminal."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("permission, and how it was found out", overflow="fold")
    for finding in examination.findings:
        permission = finding.permission
        how = f"{finding.how}; {finding.denied_by}" if finding.denied_by else finding.how
        description = Text.assemble(
            (permission.action, "bold"), f"  {permission.party.value}, {permission.place.value}"
        )
        description.append(f"\n{_shown(how)}", style="dim")
        table.add_row(Text(finding.status.value, style=_STYLES[finding.status]), description)
    return table
