"""The checkpoint in Airflow's task state store: a fake one, Airflow's own accessor, and a DAG that Airflow runs."""

from __future__ import annotations

import json
import logging
from collections import Counter
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.airflow.versions import AIRFLOW

if AIRFLOW < (3, 3):
    pytest.skip("the task state store came with Airflow 3.3", allow_module_level=True)

from airflow.sdk._shared.state import TaskScope
from airflow.sdk.exceptions import AirflowRuntimeError, ErrorType
from airflow.sdk.execution_time import comms, task_runner
from airflow.sdk.execution_time.context import TaskStateStoreAccessor

from s3_crosscopy.adapters.checkpoint_file import FileCheckpoint
from s3_crosscopy.airflow.checkpoint_store import KEY, RETENTION, TaskStateCheckpoint
from s3_crosscopy.airflow.compat import task_state_store
from s3_crosscopy.errors import StoreAway
from s3_crosscopy.model.checkpoint import MAX_JSON_BYTES, OpenUpload, fitted, to_json
from s3_crosscopy.model.outcomes import Reason
from tests.airflow.airflow_home import AirflowHome
from tests.airflow.fake_state_store import LIMIT_BYTES, FakeStore
from tests.unit.state_strategies import STATE

SAVED_AT = 1_800_000_000.5


def checkpoint(store: Any, *, keep_progress: bool = True) -> TaskStateCheckpoint:
    return TaskStateCheckpoint(store, keep_progress, lambda: SAVED_AT)


class Refusing:
    """A store whose every call ends in one error."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get(self, key: str, default: Any = None) -> Any:
        raise self.error

    def set(self, key: str, value: Any, *, retention: timedelta | None = None) -> None:
        raise self.error


def api_error(detail: dict[str, Any] | None) -> AirflowRuntimeError:
    """What the SDK raises in a task when the API server's answer to its supervisor was an error, or there was none."""
    return AirflowRuntimeError(comms.ErrorResponse(error=ErrorType.API_SERVER_ERROR, detail=detail))


def test_an_empty_store_is_no_state() -> None:
    assert checkpoint(FakeStore(other="value")).load() is None


def test_what_one_try_saved_the_next_one_loads() -> None:
    store = FakeStore(other="value")
    checkpoint(store).save(STATE._replace(segments=1))
    checkpoint(store).save(STATE)

    assert checkpoint(store).load() == (STATE, SAVED_AT)
    assert set(store.texts) == {KEY, "other"}


def test_a_value_saved_to_a_file_is_a_checkpoint_as_abort_uploads_takes_it(tmp_path: Path) -> None:
    store = FakeStore()
    checkpoint(store).save(STATE)
    (tmp_path / "value.json").write_text(store.texts[KEY])

    assert FileCheckpoint(tmp_path / "value.json").load() == (STATE, SAVED_AT)


def test_progress_is_left_out_if_nobody_wants_it_there() -> None:
    store = FakeStore()
    checkpoint(store, keep_progress=False).save(STATE)

    assert checkpoint(store).load() == (STATE._replace(progress=None), SAVED_AT)


def test_a_value_is_kept_for_longer_than_it_may_be_used() -> None:
    store = FakeStore()
    checkpoint(store).save(STATE)

    assert store.retention == RETENTION
    assert timedelta(days=1) < RETENTION < timedelta(days=30)


