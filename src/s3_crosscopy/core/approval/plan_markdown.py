"""Writes a plan as Markdown, for the person who approves it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from s3_crosscopy.model.approval import PlanTotals
from s3_crosscopy.model.humanize import about_bytes, printable
from s3_crosscopy.model.plan import Cost, about
from s3_crosscopy.model.report import Report


def plan_markdown(report: Report, totals: PlanTotals, why: str, code: str) -> str:
    """Return the plan of a dry run. `why`: the reason to ask. `code`: what distinguishes this plan from others."""
    lines = [
        f"An approval is needed: {printable(why)}.",
        "",
        *_code((f"from {report.source}", f"to   {report.dest}")),
        "",
        f"- would be copied: **{totals.objects:,} objects, {about_bytes(totals.bytes)}**",
        f"- would be deleted: **{totals.deletes:,} keys**",
        f"- estimated cost: **{_cost(report.plan.cost if report.plan is not None else None)}**",
        *_other_counts(report),
        f"- plan: `{code}`",
        *_deletes(report, totals),
    ]
    return "\n".join(lines)


def _deletes(report: Report, totals: PlanTotals) -> Iterator[str]:
    if not totals.deletes or report.extraneous is None:
        return
    first = report.extraneous.first
    yield from ("", f"First {len(first)} keys that only the destination has:", "", *_code(first))


def _other_counts(report: Report) -> Iterator[str]:
    for name in ("skipped", "filtered", "failed", "held_back"):
        if report.counts.get(name):
            yield f"- {name.replace('_', ' ')}: {report.counts[name]:,}"


def _code(lines: Iterable[str]) -> list[str]:
    """An indented block: nothing in it is Markdown, and a printable key cannot leave it."""
    return [f"    {printable(line)}" for line in lines]


def _cost(cost: Cost | None) -> str:
    if cost is None:
        return "not known"
    return f"{cost.bound} {about(cost.amount):g} {cost.currency}, without storage"
