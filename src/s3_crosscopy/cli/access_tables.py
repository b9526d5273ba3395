"""An examination on a terminal: tables and colours; policies without either, so that they can be pasted."""

from __future__ import annotations

from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from s3_crosscopy.access.examination import Examination, FindingStatus
from s3_crosscopy.access.examination_text import SUGGESTED_POLICIES, bucket_text, policies_text, principal_text, verdict
from s3_crosscopy.model.humanize import printable

_STYLES = {
    FindingStatus.HOLDS: "green",
    FindingStatus.MISSING: "bold red",
    FindingStatus.INFERRED: "cyan",
    FindingStatus.UNKNOWN: "yellow",
}


def show(found: Examination, stream: TextIO) -> None:
    """Print it to a terminal."""
    console = Console(file=stream)
    if found.denied:
        console.print(Text(printable(found.denied), style="red"))
    console.print(Text(printable(verdict(found)), style="bold green" if found.ok else "bold red"))
    parties = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for principal in found.principals:
        parties.add_row(Text(principal.party.value, style="bold"), Text(printable(principal_text(principal))))
    for bucket in found.buckets:
        parties.add_row(Text(bucket.place.value.split()[0], style="bold"), Text(printable(bucket_text(bucket))))
    console.print(parties)
    if found.findings:
        console.print(_grants(found))
    for title, lines in (("problems", found.problems), ("traps", found.pitfalls)):
        for line in lines:
            console.print(Text.assemble((f"{title[:-1]}: ", "bold"), printable(line)))
    if found.policies:
        console.print(Text(SUGGESTED_POLICIES, style="bold"))
    for line in policies_text(found.policies):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _grants(found: Examination) -> Table:
    """A line a grant and, below it, how it was found out: that fits a narrow terminal too."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("grant, and how it was found out", overflow="fold")
    for one in found.findings:
        permission = one.permission
        how = f"{one.how}; {one.denied_by}" if one.denied_by else one.how
        told = Text.assemble((permission.action, "bold"), f"  {permission.party.value}, {permission.place.value}")
        told.append(f"\n{printable(how)}", style="dim")
        table.add_row(Text(one.status.value, style=_STYLES[one.status]), told)
    return table
