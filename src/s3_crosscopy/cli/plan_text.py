"""A plan as text for people: what would be copied, which requests that takes, and what it costs. Knows no stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from s3_crosscopy.model.dry_run import DryRunStats, Sum, size_label
from s3_crosscopy.model.humanize import about_bytes, printable
from s3_crosscopy.model.outcomes import outcome_label
from s3_crosscopy.model.plan import ABOUT, Cost, CostLine, Plan, about, bound_of

Cells = tuple[str, ...]


def plan_text(plan: Plan) -> str:
    """The whole plan, a block for each subject; what there is nothing to say of is left out."""
    dry_run_stats = plan.dry_run_stats
    lines = [] if plan.whole else ["the run ended early: this plan is only of what was looked at until then"]
    lines += _block("decisions", _decisions(dry_run_stats))
    sizes = ((size_label(row), one) for row, one in sorted(dry_run_stats.sizes.items()))
    lines += _block("sizes of what would be copied", _sums(sizes))
    lines += _block("storage classes of what would be copied", _classes(dry_run_stats))
    lines += _requests(plan)
    if plan.duration is not None:
        bound = bound_of(one.bound for one in plan.requests) or ABOUT
        rate = f"{plan.duration.requests_per_second:g} requests a second"
        lines.append(f"duration: {bound} {span(plan.duration.seconds)} at {rate}; very large objects may take longer")
    if plan.cost is not None:
        lines += _outside(plan.cost)
    return "\n".join(map(printable, lines))


def money(amount: float, currency: str) -> str:
    """`1,230 USD`: never more digits than an estimate has."""
    if 0 < amount < 0.005:
        return f"below 0.01 {currency}"
    rounded = about(amount)
    return f"{rounded:,.0f} {currency}" if rounded >= 100 else f"{rounded:,.2f} {currency}"


def span(seconds: float) -> str:
    """`2.5 hours`, for people."""
    for unit, each in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * each:
            return f"{about(seconds / each, 2):g} {unit}"
    return f"{about(seconds, 2):g} seconds"


def _decisions(dry_run_stats: DryRunStats) -> Iterator[Cells]:
    """What would be copied comes first."""
    outcomes = sorted(dry_run_stats.decisions.items(), key=lambda item: (item[0] != "would_copy", item[0]))
    for outcome, reasons in outcomes:
        yield from _sums((f"{outcome_label(outcome)}: {reason}", one) for reason, one in sorted(reasons.items()))


def _classes(dry_run_stats: DryRunStats) -> Iterator[Cells]:
    yield from _sums(sorted(dry_run_stats.classes.items()))
    if dry_run_stats.restored.objects:
        yield from _sums([("of these, restored from an archive", dry_run_stats.restored)])
    if dry_run_stats.in_parts.objects:
        parts = f"in {'at most ' if dry_run_stats.parts_unsure else ''}{dry_run_stats.parts:,} parts"
        for cells in _sums([("of these, copied in parts", dry_run_stats.in_parts)]):
            yield *cells, parts
    if dry_run_stats.archived.objects:
        yield from _sums([("not these, archived and not restored", dry_run_stats.archived)])
    if dry_run_stats.too_long.objects:
        yield from _sums([("not these, key too long at the destination", dry_run_stats.too_long)])


def _sums(rows: Iterable[tuple[str, Sum]]) -> Iterator[Cells]:
    return ((name, f"{one.objects:,}", about_bytes(one.bytes)) for name, one in rows)


def _requests(plan: Plan) -> list[str]:
    """The requests, and where there are prices everything else that has one in the same table."""
    requests, cost = plan.requests, plan.cost
    number = sum(one.number for one in requests)
    every = _bounded(bound_of(one.bound for one in requests), f"{number:,}")
    if cost is None:
        rows: list[Cells] = [(one.what, _bounded(one.bound, f"{one.number:,}")) for one in requests]
        return _block("requests", [*rows, ("all requests", every)])
    known = {line.what for line in cost.lines}
    priced: list[Cells] = [(line.what, *_reckoned(line, cost.currency)) for line in cost.lines]
    priced += [
        (one.what, _bounded(one.bound, f"{one.number:,}"), "no price") for one in requests if one.what not in known
    ]
    sum_ = money(cost.amount, cost.currency)
    total = ("all", f"{every} requests", "", sum_ if sum_.startswith("below") else _bounded(cost.bound, sum_))
    return _block(f"requests and cost, by prices of {cost.region} of {cost.date}", [*priced, total])


def _reckoned(line: CostLine, currency: str) -> Cells:
    if line.unit == "GB":
        quantity, each = about_bytes(line.quantity * 2**30), f"at {line.price:g} a GB"
    else:
        quantity, each = f"{line.quantity:,.0f}", f"at {line.price:g} per {line.per:,}"
    return _bounded(line.bound, quantity), each, money(line.amount, currency)


def _outside(cost: Cost) -> Iterator[str]:
    """What goes on costing, and what the sum leaves out."""
    yield from _block(
        "storage of the copies, a month, not in the sum",
        [
            (
                persistence.storage_class,
                about_bytes(persistence.gb * 2**30),
                f"at {persistence.price:g} a GB",
                money(persistence.amount, cost.currency),
                f"for {persistence.minimum_days} days at least" if persistence.minimum_days else "",
            )
            for persistence in cost.storage
        ],
    )
    yield "not in the sum either:"
    yield from (f"  - {one}" for one in cost.left_out)


def _block(title: str, rows: Iterable[Cells]) -> list[str]:
    """A table under its title: names to the left, everything else to the right of its column."""
    table = list(rows)
    if not table:
        return []
    widths = [max(len(cell) for cell in column) for column in zip(*(_filled(row, table) for row in table), strict=True)]
    lines = [f"{title}:"]
    for row in table:
        first, *others = _filled(row, table)
        cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]
        lines.append(f"  {'  '.join(cells)}".rstrip())
    return lines


def _filled(row: Cells, table: list[Cells]) -> Cells:
    return (*row, *[""] * (max(map(len, table)) - len(row)))


def _bounded(bound: str, text: str) -> str:
    return f"{bound} {text}" if bound else text
