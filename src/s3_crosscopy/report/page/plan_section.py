"""The section about the plan of a dry run: its requests with their cost, its duration, and what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from s3_crosscopy.model.humanize import about_bytes, about_seconds
from s3_crosscopy.report.page.blocks import (
    Cell,
    Section,
    Table,
    count,
    list_of,
    mapping_of,
    mappings_of,
    number_of,
    pairs,
    size,
    texts,
)
from s3_crosscopy.report.report_reader import FinishedReport

NOT_WHOLE = "The run ended early: this plan covers only what was examined until then."
NO_PRICES = "No cost: the servers are not AWS, or there is no price."


def plan(report: FinishedReport) -> Section:
    """The plan of a dry run; no content for a copy."""
    values = mapping_of(report.summary, "plan")
    if not values:
        return Section("plan", "Plan")
    cost = mapping_of(values, "cost")
    notes = tuple(_notes(values, cost))
    tables = (*_requests(values, cost), *_storage(cost), *_classes(values))
    return Section("plan", "Plan and cost", notes, tables=tables)


def cost_text(cost: Mapping[str, Any]) -> str:
    """The cost as `about 1.50 USD`; "" if it is not known."""
    if not cost:
        return ""
    amount = _money(cost, "amount")
    bound = "" if amount.startswith("below") else cost.get("bound") or ""
    return f"{bound} {amount} {cost.get('currency')}".strip()


def _notes(values: Mapping[str, Any], cost: Mapping[str, Any]) -> Iterator[str]:
    if values.get("whole") is False:
        yield NOT_WHOLE
    duration = mapping_of(values, "duration")
    if duration:
        rate = number_of(duration, "requests_per_second")
        at_rate = f" at {rate:g} requests a second; very large objects may take longer" if rate else ""
        yield f"Duration: {about_seconds(number_of(duration, 'seconds'))}{at_rate}."
    if not cost:
        yield NO_PRICES
        return
    prices = mapping_of(cost, "prices")
    of_prices = f", by prices of {prices.get('region')} of {prices.get('date')}" if prices else ""
    yield f"Cost: {cost_text(cost)}{of_prices}."
    left_out = "; ".join(map(str, list_of(cost, "left_out")))
    if left_out:
        yield f"Not in the sum: {left_out}."


def _requests(values: Mapping[str, Any], cost: Mapping[str, Any]) -> tuple[Table, ...]:
    """The requests; those with a price, and other things with a price, with their cost."""
    lines = mappings_of(cost, "lines")
    priced = {str(line.get("what")) for line in lines}
    rows = [texts(str(line.get("what")), *_priced(line, str(cost.get("currency")))) for line in lines]
    for request in mappings_of(values, "requests"):
        label = ", ".join(str(request.get(name)) for name in ("call", "side", "storage_class") if request.get(name))
        known = label in priced or f"{request.get('call')}, {request.get('side')}" in priced
        if not known:
            rows.append(texts(label, _bounded(request, number_of(request, "number")), "", ""))
    if not rows:
        return ()
    if cost:
        rows.append(texts("all", "", "", cost_text(cost)))
    return (Table("plan", "What the copy would request and cost", ("what", "number", "price", "amount"), tuple(rows)),)


def _priced(line: Mapping[str, Any], currency: str) -> tuple[str, str, str]:
    price, quantity = number_of(line, "price"), number_of(line, "quantity")
    amount = f"{_money(line, 'amount')} {currency}"
    if line.get("unit") == "GB":
        return _bounded(line, quantity * 2**30, as_bytes=True), f"{price:g} a GB", amount
    return _bounded(line, quantity), f"{price:g} per {number_of(line, 'per'):,.0f}", amount


def _bounded(line: Mapping[str, Any], number: float, *, as_bytes: bool = False) -> str:
    text = about_bytes(number) if as_bytes else f"{number:,.0f}"
    return f"{line.get('bound') or ''} {text}".strip()


def _money(values: Mapping[str, Any], name: str) -> str:
    amount = number_of(values, name)
    return "below 0.01" if 0 < amount < 0.005 else f"{amount:,.2f}"


def _storage(cost: Mapping[str, Any]) -> tuple[Table, ...]:
    rows = []
    for line in mappings_of(cost, "storage"):
        days = number_of(line, "minimum_days")
        least = f" for {days:,.0f} days at least" if days else ""
        amount = f"{_money(line, 'amount_a_month')} {cost.get('currency')}{least}"
        rows.append(texts(str(line.get("storage_class")), size(number_of(line, "gb") * 2**30), amount))
    head = ("storage class", "bytes", "a month")
    return (Table("storage", "Storage of the copies, not in the sum", head, tuple(rows)),) if rows else ()


def _classes(values: Mapping[str, Any]) -> tuple[Table, ...]:
    """The objects to be copied, by storage class, and those in parts or in an archive."""
    rows: list[tuple[str, str | Cell]] = []
    for name, amount in mapping_of(values, "storage_classes").items():
        rows.append((str(name), _amount(amount)))
    parts = mapping_of(values, "in_parts")
    if number_of(parts, "objects"):
        most = "at most " if parts.get("at_most") else ""
        in_parts = f"{_amount(parts)}, in {most}{number_of(parts, 'parts'):,.0f} parts"
        rows.append(("of these, copied in parts", in_parts))
    for name, label in (("archived", "not these: archived, not restored"), ("too_long", "not these: key too long")):
        amount = mapping_of(values, name)
        if number_of(amount, "objects"):
            rows.append((label, _amount(amount)))
    return pairs("classes", "Objects that would be copied", ("storage class", "objects"), rows)


def _amount(amount: object) -> str:
    values = amount if isinstance(amount, dict) else {}
    return f"{count(number_of(values, 'objects')).text} ({size(number_of(values, 'bytes')).text})"
