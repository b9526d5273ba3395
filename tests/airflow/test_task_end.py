"""Whatever ends a task without a result leaves the reason in XCom, and the summary if there is one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG

from s3_crosscopy import api
from s3_crosscopy.airflow import S3CrossAccountCopyOperator, S3CrossAccountCopyTaskGroup
from s3_crosscopy.airflow.compat import AirflowFailException, AirflowSkipException, AirflowTaskTimeout
from s3_crosscopy.airflow.task_end import KEY, LONGEST, end_is_stored, end_of
from s3_crosscopy.errors import Interrupted, InvalidInput, PermanentFailure, RetryableFailure
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.tally import Tally
from tests.airflow.connection_env import key_connection
from tests.airflow.fake_state_store import Fenced

COUNTS = {**Tally().as_dict(), "listed": 3, "copied": 2, "failed": 1}
REPORT = Report("s3://src/p/", "s3://dst/q/", COUNTS, {}, {"etag": 2}, 0, 1.0)
PLACES: dict[str, Any] = {"source": "s3://src/p/", "dest": "s3://dst/q/", "aws_conn_id": "aws_x"}


class Board:
    """Stands in for a task instance: keeps what is pushed."""

    map_index = 0

    def __init__(self, error: Exception | None = None) -> None:
        self.pushed: dict[str, Any] = {}
        self._error = error

    def xcom_push(self, key: str, value: Any) -> None:
        if self._error is not None:
            raise self._error
        self.pushed[key] = value

    def xcom_pull(self, **_: Any) -> Any:
        return None


def operator(**arguments: Any) -> Any:
    return S3CrossAccountCopyOperator(task_id="t", retries=1, **{**PLACES, **arguments})


def fails(error: BaseException) -> Callable[..., Any]:
    def fail(*_: Any, **__: Any) -> Any:
        raise error

    return fail


@pytest.fixture(autouse=True)
def connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AWS_X", key_connection("http://127.0.0.1:9"))


def end_after(task: Any, raised: type[BaseException] = Exception) -> Any:
    board = Board()
    with pytest.raises(raised):
        task.execute({"ti": board})
    return board.pushed.get(KEY)


def test_a_copy_that_failed_leaves_its_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "run_copy", fails(RetryableFailure("1 of 3 objects was not copied\nthe screen", REPORT)))
    assert end_after(operator()) == {"why": "1 of 3 objects was not copied", "summary": REPORT.as_dict()}


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (PermanentFailure("the copier may not list\nits policy"), "the copier may not list"),
        (InvalidInput("dest: wrong"), "dest: wrong"),
        (Interrupted("stopped by request"), "stopped by request"),
        (KeyError("x"), "KeyError: 'x'"),
        (OSError(), "OSError: OSError"),
        (AirflowSkipException("nothing to copy"), "nothing to copy"),
    ],
)
def test_a_task_that_ended_before_it_copied_leaves_the_reason_alone(
    monkeypatch: pytest.MonkeyPatch, error: Exception, why: str
) -> None:
    monkeypatch.setattr(api, "run_copy", fails(error))
    assert end_after(operator()) == {"why": why, "summary": None}


def test_a_wrong_argument_leaves_the_reason() -> None:
    task = operator(compare="{{ how }}")
    task.render_template_fields({"how": "bytes"})
    assert end_after(task, AirflowFailException)["why"].startswith("compare: ")


def test_a_connection_that_does_not_exist_leaves_the_reason() -> None:
    assert "aws_none" in end_after(operator(aws_conn_id="aws_none"))["why"]


def test_a_timeout_of_airflow_leaves_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "run_copy", fails(AirflowTaskTimeout("Timeout, PID: 1")))
    assert end_after(operator(), AirflowTaskTimeout)["why"] == "AirflowTaskTimeout: Timeout, PID: 1"


def test_a_rejected_plan_leaves_the_reason() -> None:
    board = Board()
    event: dict[str, Any] = {"chosen_options": ["Reject"], "params_input": {}, "responded_by_user": None}
    with pytest.raises(AirflowFailException):
        operator().execute_complete({"ti": board}, event, {"code": "c0de", "is_shown": True, "approval": None})
    assert board.pushed[KEY]["why"].startswith("approve: ")


@pytest.mark.parametrize("name", ["plan", "copy", "publish", "summary"])
def test_each_task_of_a_group_leaves_the_reason(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with DAG("d", schedule=None):
        made: Any = S3CrossAccountCopyTaskGroup("g", **PLACES)
    if name == "plan":
        monkeypatch.setattr("s3_crosscopy.shards.planner.plan_shards", fails(PermanentFailure("may not list")))
    task = made["copy"].unmap({"shard": 0}) if name == "copy" else made[name].prepare_for_execution()
    why = end_after(task)["why"]
    assert why == "may not list" if name == "plan" else "the plan task is not done" in why


def test_a_result_leaves_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "run_copy", lambda *_: REPORT)
    board = Board()
    operator().execute({"ti": board})
    assert board.pushed == {}


@pytest.mark.parametrize("task", [SimpleNamespace(do_xcom_push=False), SimpleNamespace(do_xcom_push=True)])
def test_nothing_is_pushed_where_nobody_wants_it_or_another_try_runs(task: Any) -> None:
    board = Board()
    context: Any = {"ti": board}
    error = Fenced() if task.do_xcom_push else KeyError()
    with pytest.raises(type(error)), end_is_stored(task, context):
        raise error
    assert board.pushed == {}


def test_an_xcom_that_cannot_be_written_is_a_warning_and_the_error_stays(caplog: pytest.LogCaptureFixture) -> None:
    task = SimpleNamespace(do_xcom_push=True, log=logging.getLogger("end"))
    board: Any = {"ti": Board(OSError("no server"))}
    with pytest.raises(InvalidInput, match="wrong"), end_is_stored(task, board):
        raise InvalidInput("wrong")
    assert "OSError: no server" in caplog.text


def test_a_reason_is_short_and_without_secrets() -> None:
    assert len(end_of(InvalidInput("x" * 9_000))["why"]) == LONGEST
    assert "pass" not in end_of(OSError("cannot reach https://user:pass@proxy/"))["why"]
