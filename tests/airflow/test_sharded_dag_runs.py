"""The example DAG with a task group, run by Airflow itself: mapping, labels, XCom, trigger rules."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from s3_crosscopy.shards.plan_values import MOST_BYTES
from tests.airflow.airflow_home import AirflowHome, Ended
from tests.airflow.connection_env import key_connection
from tests.airflow.versions import AIRFLOW, needs_true_dags_test
from tests.celery.memory_s3_server import Lake
from tests.servers import s3_responses as answers
from tests.servers.http_messages import Answer, Request
from tests.servers.stub_server import StubServer

# One migrated home, so one worker.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("airflow"), needs_true_dags_test]

DAG_ID = "copy_lake_sharded"
# A shard has a thousand keys at least.
SHARDS, DAYS, FILES = 3, 30, 110
KEYS = [f"lake/day={day:02}/{name}" for day in range(DAYS) for name in ["_SUCCESS", *map("{:05}".format, range(FILES))]]
DENIED = "lake/day=17/00042"
BACKEND = Path(__file__).parent / "counted_xcom.py"


class Task(NamedTuple):
    """A task instance of the last run."""

    state: str
    label: str | None
    value: Any


@pytest.fixture
def lake(stub: StubServer) -> Lake:
    made = Lake("raw", "landing")
    for key in KEYS:
        made.buckets["raw"].put(key, b"data")
    stub.rules = [made.answer]
    return made


@pytest.fixture
def run(airflow_home: AirflowHome, stub: StubServer) -> Callable[[], Ended]:
    def run(**env: str) -> Ended:
        conf = {"source": "s3://raw/lake/", "dest": "s3://landing/lake/", "shards": SHARDS}
        connection = key_connection(stub.endpoint_url)
        connections = dict.fromkeys(("AIRFLOW_CONN_AWS_RAW", "AIRFLOW_CONN_AWS_ANALYTICS"), connection)
        return airflow_home.test_dag(DAG_ID, {**connections, **env}, conf)

    return run


def tasks(home: AirflowHome) -> dict[tuple[str, int], Task]:
    """The task instances of the last run, by name and map index."""
    with home._database() as database:
        assert isinstance(database, sqlite3.Connection)
        rows = database.execute(
            "select t.task_id, t.map_index, t.state, t.rendered_map_index, x.value from task_instance t"
            " left join xcom x on x.run_id = t.run_id and x.task_id = t.task_id and x.map_index = t.map_index"
            " and x.key = 'return_value' where t.dag_id = ? and t.run_id ="
            " (select run_id from dag_run where dag_id = t.dag_id order by id desc limit 1)",
            (DAG_ID,),
        ).fetchall()
    return {
        (task.removeprefix("copy_lake."), index): Task(state, label, json.loads(value) if value else None)
        for task, index, state, label, value in rows
    }


def test_a_dag_copies_a_lake_in_labelled_shards_and_sums_them_up(
    run: Callable[[], Ended], airflow_home: AirflowHome, lake: Lake
) -> None:
    ended = run()

    assert ended.exit_code == 0, ended.output
    done = tasks(airflow_home)
    assert {name for name, _ in done} == {"plan", "copy", "publish", "summary"}
    assert {task.state for task in done.values()} == {"success"}
    shards = [done["copy", number] for number in range(SHARDS)]
    assert [(task.label or "")[:9] for task in shards] == [f"lake/ {n}/{SHARDS}" for n in range(1, SHARDS + 1)]
    assert sum(task.value["copied"] for task in shards) == len(KEYS) - DAYS
    assert max(task.value["listed"] for task in shards) <= 2 * len(KEYS) / SHARDS
    assert done["publish", -1].value["1"]["copied"] == DAYS
    summary = done["summary", -1].value
    assert (summary["ok"], summary["listed"], summary["copied"], summary["shards"]) == (
        True,
        len(KEYS),
        len(KEYS),
        SHARDS,
    )
    assert lake.buckets["landing"].objects.keys() == lake.buckets["raw"].objects.keys()
    assert sorted(copied.key for copied in lake.copied[-DAYS:]) == [key for key in KEYS if key.endswith("_SUCCESS")]


def test_under_a_failed_shard_there_are_no_markers_and_the_summary_names_it(
    run: Callable[[], Ended], airflow_home: AirflowHome, lake: Lake, stub: StubServer
) -> None:
    def denied(request: Request) -> Answer | None:
        wanted = request.operation == "CopyObject" and request.key == DENIED
        return answers.error("AccessDenied", 403, "no") if wanted else None

    stub.rules = [denied, lake.answer]

    ended = run()

    assert ended.exit_code != 0
    done = tasks(airflow_home)
    states = {name: task.state for (name, index), task in done.items() if index < 0}
    assert states == {"plan": "success", "publish": "upstream_failed", "summary": "failed"}
    (failed,) = [task for (name, _), task in done.items() if name == "copy" and task.state == "failed"]
    assert failed.label is not None
    assert f"1 of {SHARDS} shards is not done: {failed.label}; their logs say why" in ended.output.replace("\\", "")
    there = lake.buckets["landing"].objects.keys()
    assert [key for key in there if key.endswith("_SUCCESS")] == []
    assert len(there) == len(KEYS) - DAYS - 1


def test_what_the_tasks_read_and_write_of_xcom_is_bounded_and_none_reads_the_list_that_it_is_mapped_over(
    run: Callable[..., Ended], airflow_home: AirflowHome, lake: Lake, tmp_path: Path
) -> None:
    sizes, plugins = tmp_path / "sizes", tmp_path / "plugins"
    plugins.mkdir()
    shutil.copy(BACKEND, plugins)
    backend = {
        "AIRFLOW__CORE__XCOM_BACKEND": "counted_xcom.CountedXCom",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins),
        "XCOM_SIZES": str(sizes),
    }

    ended = run(**backend)

    assert ended.exit_code == 0, ended.output
    noted = [line.split(" ") for line in sizes.read_text().splitlines()]
    returned = {(name, "return_value") for name in ("plan", "copy", "publish", "summary")}
    written = {(task.removeprefix("copy_lake."), key) for what, _, task, key in noted if what == "written"}
    assert written == {("plan", "shards_0001"), *returned}
    planned = tasks(airflow_home)["plan", -1].value
    assert [type(one) for one in planned] == [int] * SHARDS
    read = [int(size) for what, size, *_ in noted if what == "read"]
    # A value with shards for each copy, publish and summary; the results for both of these; what publish did; links.
    assert len(read) <= SHARDS + 2 + 2 * SHARDS + 1 + 2
    assert len(json.dumps(planned)) not in read
    assert sum(int(size) for _, size, *_ in noted) <= MOST_BYTES * SHARDS / 1000

    # The tab knows from the same few values what a shard will do that has not begun.
    with airflow_home._database() as database, database:
        database.execute("update task_instance set state = null where task_id = 'copy_lake.copy' and map_index = 2")
        for table in ("xcom", "task_state_store") if AIRFLOW >= (3, 3) else ("xcom",):
            database.execute(f"delete from {table} where task_id = 'copy_lake.copy' and map_index = 2")
    shown = shown_in_the_tab(airflow_home)
    assert (shown["heard"], shown["instances"]) == (SHARDS, SHARDS + 1)
    assert shown["total_keys"] == pytest.approx(len(KEYS), rel=0.2)


def shown_in_the_tab(home: AirflowHome) -> Any:
    """What the tab's route tells of the last run, with Airflow's own models on its database."""
    from fastapi import Response
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    from s3_crosscopy.airflow.plugin.routes import progress

    ((run_id,),) = home.sql(f"select run_id from dag_run where dag_id = '{DAG_ID}' order by id desc limit 1")
    engine = create_engine(f"sqlite:///{home.database}")
    try:
        with Session(engine) as session:
            return progress(DAG_ID, run_id, session, Response(), None, None)["view"]
    finally:
        engine.dispose()
