"""The sections about the run: figures, copies over time, sizes, requests, times, principals, options, versions."""

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
    list_of,
    mapping_of,
    number_of,
    pairs,
    size,
)
from s3_crosscopy.report.page.plan_section import cost_text
from s3_crosscopy.report.report_reader import FinishedReport

PARTLY = "The charts and the slowest keys are of {rows:,} rows only; s3-crosscopy report reads all of them."
TIMES = ("started", "ended", "first_started")
CIRCUMSTANCES = {
    "started": "start",
    "ended": "end",
    "first_started": "start of the first attempt",
    "by": "made by",
    "dag_id": "DAG",
    "run_id": "DAG run",
    "task_id": "task",
    "map_index": "map index",
    "try_number": "try",
    "report": "report",
    "version": "s3-crosscopy",
}
"""The values of the summary's `run`, as the page names them."""
PARTIES = {"copier": "signed the copies", "reader": "read the source"}


def figures(report: FinishedReport) -> tuple[tuple[str, str], ...]:
    """The few most important numbers, for the top."""
    summary = report.summary
    copies = Outcome.WOULD_COPY if summary.get("dry_run") else Outcome.COPIED
    seconds, copied = number_of(summary, "seconds"), number_of(summary, "copied")
    rows = [
        (copies.meaning if summary.get("dry_run") else copies.label, count(number_of(summary, copies.value)).text),
        ("bytes", size(number_of(summary, "bytes")).text),
        ("dry run took" if summary.get("dry_run") else "duration", about_seconds(seconds)),
    ]
    if copied and seconds:
        rows.append(("objects a second", f"{copied / seconds:,.1f}"))
        rows.append(("bytes a second", f"{about_bytes(number_of(summary, 'bytes') / seconds)}"))
    if cost := cost_text(mapping_of(mapping_of(summary, "plan"), "cost")):
        rows.append(("cost", cost))
    return (*rows, ("failed", count(number_of(summary, "failed")).text))


def over_time(report: FinishedReport) -> Section:
    """Objects and bytes a second, over the run's time."""
    if report.summary.get("dry_run"):
        return Section("time", "Copies over time")
    if report.digest.whole and not report.digest.of_outcome(Outcome.COPIED.value).objects:
        return Section("time", "Copies over time")
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
        none = "No object would be copied." if report.summary.get("dry_run") else "No object was copied."
        return Section("sizes", "Sizes", (none,))
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
    samples = [sample for sample in list_of(run, "window") if _is_sample(sample)]
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
    """The time, the caller, the principals, the options and the versions of the run."""
    info, about = report.run, mapping_of(report.summary, "run")
    tables = pairs("circumstances", "When, by whom, with which version", _FACT, _circumstances(about))
    principals = mapping_of(info, "principals")
    rows = [(PARTIES[name], str(principals.get(name) or about.get(name) or "not recorded")) for name in PARTIES]
    tables += pairs("principals", "Principals", ("what", "who"), rows)
    options, versions = mapping_of(info, "options"), mapping_of(info, "versions")
    tables += pairs("options", "Options that are not as by default", ("option", "value"), _values(options))
    tables += pairs(
        "versions", "Versions", ("what", "version"), ((name, str(version)) for name, version in versions.items())
    )
    return Section("run", "The run", tables=tables)


def run_line(report: FinishedReport) -> str:
    """One line with the times of the run and the task that made it; "" if it was not recorded."""
    about = mapping_of(report.summary, "run")
    if not about.get("started"):
        return ""
    times = f"{_time(about['started'])} to {_time(about.get('ended'))} UTC"
    if not about.get("dag_id"):
        return f"{times}, by {about.get('by')}"
    mapped = number_of(about, "map_index") if about.get("map_index") is not None else -1
    index = f"[{mapped:.0f}]" if mapped >= 0 else ""
    attempt = f"try {number_of(about, 'try_number'):.0f}"
    return f"{times}, task {about['dag_id']}.{about.get('task_id')}{index}, {attempt}, run {about.get('run_id')}"


def _circumstances(about: Mapping[str, Any]) -> Iterator[tuple[str, str | Cell]]:
    for name, label in CIRCUMSTANCES.items():
        value = about.get(name)
        if value in (None, "") or isinstance(value, (dict, list)) or (name == "map_index" and value == -1):
            continue
        yield label, f"{_time(value)} UTC" if name in TIMES else str(value)


def _time(value: object) -> str:
    """A time of ISO 8601 in UTC, to the second, for people."""
    return str(value).partition(".")[0].removesuffix("Z").replace("T", " ")


_FACT = ("what", "value")
_SAMPLES = ([float, int, int], [int, int, int])


def _is_sample(value: object) -> bool:
    return (
        isinstance(value, list)
        and list(map(type, value)) in _SAMPLES
        and all(0 <= number <= MOST_NUMBER for number in value)
    )


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
