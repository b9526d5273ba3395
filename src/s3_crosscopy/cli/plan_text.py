"""Formats a plan as text for people: what would be copied, the requests, the duration and the cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from s3_crosscopy.model.dry_run import DryRunStats, Sum, size_label
from s3_crosscopy.model.humanize import about_bytes, printable
from s3_crosscopy.model.outcomes import outcome_label
from s3_crosscopy.model.plan import ABOUT, Cost, CostLine, Plan, about, bound_of

Cells = tuple[str, ...]


def plan_text(plan: Plan) -> str:
    """The whole plan, with a block for each subject. Empty blocks are left out."""
    dry_run_stats = plan.dry_run_stats
    lines = [] if plan.whole else ["the run ended early: this plan covers only what was examined until then"]
    lines += _block("decisions", _decisions(dry_run_stats))
    sizes = ((size_label(row), total) for row, total in sorted(dry_run_stats.sizes.items()))
    lines += _block("sizes of what would be copied", _sums(sizes))
    lines += _block("storage classes of what would be copied", _classes(dry_run_stats))
    lines += _requests(plan)
    if plan.duration is not None:
        bound = bound_of(request.bound for request in plan.requests) or ABOUT
        rate = f"{plan.duration.requests_per_second:g} requests a second"
        lines.append(f"duration: {bound} {span(plan.duration.seconds)} at {rate}; very large objects may take longer")
    if plan.cost is not None:
        lines += _outside(plan.cost)
    return "\n".join(map(printable, lines))


def money(amount: float, currency: str) -> str:
    """An amount as `1,230 USD`, with no more digits than an estimate has."""
    if 0 < amount < 0.005:
        return f"below 0.01 {currency}"
    rounded = about(amount)
    return f"{rounded:,.0f} {currency}" if rounded >= 100 else f"{rounded:,.2f} {currency}"


def span(seconds: float) -> str:
    """A duration as `2.5 hours`."""
    for unit, unit_s in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * unit_s:
            return f"{about(seconds / unit_s, 2):g} {unit}"
    return f"{about(seconds, 2):g} seconds"


def _decisions(dry_run_stats: DryRunStats) -> Iterator[Cells]:
    """Rows by outcome and reason; what would be copied comes first."""
    outcomes = sorted(dry_run_stats.decisions.items(), key=lambda item: (item[0] != "would_copy", item[0]))
    for outcome, reasons in outcomes:
        yield from _sums((f"{outcome_label(outcome)}: {reason}", amount) for reason, amount in sorted(reasons.items()))


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
    return ((name, f"{total.objects:,}", about_bytes(total.bytes)) for name, total in rows)


def _requests(plan: Plan) -> list[str]:
    """The requests; with prices, in one table with everything else that has a price."""
    requests, cost = plan.requests, plan.cost
    number = sum(request.number for request in requests)
    all_requests = _bounded(bound_of(request.bound for request in requests), f"{number:,}")
    if cost is None:
        rows: list[Cells] = [(request.label, _bounded(request.bound, f"{request.number:,}")) for request in requests]
        return _block("requests", [*rows, ("all requests", all_requests)])
    known = {line.label for line in cost.lines}
    priced: list[Cells] = [(line.label, *_cost_cells(line, cost.currency)) for line in cost.lines]
    priced += [
        (request.label, _bounded(request.bound, f"{request.number:,}"), "no price")
        for request in requests
        if request.label not in known
    ]
    amount = money(cost.amount, cost.currency)
    amount = amount if amount.startswith("below") else _bounded(cost.bound, amount)
    total = ("all", f"{all_requests} requests", "", amount)
    return _block(f"requests and cost, by prices of {cost.region} of {cost.date}", [*priced, total])


def _cost_cells(line: CostLine, currency: str) -> Cells:
    if line.unit == "GB":
        quantity, price = about_bytes(line.quantity * 2**30), f"at {line.price:g} a GB"
    else:
        quantity, price = f"{line.quantity:,.0f}", f"at {line.price:g} per {line.per:,}"
    return _bounded(line.bound, quantity), price, money(line.amount, currency)


def _outside(cost: Cost) -> Iterator[str]:
    """The monthly storage cost, and what else the sum does not contain."""
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
    yield from (f"  - {item}" for item in cost.left_out)


def _block(title: str, rows: Iterable[Cells]) -> list[str]:
    """A table under its title: the first column aligned left, all others right."""
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
