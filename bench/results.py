"""The figures of a run as JSON, and back: what the page and the plot are made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench.cases.case import Figure, Measured, Row
from bench.figures import Spread

DIGITS = 6


class Record(NamedTuple):
    """One run of the benchmark."""

    date: str
    quick: bool
    seconds: float
    machine: Mapping[str, Any]
    versions: Mapping[str, str]
    noise: Mapping[str, float]
    notes: tuple[str, ...]
    measured: Mapping[str, Measured]


def dump(record: Record) -> str:
    """As JSON; what a row measures stands beside it, so that the file can be read alone."""
    return (
        json.dumps(record._asdict() | {"measured": {k: _plain(v) for k, v in record.measured.items()}}, indent=1) + "\n"
    )


def load(path: Path) -> Record:
    raw = json.loads(path.read_text(encoding="utf-8"))
    raw["notes"] = tuple(raw["notes"])
    raw["measured"] = {name: _measured(one) for name, one in raw["measured"].items()}
    return Record(**raw)


def reached(row: Row, record: Record) -> tuple[str, Spread] | None:
    """What counts for a row: the fast transport's figure where there is one."""
    measured = record.measured.get(row.name)
    for transport in ("fast", "boto3"):
        if measured is not None and transport in measured.reached:
            return transport, measured.reached[transport]
    return None


def _plain(measured: Measured) -> dict[str, Any]:
    return {
        "reached": {name: _rounded(one) for name, one in measured.reached.items()},
        "figures": [{"label": one.label, "unit": one.unit, "spread": _rounded(one.spread)} for one in measured.figures],
        "busy": {name: [round(share, 3) for share in both] for name, both in measured.busy.items()},
    }


def _rounded(one: Spread) -> dict[str, float]:
    return {name: float(f"{value:.{DIGITS}g}") for name, value in one._asdict().items()}


def _measured(raw: dict[str, Any]) -> Measured:
    return Measured(
        {name: Spread(**one) for name, one in raw["reached"].items()},
        tuple(Figure(one["label"], one["unit"], Spread(**one["spread"])) for one in raw["figures"]),
        {name: (both[0], both[1]) for name, both in raw["busy"].items()},
    )
