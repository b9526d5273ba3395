"""The routes of the tab: its files for every user who is logged in, its data for users who may see the DAG.

Everything that depends on the internals of Airflow's API server is here. Airflow's own dependencies authenticate the
user on every route: by default the apps of plugins are served without a login.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import get_user, requires_access_dag
from airflow.models.taskinstance import TaskInstance
from airflow.models.xcom import XComModel
from fastapi import Depends, FastAPI, HTTPException, Query, Response
from fastapi import Path as PathParameter
from fastapi.responses import FileResponse
from sqlalchemy import Text, cast, func, select

from s3_crosscopy.airflow.checkpoint_store import KEY
from s3_crosscopy.airflow.console_links import LINKS
from s3_crosscopy.airflow.plugin.console_link import console_of
from s3_crosscopy.airflow.plugin.page_data import Instance, StoredValues, page, shards_in, value_of
from s3_crosscopy.airflow.task_end import KEY as END
from s3_crosscopy.airflow.xcom_values import KEY as SHARDS
from s3_crosscopy.model.input_limits import PLANNED, STORED, Limit

try:
    from airflow.models.task_state_store import TaskStateStoreModel as Store
except ImportError:  # Below 3.3 there is none.
    Store = None  # type: ignore[assignment,misc]

FILES = {path.name: path for path in (Path(__file__).parent / "static").iterdir()}
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
# No stale page after an upgrade, and no shared cache for pages that need a login.
HEADERS = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}

# Values that the columns can hold: for a NUL or a number that is too large the database would raise an error.
AN_ID: dict[str, Any] = {"max_length": 250, "pattern": r"^[^\x00]*$"}
IN_PATH, IN_QUERY = PathParameter(**AN_ID), Query(**AN_ID)

INSTANCE = Instance._fields

MOST_STATES = 256
"""Maximum number of values read from the store, newest first. A shard that ended earlier also has its XCom."""

MAY_SEE = [
    Depends(requires_access_dag(method="GET", access_entity=DagAccessEntity.TASK_INSTANCE)),
    # The summary is an XCom.
    Depends(requires_access_dag(method="GET", access_entity=DagAccessEntity.XCOM)),
]

app = FastAPI(title="S3 copy", openapi_url=None, docs_url=None, redoc_url=None, dependencies=[Depends(get_user)])


@app.get("/static/{name}")
def static_file(name: str) -> FileResponse:
    """Send a file of the page."""
    if name not in FILES:
        raise HTTPException(404, "There is no such file.")
    return FileResponse(FILES[name], media_type=TYPES[FILES[name].suffix], headers=HEADERS)


@app.get("/dags/{dag_id}/progress", dependencies=MAY_SEE)
def progress(
    dag_id: Annotated[str, IN_PATH],
    run_id: Annotated[str, IN_QUERY],
    session: SessionDep,
    response: Response,
    task_id: Annotated[str | None, IN_QUERY] = None,
    map_index: Annotated[int | None, Query(ge=-1, lt=2**31)] = None,
) -> dict[str, Any]:
    """Send the progress of the copies of a DAG run, of one task of it, or of one mapped instance."""
    response.headers["Cache-Control"] = "no-store"
    run = {"dag_id": dag_id, "run_id": run_id}
    part = {name: value for name, value in (("task_id", task_id), ("map_index", map_index)) if value is not None}
    instances = [Instance(*row) for row in session.execute(_select(TaskInstance, INSTANCE, run | part))]
    states = defaultdict(list)
    if Store is not None:
        values = _values(Store, run | part, STORED, "key").where(Store.key.startswith(KEY, autoescape=True))
        newest = values.order_by(None).order_by(Store.updated_at.desc()).limit(MOST_STATES)
        for row in sorted(session.execute(newest), key=lambda row: row.key):
            states[row.task_id, row.map_index].append(value_of(row.value, STORED))
    ends = _ends(session, run | part)
    left = {*states, *ends}
    copies = [row for row in instances if task_id is not None or row.is_copy or row.is_helper or row.key in left]
    without_state = {
        instance.task_id
        for instance in copies
        if instance.key not in states and not (instance.is_helper and task_id is None)
    }
    plans = {instance.planned_by for instance in copies} - {None}
    returned = _returned(session, run | part, without_state)
    summaries = {(row.task_id, row.map_index): value_of(row.value, STORED) for row in returned}
    consoles = _consoles(session, run | part)
    stored = StoredValues(states, summaries, _plans(session, run, plans), ends, consoles)
    return page(copies, stored, has_store=Store is not None, whole_run=task_id is None)


def _ends(session: SessionDep, where: dict[str, Any]) -> dict[Any, Any]:
    """The XComs of tasks that ended without a result, newest first as far as they are read."""
    newest = _values(XComModel, where | {"key": END}, STORED).order_by(None).order_by(XComModel.timestamp.desc())
    rows = session.execute(newest.limit(MOST_STATES))
    return {(row.task_id, row.map_index): value_of(row.value, STORED) for row in rows}


def _consoles(session: SessionDep, where: dict[str, Any]) -> dict[str, str]:
    """The S3 console that each task's own links lead to, as far as they are read."""
    keys = [link.xcom_key for link in LINKS]
    rows = session.execute(_values(XComModel, where, STORED).where(XComModel.key.in_(keys)).limit(MOST_STATES))
    consoles = ((row.task_id, console_of(value_of(row.value, STORED))) for row in rows)
    return {task_id: console for task_id, console in consoles if console}


def _returned(session: SessionDep, where: dict[str, Any], task_ids: set[Any]) -> Any:
    """The returned XComs of these tasks."""
    if not task_ids:
        return ()
    statement = _values(XComModel, where | {"key": "return_value"}, STORED)
    return session.execute(statement.where(XComModel.task_id.in_(sorted(task_ids))))


def _plans(session: SessionDep, where: dict[str, Any], task_ids: set[Any]) -> dict[str, list[Any]]:
    """The planned shards, by the id of the plan task."""
    if not task_ids:
        return {}
    statement = _values(XComModel, where, PLANNED, "key").where(XComModel.task_id.in_(sorted(task_ids)))
    packed = defaultdict(list)
    for row in session.execute(
        statement.where(XComModel.key.startswith(SHARDS, autoescape=True)).order_by(XComModel.key)
    ):
        packed[row.task_id].append(value_of(row.value, PLANNED))
    return {task_id: shards_in(texts) for task_id, texts in packed.items()}


def _values(model: Any, where: dict[str, Any], limit: Limit, *more: str) -> Any:
    """Select values as text, cut behind the limit: a database driver would parse JSON of any size."""
    value = func.substr(cast(model.value, Text), 1, limit.most + 1).label("value")
    return _select(model, ("task_id", "map_index", *more), where, value)


def _select(model: Any, columns: Sequence[str], where: dict[str, Any], *more: Any) -> Any:
    named = [getattr(model, name) for name in columns]
    statement = select(*named, *more).order_by(model.task_id, model.map_index)
    return statement.where(*(getattr(model, name) == value for name, value in where.items()))