def test_the_largest_state_that_fits_is_within_airflows_limit() -> None:
    key = "q/" + "\x01\U0010ffff" * 204  # 1,020 bytes in UTF-8, and 3,672 escaped.
    largest = fitted(STATE._replace(uploads=(OpenUpload(key, "upload", "e" * 32, 5),) * 20))
    assert 10 < len(largest.uploads) < 20
    store = FakeStore()
    checkpoint(store).save(largest)

    assert MAX_JSON_BYTES / 2 < len(store.texts[KEY]) < LIMIT_BYTES
    assert checkpoint(store).load() == (largest, SAVED_AT)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("text", "is no checkpoint of this version of s3-crosscopy"),
        ({"format": 99}, "is no checkpoint of this version of s3-crosscopy"),
        ({**to_json(STATE, 1), "remaining": 3}, "is a damaged checkpoint (3 is of another type)"),
    ],
)
def test_a_value_that_is_not_ours_is_a_warning_and_a_fresh_start(
    value: object, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    store = FakeStore(**{KEY: value})
    with caplog.at_level(logging.WARNING):
        assert checkpoint(store).load() is None

    assert caplog.messages == [f"the value in the task state store under 's3_crosscopy' {why}; this try starts over"]
    checkpoint(store).save(STATE)
    assert checkpoint(store).load() == (STATE, SAVED_AT)


@pytest.mark.parametrize("status", [404, 409, 410])
def test_an_answer_that_this_task_is_not_running_any_more_comes_through(status: int) -> None:
    store = Refusing(api_error({"status_code": status, "message": "it is not"}))

    for call in (checkpoint(store).load, partial(checkpoint(store).save, STATE)):
        with pytest.raises(AirflowRuntimeError) as raised:
            call()
        assert raised.value is store.error


@pytest.mark.parametrize("error", [EOFError("closed"), BrokenPipeError(), ConnectionResetError()], ids=type)
def test_a_supervisor_that_is_gone_is_the_end_of_the_task(error: Exception) -> None:
    with pytest.raises(type(error)):
        checkpoint(Refusing(error)).save(STATE)


@pytest.mark.parametrize(
    "error",
    [
        *(api_error({"status_code": status, "message": "no"}) for status in (401, 403, 429, 500, 502, 503, 504)),
        api_error({"status_code": None, "message": "refused", "exception_type": "ConnectError"}),
        api_error(None),
        TimeoutError("the backend of the worker"),
    ],
    ids=str,
)
def test_everything_else_may_pass_and_is_told_as_a_store_that_is_away(error: Exception) -> None:
    for call in (checkpoint(Refusing(error)).load, partial(checkpoint(Refusing(error)).save, STATE)):
        with pytest.raises(StoreAway, match="Airflow's task state store: ") as raised:
            call()
        assert raised.value.__cause__ is error


def test_an_airflow_without_a_store_has_none() -> None:
    store: Any = FakeStore()

    assert task_state_store({}) is None
    assert task_state_store({"task_state_store": store}) is store


class Supervisor:
    """The other end of Airflow's own accessor: messages through msgpack and JSON, as to the API server and back."""

    def __init__(self) -> None:
        self.sent: list[comms.SetTaskStateStore] = []

    def send(self, message: Any) -> Any:
        frame = comms._RequestFrame(id=0, body=message.model_dump()).as_bytes()
        assert frame
        if isinstance(message, comms.SetTaskStateStore):
            self.sent.append(message)
            return None
        if not self.sent:
            return comms.ErrorResponse(error=ErrorType.TASK_STORE_NOT_FOUND, detail={})
        value = json.loads(self.sent[-1].model_dump_json())["value"]
        return comms.TaskStateStoreResult(value=value)


@pytest.fixture
def supervisor(monkeypatch: pytest.MonkeyPatch) -> Supervisor:
    made = Supervisor()
    monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", made, raising=False)
    return made


def test_airflows_own_accessor_takes_any_state_and_gives_it_back(supervisor: Supervisor) -> None:
    scope = TaskScope(dag_id="d", run_id="r", task_id="t", map_index=-1)
    store = TaskStateStoreAccessor(ti_id=uuid4(), scope=scope)
    assert checkpoint(store).load() is None

    state = STATE._replace(
        fingerprint="\x00\u2028é\U0010ffff",
        reasons=Counter({Reason.DENIED.value: 1}),
        progress={"slowest": ("p/k", 2.5)},
    )
    checkpoint(store).save(state)

    assert checkpoint(store).load() == (state._replace(progress={"slowest": ["p/k", 2.5]}), SAVED_AT)
    assert supervisor.sent[0].expires_at is not None


DAG = '''
"""Saves in its first try and fails; its second try loads."""

from datetime import timedelta
from functools import partial

from airflow.sdk import dag, get_current_context, task
from s3_crosscopy.airflow.compat import task_state_store
from s3_crosscopy.airflow.checkpoint_store import TaskStateCheckpoint
from s3_crosscopy.model.checkpoint import CheckpointState
from s3_crosscopy.model.objects import KeyRange

KEY = "\\x01\\u2028\\u00e9\\U0010ffff"
STATE = CheckpointState("f", (KeyRange(KEY),), {"copied": 3}, {}, {}, progress={"copied": 3})


@dag(schedule=None)
def keeps_state():
    @task(retries=1, retry_delay=timedelta(0))
    def resumes():
        context = get_current_context()
        checkpoint = TaskStateCheckpoint(task_state_store(context), keep_progress=False)
        kept = checkpoint.load()
        if kept is None:
            checkpoint.save(STATE)
            raise RuntimeError("died")
        return {"same": kept[0] == STATE._replace(progress=None)}

    resumes()


keeps_state()
'''


@pytest.mark.slow
@pytest.mark.xdist_group("airflow")
def test_a_second_try_by_airflow_finds_what_the_first_one_saved(airflow_home: AirflowHome, tmp_path: Path) -> None:
    (tmp_path / "keeps_state.py").write_text(DAG, encoding="utf-8")

    ended = airflow_home.test_dag("keeps_state", {"AIRFLOW__CORE__DAGS_FOLDER": str(tmp_path)})

    assert ended.exit_code == 0, ended.output
    assert airflow_home.last_task() == ("success", 2)
    assert airflow_home.last_result() == {"same": True}
