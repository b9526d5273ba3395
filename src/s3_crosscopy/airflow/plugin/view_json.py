"""Turns a view into the small JSON that the page requests every few seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from s3_crosscopy.airflow.plugin.headline import headline
from s3_crosscopy.airflow.plugin.progress_model import Curve, Link, Pair, Status, TaskLine, View
from s3_crosscopy.model.extraneous import Extraneous
from s3_crosscopy.model.outcomes import Outcome

LETTERS: Mapping[Status, str] = {
    Status.WAITING: "w",
    Status.RUNNING: "r",
    Status.ASKING: "q",
    Status.RETRYING: "a",
    Status.DONE: "d",
    Status.FAILED: "f",
    Status.SKIPPED: "s",
    Status.LEFT_OUT: "l",
}


def view_to_json(view: View) -> dict[str, Any]:
    """Return JSON values. An instance is one letter, a thousand are one line."""
    return {
        "status": view.status.value,
        "headline": headline(view)._asdict(),
        "instances": view.instances,
        "ended": view.ended,
        "heard": view.heard,
        "counts": dict(view.counts),
        "outcomes": [[outcome.value, outcome.label] for outcome in Outcome],
        "decisions": dict(view.decisions),
        "done": view.done,
        "total_keys": view.total_keys,
        "eta_s": None if view.eta_s is None else round(view.eta_s),
        "seconds": round(view.seconds, 1),
        "throttled": view.throttled,
        **{name: round(value, 1) for name, value in view.current_rate._asdict().items()},
        "curve": None if view.curve is None else _curve(view.curve),
        "tasks": [_line(task) for task in view.tasks],
        "more_tasks": view.more_tasks,
        "pairs": [_pair(pair) for pair in view.pairs],
        "more_pairs": view.more_pairs,
        "reports": [_link(link) for link in view.reports],
        "missed": [missed._asdict() for missed in view.missed],
        "whys": [why._asdict() for why in view.whys],
        "stopped": list(view.stopped),
        "paused": list(view.paused),
        "saved_at": round(view.saved_at, 1),
        "dry_run": view.dry_run,
        "unreadable": view.unreadable,
        "verified_by": dict(view.verified_by),
        "checked": view.checked,
        "planned": None if view.planned is None else view.planned._asdict(),
        "extraneous": None if view.extraneous is None else _extraneous(view.extraneous),
        "looks": list(view.looks),
    }


def _extraneous(extraneous: Extraneous) -> dict[str, Any]:
    deleted = None if extraneous.deletion is None else extraneous.deletion.deleted
    return {"keys": extraneous.keys, "at_least": extraneous.at_least, "deleted": deleted}


def _curve(curve: Curve) -> dict[str, Any]:
    rates = [round(rate, 1) for rate in curve.objects_per_second]
    return {"since": round(curve.since, 1), "until": round(curve.until, 1), "objects_per_second": rates}


def _line(line: TaskLine) -> dict[str, Any]:
    return {
        "task_id": line.task_id,
        "statuses": "".join(LETTERS[status] for status in line.statuses),
        "counts": dict(line.counts),
        "mapped": line.mapped,
        "heard": line.heard,
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {name: None if link is None else _link(link) for name, link in pair._asdict().items()}


def _link(link: Link) -> dict[str, str]:
    return {"url": link.url, "href": link.href}
