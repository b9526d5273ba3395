"""docs/performance.svg, made of a record: bars of what an object costs each client. Pure, and no library."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from bench.figures import written
from bench.results import Record

WIDTH, BAR, GAP, HEADING = 760, 18, 7, 40
LEFT, RIGHT = 210, 110
OURS, THEIRS = "#1f6feb", "#8c959f"


class Panel(NamedTuple):
    """Bars of one unit: the figures of these rows whose label ends so. `less`: whether a short bar is a good one."""

    title: str
    rows: tuple[str, ...]
    ending: str
    less: bool


PANELS = (
    Panel("CPU of a copy, plain HTTP (less is better)", ("copies-plain", "others"), ": CPU a copy", True),
    Panel("CPU of a copy, TLS (less is better)", ("copies-tls",), ": CPU a copy", True),
    Panel("Keys listed in a CPU-second (more is better)", ("plan",), ": keys a CPU-second", False),
    Panel("Sync of 1,000,000 unchanged keys (less is better)", ("sync",), " unchanged keys", True),
)


class Bar(NamedTuple):
    name: str
    value: float
    unit: str


def plot(record: Record) -> str:
    """The drawing."""
    body: list[str] = []
    top = 12
    for panel in PANELS:
        bars = _bars(panel, record)
        if bars:
            body += _drawn(panel.title, bars, top)
            top += HEADING + len(bars) * (BAR + GAP) + 10
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{top}" viewBox="0 0 {WIDTH} {top}" '
        'font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="Performance beside other clients">'
    )
    return "\n".join([head, f'<rect width="{WIDTH}" height="{top}" fill="#ffffff"/>', *body, "</svg>\n"])


def _bars(panel: Panel, record: Record) -> list[Bar]:
    bars = {}
    for row in panel.rows:
        for figure in record.measured[row].figures if row in record.measured else ():
            label, found, tail = figure.label.partition(panel.ending)
            if found and (not tail or tail == ", both sides listed"):
                # "s3-crosscopy, fast: 1,000,000 unchanged keys"
                name = label.partition(": ")[0].removesuffix(" ls")
                bars[name] = Bar(name, figure.spread.median, figure.unit)
    return sorted(bars.values(), key=lambda bar: bar.value, reverse=not panel.less)


def _drawn(title: str, bars: Sequence[Bar], top: int) -> Iterator[str]:
    most = max(bar.value for bar in bars)
    yield f'<text x="12" y="{top + 18}" font-weight="600" fill="#1f2328">{escape(title)}</text>'
    for number, bar in enumerate(bars):
        y = top + HEADING - 8 + number * (BAR + GAP)
        length = max(2.0, bar.value / most * (WIDTH - LEFT - RIGHT))
        colour = OURS if bar.name.startswith("s3-crosscopy") else THEIRS
        yield f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end" fill="#1f2328">{escape(bar.name)}</text>'
        yield f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2" fill="{colour}"/>'
        text = escape(written(bar.unit)(bar.value))
        yield f'<text x="{LEFT + length + 6:.1f}" y="{y + 14}" fill="#1f2328">{text}</text>'
