"""What tasks left, written into Airflow's database in place of tasks that run."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from s3_crosscopy.airflow.checkpoint_store import KEY
from s3_crosscopy.airflow.console_links import SourceLink
from s3_crosscopy.airflow.plugin.console_link import CONSOLES
from s3_crosscopy.airflow.task_end import KEY as END
from s3_crosscopy.model.checkpoint import to_json
from s3_crosscopy.model.tally import Tally
from tests.airflow.versions import STORES_TASK_STATE
from tests.ui.airflow_site import Site
from tests.unit.state_strategies import STATE

RUN = "seen"
SOURCE, DEST, REPORT = "s3://lake/events/", "s3://landing/copied/", "s3://landing/reports/2026-11-24/"
CONSOLE_LINK = f"{CONSOLES['aws']}/buckets/lake?prefix=events%2F"
PLACES = {"source": SOURCE, "dest": DEST, "report": REPORT}


def stored(
    copied: int, *, skipped: int = 0, failed: int = 0, finished: bool = False, **progress: Any
) -> dict[str, Any]:
    """What the store holds for a copy that took 300 seconds so far."""
    counts = {**Tally().as_dict(), "listed": copied + skipped + failed, "copied": copied, "skipped": skipped}
    counts |= {"failed": failed, "bytes": copied * 700_000}
    said = {
        **counts,
        "objects_per_second": 123.4,
        "bytes_per_second": 45_000_000,
        "in_flight": 60,
        "window": 64,
        "throttled": 3,
        "history": [[5.0 * (at + 1), 80.0 + 40 * (at % 7)] for at in range(60)],
        **PLACES,
        **progress,
    }
    reasons = {
        name: number for name, number in (("missing", copied), ("same ETag", skipped), ("denied", failed)) if number
    }
    verified = {"etag": copied}
    state = STATE._replace(
        counts=counts, reasons=reasons, verified=verified, finished=finished, seconds=300.0, throttled=3, progress=said
    )
    return to_json(state, time.time())


def figures(state: Mapping[str, Any]) -> dict[str, Any]:
    """For `leave`: a task with this `stored` state, or below Airflow 3.3 with the summary that it returned."""
    if STORES_TASK_STATE:
        return {"kept": state}
    summary = {name: value for name, value in state["progress"].items() if name != "report"}
    run = {"report": state["progress"]["report"]}
    return {"returned": {**summary, "run": run, "seconds": state["seconds"], "decisions": state["reasons"]}}


def leave(site: Site, dag_id: str, state: str | None, **what: Any) -> None:
    """The task `copy` of that run is in `state`, and has left what is given (see `left`) and nothing else."""
    site.write(left(dag_id, state, **what))


def left(
    dag_id: str,
    state: str | None,
    *,
    map_index: int = -1,
    kept: Mapping[str, Any] | None = None,
    returned: Mapping[str, Any] | None = None,
    end: Mapping[str, Any] | None = None,
    link: str | None = CONSOLE_LINK,
) -> Iterator[tuple[object, ...]]:
    """The statements of `leave`, for many tasks at once."""
    where = (dag_id, RUN, map_index)
    began = _time(time.time() - 400)
    yield (
        "update task_instance set state = ?, start_date = ? where dag_id = ? and run_id = ? and map_index = ?",
        state,
        began,
        *where,
    )
    if STORES_TASK_STATE:
        yield ("delete from task_state_store where dag_id = ? and run_id = ? and map_index = ?", *where)
    yield ("delete from xcom where dag_id = ? and run_id = ? and map_index = ?", *where)
    into = (
        "(dag_run_id, task_id, map_index, key, dag_id, run_id, value, {}) select id, 'copy', ?, ?, dag_id, run_id, ?, ?"
        " from dag_run where dag_id = ? and run_id = ?"
    )
    for table, key, value, at in (
        ("task_state_store", KEY, kept, "updated_at"),
        ("xcom", "return_value", returned, "timestamp"),
        ("xcom", END, end, "timestamp"),
        ("xcom", SourceLink().xcom_key, link, "timestamp"),
    ):
        if value is not None and (STORES_TASK_STATE or table == "xcom"):
            text = json.dumps(value)
            yield (f"insert into {table} {into.format(at)}", map_index, key, text, began, dag_id, RUN)


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f")
