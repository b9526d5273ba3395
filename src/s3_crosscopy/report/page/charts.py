"""Bar charts as SVG inside the page, with a text for readers who cannot see them, and their numbers as a table."""

from __future__ import annotations

from s3_crosscopy.report.page.blocks import Bar, Chart
from s3_crosscopy.report.page.html import Html, element, joined

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 8, 8, 26, 40
"""Pixels around the bars: the greatest value is above them, the labels are below."""
MOST_LABELS = 6


def figure(chart: Chart) -> Html:
    """A chart with its caption, and its numbers in a table that can be unfolded."""
    rows = joined(
        element("tr", element("th", bar.label, scope="row"), element("td", bar.text, class_="number"))
        for bar in chart.bars
    )
    heads = joined(element("th", head, scope="col") for head in chart.heads)
    caption = element("caption", chart.title, class_="away")
    numbers = element("table", caption, element("thead", element("tr", heads)), element("tbody", rows))
    return element(
        "figure",
        element("figcaption", element("strong", chart.title), " ", chart.says, id=f"{chart.name}-says"),
        _svg(chart),
        element(
            "details",
            element("summary", f"The numbers: {chart.title.lower()}"),
            element("div", numbers, class_="wide", tabindex="0", role="region", aria_label=f"Numbers: {chart.title}"),
        ),
    )


def _svg(chart: Chart) -> Html:
    top = max(bar.value for bar in chart.bars) or 1.0
    bar_width = (WIDTH - LEFT - RIGHT) / len(chart.bars)
    base = HEIGHT - BOTTOM
    bars = joined(
        _bar(bar, LEFT + n * bar_width, bar_width, bar.value / top * (base - TOP)) for n, bar in enumerate(chart.bars)
    )
    half = TOP + (base - TOP) / 2
    lines = joined(element("line", class_="grid", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y) for y in (TOP, half, base))
    greatest = element("text", chart.top, class_="tick", x=LEFT, y=TOP - 8)
    return element(
        "svg",
        lines,
        bars,
        greatest,
        _labels(chart, bar_width),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_labelledby=f"{chart.name}-says",
    )


def _bar(bar: Bar, x: float, width: float, height: float) -> Html:
    gap = 1 if width > 4 else 0
    # A value above 0 is visible, even if it is small beside the greatest.
    shown = max(height, 1.5) if bar.value else 0.0
    position = {"x": f"{x:.1f}", "width": f"{width - gap:.1f}"}
    tooltip = element("title", f"{bar.label}: {bar.text}")
    return element("rect", tooltip, class_="bar", y=f"{HEIGHT - BOTTOM - shown:.1f}", height=f"{shown:.1f}", **position)


def _labels(chart: Chart, bar_width: float) -> Html:
    """As many labels as there is room for: the start times of cells and the end, or the labels of bars."""
    number = len(chart.bars)
    step = max(1, -(-number // MOST_LABELS))
    labels = [(n, chart.bars[n].label.split(" to ")[0]) for n in range(0, number, step)]
    if chart.kind == "time":
        # The end has its own label; one just before it would overlap.
        labels = [(n, text) for n, text in labels if number - n > step / 2]
        placed = [(LEFT + n * bar_width, text, "start" if n == 0 else "middle") for n, text in labels]
        placed.append((WIDTH - RIGHT, chart.bars[-1].label.split(" to ")[-1], "end"))
    else:
        placed = [(LEFT + (n + 0.5) * bar_width, text, "middle") for n, text in labels]
    y = HEIGHT - BOTTOM + 20
    return joined(
        element("text", text, class_="tick", x=f"{x:.1f}", y=y, text_anchor=anchor) for x, text, anchor in placed
    )
