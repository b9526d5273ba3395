"""The figures of a run as JSON, and back: what the page and the plot are made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from bench.cases.case import Figure, Measured, Row, Taken
from bench.figures import Spread, spread

DIGITS = 6


class Record(NamedTuple):
    """One run of the benchmark, or several in which its rows were measured: `date` is that of the first."""

    date: str
    quick: bool
    seconds: float
    machine: Mapping[str, Any]
    versions: Mapping[str, str]
    noise: Mapping[str, float]
    measured: Mapping[str, Measured]

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes of all rows, each once."""
        return tuple(dict.fromkeys(note for measured in self.measured.values() for note in measured.notes))


def with_row(record: Record, row: Row, measured: Measured) -> Record:
    """The record with a row measured, or measured anew."""
    rows = {**record.measured, row.name: measured}
    takens = [one.taken for one in rows.values() if one.taken is not None]
    seconds = record.seconds + (measured.taken.seconds if measured.taken else 0.0)
    noises = [taken.noise for taken in takens if taken.noise]
    if len(takens) < len(rows) and record.noise:  # of a record that has the noise of all its rows only
        noises.append(record.noise)
    noise = {}
    if noises:
        noise["median"] = round(spread(of_row["median"] for of_row in noises).median, 3)
        noise["most"] = round(spread(of_row["most"] for of_row in noises).most, 3)
    return record._replace(measured=rows, seconds=round(seconds, 1), noise=noise)


def comparable(one: Record, other: Record) -> bool:
    """Whether rows of both may stand in one table: the same machine, and the same versions of everything."""
    return one.machine == other.machine and one.versions == other.versions


def dump(record: Record) -> str:
    """As JSON; what a row measures stands beside it, so that the file can be read alone."""
    return (
        json.dumps(record._asdict() | {"measured": {k: _plain(v) for k, v in record.measured.items()}}, indent=1) + "\n"
    )


def load(path: Path) -> Record:
    raw = json.loads(path.read_text(encoding="utf-8"))
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
        **({"taken": measured.taken._asdict()} if measured.taken else {}),
        **({"notes": list(measured.notes)} if measured.notes else {}),
    }


def _rounded(one: Spread) -> dict[str, float]:
    return {name: float(f"{value:.{DIGITS}g}") for name, value in one._asdict().items()}


def _measured(raw: dict[str, Any]) -> Measured:
    return Measured(
        {name: Spread(**one) for name, one in raw["reached"].items()},
        tuple(Figure(one["label"], one["unit"], Spread(**one["spread"])) for one in raw["figures"]),
        {name: (both[0], both[1]) for name, both in raw["busy"].items()},
        Taken(**raw["taken"]) if "taken" in raw else None,
        tuple(raw.get("notes", ())),
    )
