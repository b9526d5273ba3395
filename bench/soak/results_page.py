"""docs/endurance.md's results and docs/endurance.svg, made of a result. Pure, but for `put_in`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.soak.judge import again, broken, growth_kib, may_be_again
from bench.soak.script import Result, Sample

BEGIN, END = "<!-- results: written by make soak -->", "<!-- end of the results -->"
PICTURE = "endurance.svg"
WIDTH, HEIGHT, LEFT, BELOW = 760, 220, 70, 40
POINTS = 700


def block(result: Result, date: str, machine: Mapping[str, Any]) -> str:
    """What stands between the marks of the page."""
    rows = "\n".join(f"| {name} | {value} |" for name, value in _rows(result))
    wrong = broken(result)
    verdict = (
        "Every bound below held." if not wrong else "**What did not hold:**\n\n" + "\n".join(f"- {w}" for w in wrong)
    )
    on = f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, {machine['system']}"
    return (
        f"Measured on {date}: {on}, Python {machine['python']}; client and server on a core each.\n\n{verdict}\n\n"
        f"| | |\n| --- | --- |\n{rows}\n\n![resident memory over time]({PICTURE})\n"
    )


def put_in(page: Path, text: str) -> None:
    """Replace what stands between the marks."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")


def _rows(result: Result) -> list[tuple[str, str]]:
    counts, requests = result.status["counts"], result.status["requests"]
    copied = counts.get("copied", 0)
    sizes = [one.checkpoint_bytes for one in result.samples if one.checkpoint_bytes]
    rss = [one.rss_kib for one in result.samples]
    rows = [
        ("keys", f"{result.shape.keys:,}"),
        ("of them to copy", f"{result.amounts.copies:,}, {result.amounts.markers:,} of them markers"),
        ("copied", f"{copied:,}, which is {'all' if result.finished else 'not all'}"),
        ("time", f"{result.seconds / 60:,.1f} minutes"),
        ("objects a second, pauses and starts included", f"{copied / result.seconds:,.0f}"),
        ("kills with -9", f"{len(result.kills)}"),
        ("copies made again", f"{again(result):,}; in flight or not saved at the kills: {may_be_again(result):,}"),
        ("parts copied again", f"{counts.get('again, parts', 0):,}"),
        ("LIST requests", f"{sum(n for name, n in requests.items() if name.startswith('List')):,}"),
        ("attempts that ended by themselves", f"{len(result.ended)}"),
        ("most resident memory", f"{max(rss, default=0) / 1024:,.0f} MiB"),
        ("last quarter above the first", f"{growth_kib(result) / 1024:+,.0f} MiB"),
        (
            "checkpoint",
            f"{sum(sizes) / max(1, len(sizes)) / 1024:,.1f} KiB, at most {max(sizes, default=0) / 1024:,.1f} KiB",
        ),
    ]
    for name, what in result.paused.items():
        ended = f"{what['attempts that ended']:g} attempts had ended by themselves by its end"
        rows.append((f"outage: {name}, {what['seconds']:g} s", f"{what['copies']:,} copies meanwhile; {ended}"))
    return rows


def picture(samples: Sequence[Sample]) -> str:
    """Resident memory over time."""
    step = max(1, len(samples) // POINTS)
    shown = [one for one in samples[::step] if one.rss_kib]
    longest = max((one.at_s for one in shown), default=1.0)
    most = max((one.rss_kib for one in shown), default=1) * 1.1
    points = " ".join(
        f"{LEFT + one.at_s / longest * (WIDTH - LEFT - 10):.1f},{(HEIGHT - BELOW) * (1 - one.rss_kib / most) + 10:.1f}"
        for one in shown
    )
    ground = HEIGHT - BELOW + 10
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="13" role="img" aria-label="Resident memory over time">'
    )
    lines = [
        head,
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<path d="M{LEFT} 10V{ground}H{WIDTH - 10}" fill="none" stroke="#8c959f"/>',
        f'<polyline points="{points}" fill="none" stroke="#1f6feb"/>',
        f'<text x="5" y="20">{most / 1024:,.0f} MiB</text>',
        f'<text x="5" y="{ground}">0</text>',
        f'<text x="{LEFT}" y="{HEIGHT - 8}">0</text>',
        f'<text x="{WIDTH - 10}" y="{HEIGHT - 8}" text-anchor="end">{longest / 60:,.0f} minutes</text>',
        "</svg>",
    ]
    return "\n".join(lines) + "\n"
