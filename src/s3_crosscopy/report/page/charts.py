"""Bars as SVG inside the page: an image with a name for who cannot see it, and the same numbers as a table below."""

from __future__ import annotations

from s3_crosscopy.report.page.blocks import Bar, Chart
from s3_crosscopy.report.page.html import Html, element, joined

WIDTH, HEIGHT = 720, 220
LEFT, RIGHT, TOP, BOTTOM = 8, 8, 26, 40
"""Of the pixels around the bars: the greatest value stands above them, what they are about below."""
MOST_LABELS = 6


def figure(chart: Chart) -> Html:
    """A chart with its caption, and its numbers to unfold."""
    rows = joined(
        element("tr", element("th", bar.label, scope="row"), element("td", bar.said, class_="number"))
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
    each = (WIDTH - LEFT - RIGHT) / len(chart.bars)
    base = HEIGHT - BOTTOM
    bars = joined(_bar(bar, LEFT + n * each, each, bar.value / top * (base - TOP)) for n, bar in enumerate(chart.bars))
    half = TOP + (base - TOP) / 2
    lines = joined(element("line", class_="grid", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y) for y in (TOP, half, base))
    greatest = element("text", chart.top, class_="tick", x=LEFT, y=TOP - 8)
    return element(
        "svg",
        lines,
        bars,
        greatest,
        _labels(chart, each),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        aria_labelledby=f"{chart.name}-says",
    )


def _bar(bar: Bar, x: float, width: float, height: float) -> Html:
    gap = 1 if width > 4 else 0
    # What is there is seen, however little it is beside the greatest.
    shown = max(height, 1.5) if bar.value else 0.0
    place = {"x": f"{x:.1f}", "width": f"{width - gap:.1f}"}
    said = element("title", f"{bar.label}: {bar.said}")
    return element("rect", said, class_="bar", y=f"{HEIGHT - BOTTOM - shown:.1f}", height=f"{shown:.1f}", **place)


def _labels(chart: Chart, each: float) -> Html:
    """As many as have room: where time cells begin and the last ends, or what single bars are about."""
    number = len(chart.bars)
    step = max(1, -(-number // MOST_LABELS))
    found = [(n, chart.bars[n].label.split(" to ")[0]) for n in range(0, number, step)]
    if chart.kind == "time":
        # The end stands for itself; a label just before it would run into it.
        found = [one for one in found if number - one[0] > step / 2]
        ends = [(LEFT + n * each, text, "start" if n == 0 else "middle") for n, text in found]
        ends.append((WIDTH - RIGHT, chart.bars[-1].label.split(" to ")[-1], "end"))
    else:
        ends = [(LEFT + (n + 0.5) * each, text, "middle") for n, text in found]
    y = HEIGHT - BOTTOM + 20
    return joined(
        element("text", text, class_="tick", x=f"{x:.1f}", y=y, text_anchor=anchor) for x, text, anchor in ends
    )
