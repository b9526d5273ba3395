"""The sections about the run: figures, copies over time, sizes, requests, principals, options, versions, plan."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from s3_crosscopy.model.humanize import about_bytes, about_seconds
from s3_crosscopy.model.outcomes import Outcome
from s3_crosscopy.report.digest import size_span
from s3_crosscopy.report.page.blocks import (
    MOST_NUMBER,
    Bar,
    Cell,
    Chart,
    Section,
    count,
    mapping_of,
    number_of,
    pairs,
    size,
    took,
)
from s3_crosscopy.report.report_reader import FinishedReport

PARTLY = "The charts and the slowest keys are of {rows:,} rows only; s3-crosscopy report reads all of them."
PARTIES = {"copier": "signed the copies", "reader": "read the source"}


def figures(report: FinishedReport) -> tuple[tuple[str, str], ...]:
    """The few most important numbers, for the top."""
    summary = report.summary
    copies = Outcome.WOULD_COPY if summary.get("dry_run") else Outcome.COPIED
    seconds = number_of(summary, "seconds")
    rate = number_of(summary, "copied") / seconds if seconds else 0.0
    rows = [
        (copies.meaning if summary.get("dry_run") else copies.label, count(number_of(summary, copies.value)).text),
        ("bytes", size(number_of(summary, "bytes")).text),
        ("duration", about_seconds(seconds)),
    ]
    if not summary.get("dry_run"):
        rows.append(("objects a second", f"{rate:,.1f}"))
        rows.append(("bytes a second", f"{about_bytes(number_of(summary, 'bytes') / seconds if seconds else 0.0)}"))
    return (*rows, ("failed", count(number_of(summary, "failed")).text))


def over_time(report: FinishedReport) -> Section:
    """Objects and bytes a second, over the run's time."""
    width, cells = report.digest.timeline
    notes = () if report.digest.whole else (PARTLY.format(rows=report.digest.rows),)
    if not cells:
        return Section("time", "Copies over time", (*notes, "When each object was copied was not recorded."))
    spans = [f"{_clock(n * width)} to {_clock((n + 1) * width)}" for n in range(len(cells))]
    objects = tuple(
        Bar(span, cell.objects / width, f"{cell.objects / width:,.1f}") for span, cell in zip(spans, cells, strict=True)
    )
    content = tuple(
        Bar(span, cell.bytes / width, f"{about_bytes(cell.bytes / width)}")
        for span, cell in zip(spans, cells, strict=True)
    )
    charts = (
        _over("objects-over-time", "Objects a second", "objects a second", objects),
        _over("bytes-over-time", "Bytes a second", "bytes a second", content),
    )
    return Section("time", "Copies over time", notes, charts=charts)


def sizes(report: FinishedReport) -> Section:
    """The sizes of the copied objects."""
    by_power = report.digest.sizes
    if not by_power:
        return Section("sizes", "Sizes", ("No object was copied.",))
    rows = range(min(by_power), max(by_power) + 1)
    objects = {row: by_power[row].objects if row in by_power else 0 for row in rows}
    bars = tuple(
        Bar(size_span(row), number, f"{number:,} ({about_bytes(by_power[row].bytes)})" if number else "0")
        for row, number in objects.items()
    )
    most = max(objects, key=lambda row: objects[row])
    says = f"{len(by_power)} sizes by power of two; most objects, {objects[most]:,}, are of {size_span(most)}."
    chart = Chart("sizes-chart", "Objects by size", says, ("size", "objects (bytes)"), bars, f"{objects[most]:,}")
    return Section("sizes", "Sizes", charts=(chart,))


def data_path(report: FinishedReport) -> Section:
    """Throttled attempts, and the limit of concurrent requests."""
    run, throttled = report.run, number_of(report.summary, "throttled")
    samples = [sample for sample in _list(run, "window") if _is_sample(sample)]
    rows: list[tuple[str, str | Cell]] = [("data path", str(run.get("transport") or "not recorded"))]
    rows.append(("throttled attempts", count(throttled)))
    charts: tuple[Chart, ...] = ()
    if samples:
        windows = [float(window) for _, window, _ in samples]
        rows.append(("requests in flight at once", f"{min(windows):,.0f} to {max(windows):,.0f} allowed"))
        bars = tuple(
            Bar(_clock(float(at_s)), float(window), f"{window:,} ({throttled:,} throttled so far)")
            for at_s, window, throttled in samples
        )
        if len(bars) > 1 and min(windows) != max(windows):
            charts = (_over("window-over-time", "Requests allowed in flight", "allowed (throttled)", bars),)
    return Section(
        "pace",
        "Data path and throttling",
        charts=charts,
        tables=pairs("pace", "How the requests were sent", _FACT, rows),
    )


def run(report: FinishedReport) -> Section:
    """The principals, the options and the versions of the run."""
    info = report.run
    principals = mapping_of(info, "principals")
    rows = [(PARTIES[name], str(principals.get(name) or "not recorded")) for name in PARTIES]
    tables = pairs("principals", "Principals", ("what", "who"), rows)
    options, versions = mapping_of(info, "options"), mapping_of(info, "versions")
    tables += pairs("options", "Options that are not as by default", ("option", "value"), _values(options))
    tables += pairs(
        "versions", "Versions", ("what", "version"), ((name, str(version)) for name, version in versions.items())
    )
    return Section("run", "The run", tables=tables)


def plan(report: FinishedReport) -> Section:
    """The plan of a dry run."""
    plan_values = mapping_of(report.summary, "plan")
    cost, duration = mapping_of(plan_values, "cost"), mapping_of(plan_values, "duration")
    rows: list[tuple[str, str | Cell]] = []
    requests = [request for request in _list(plan_values, "requests") if isinstance(request, dict)]
    for request in requests:
        label = ", ".join(str(request.get(name)) for name in ("call", "side", "storage_class") if request.get(name))
        rows.append((label, Cell(f"{request.get('bound') or ''} {number_of(request, 'number'):,.0f} requests".strip())))
    if cost:
        rows.append(
            ("cost", f"{cost.get('bound') or ''} {number_of(cost, 'amount'):,.2f} {cost.get('currency')}".strip())
        )
    if duration:
        rows.append(("duration", took(number_of(duration, "seconds"))))
    return Section("plan", "Plan", tables=pairs("plan", "What the copy would take", _FACT, rows))


_FACT = ("what", "value")
_SAMPLES = ([float, int, int], [int, int, int])


def _is_sample(value: object) -> bool:
    return (
        isinstance(value, list)
        and list(map(type, value)) in _SAMPLES
        and all(0 <= number <= MOST_NUMBER for number in value)
    )


def _list(values: Mapping[str, Any], name: str) -> list[Any]:
    value = values.get(name)
    return value if isinstance(value, list) else []


def _values(options: Mapping[str, Any]) -> Iterator[tuple[str, str | Cell]]:
    for name, value in options.items():
        yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _over(name: str, title: str, unit: str, bars: tuple[Bar, ...]) -> Chart:
    top = max(bars, key=lambda bar: bar.value)
    begin, end = bars[0].label.split(" to ")[0], bars[-1].label.split(" to ")[-1]
    says = f"From {begin} to {end} of the run; the most is {top.text}."
    return Chart(name, title, says, ("time of the run", unit), bars, top.text.split(" (")[0], kind="time")


def _clock(seconds: float) -> str:
    return about_seconds(seconds) if seconds else "0"
