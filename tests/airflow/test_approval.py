"""A task that asks a person: it plans, parks, and copies what was approved and nothing else."""

from __future__ import annotations

import uuid
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

import pytest

from s3_crosscopy.airflow import S3CrossAccountCopyOperator, S3CrossAccountCopyTaskGroup, human_input
from s3_crosscopy.airflow.approval_store import KEY
from s3_crosscopy.airflow.compat import AirflowFailException
from s3_crosscopy.errors import InvalidInput
from tests.airflow.connection_env import role_connection
from tests.airflow.fake_state_store import FakeStore
from tests.airflow.versions import ASKS_PEOPLE, NEEDS_TRIGGERER, STORES_TASK_STATE, needs_task_state_store
from tests.servers.moto import DST_ACCOUNT_ID, MotoServer

if NEEDS_TRIGGERER:
    from airflow.exceptions import TaskDeferred as Waits
else:
    from airflow.sdk.exceptions import TaskAwaitingInput as Waits


class Desk:
    """Stands in for the supervisor: keeps the first question of a task, as Airflow does."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def send(self, msg: Any) -> Any:
        if type(msg).__name__ != "CreateHITLDetailPayload":
            return None
        self.asked.append(msg)
        return self.asked[0]


class World:
    """Two buckets with data, and a task between them."""

    def __init__(self, moto: MotoServer, name: str) -> None:
        self.source, self.dest = moto.client(moto.src), moto.client(moto.dst)
        self.name = name
        self.source.create_bucket(Bucket=f"src-{name}")
        self.dest.create_bucket(Bucket=f"dst-{name}")
        self.dest.put_bucket_versioning(Bucket=f"dst-{name}", VersioningConfiguration={"Status": "Enabled"})
        self.add(*(f"new{number}" for number in range(3)))
        self.stale("stale1", "stale2")
        self.store = FakeStore()
        self.context: dict[str, Any] = {
            "ti": SimpleNamespace(id=uuid.uuid4(), task_id="t", try_number=1, max_tries=2),
            **({"task_state_store": self.store} if STORES_TASK_STATE else {}),
        }

    def add(self, *keys: str) -> None:
        for key in keys:
            self.source.put_object(Bucket=f"src-{self.name}", Key=f"p/{key}", Body=b"0123456789")

    def stale(self, *keys: str) -> None:
        """Keys that only the destination has, with an old date: what is new is kept."""
        for key in keys:
            self.dest.put_object(Bucket=f"dst-{self.name}", Key=f"q/{key}", Body=b"stale")

    def keys(self) -> list[str]:
        rows = self.dest.list_objects_v2(Bucket=f"dst-{self.name}", Prefix="q/").get("Contents", [])
        return [row["Key"].removeprefix("q/") for row in rows]

    def task(self, approve: Any = "deletes", **arguments: Any) -> Any:
        return S3CrossAccountCopyOperator(
            task_id="t",
            source=f"s3://src-{self.name}/p/",
            dest=f"s3://dst-{self.name}/q/",
            aws_conn_id="aws_dst",
            retries=2,
            approve=approve,
            **{
                "extraneous": "delete",
                "max_delete": "100%",
                "report": f"s3://dst-{self.name}/reports/",
                **arguments,
            },
        )


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    if not ASKS_PEOPLE:
        pytest.skip("Airflow asks people since 3.1")
    desk = Desk()
    import airflow.sdk.execution_time.task_runner as runner

    monkeypatch.setattr(runner, "SUPERVISOR_COMMS", desk, raising=False)
    return desk


@pytest.fixture
def world(moto: MotoServer, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> World:
    from s3_crosscopy.core.mirror import candidate_rows

    # What the test writes is as old as S3's times can tell, and would be kept.
    monkeypatch.setattr(candidate_rows, "may_be_since", lambda modified, began: False)
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DST", role_connection(moto.endpoint_url, DST_ACCOUNT_ID))
    return World(moto, f"ask-{uuid.uuid4().hex[:10]}")


def parked(task: Any, context: dict[str, Any], *, again: dict[str, Any] | None = None) -> dict[str, Any]:
    """The arguments with which a task that waits is resumed."""
    with pytest.raises(Waits) as raised:
        task.execute(context) if again is None else task.execute_complete(context, **again)
    assert raised.value.method_name == "execute_complete"
    kwargs: dict[str, Any] = raised.value.kwargs
    return kwargs


def answer(option: str = "Approve", code: str | None = None, **more: Any) -> dict[str, Any]:
    params = {} if code is None else {"plan": code}
    return {
        "event": {
            "chosen_options": [option],
            "params_input": params,
            "responded_at": datetime.now(timezone.utc),
            "responded_by_user": {"id": "1", "name": "ann"},
            **more,
        }
    }


def test_a_plan_is_shown_and_what_was_approved_is_done(world: World, desk: Desk) -> None:
    kwargs = parked(world.task(), world.context)

    (question,) = desk.asked
    assert "would be copied: **3 objects, 30 B**" in question.body
    assert "    q/stale1\n    q/stale2" in question.body
    assert question.defaults == ["Reject"]
    assert world.keys() == ["stale1", "stale2"]

    summary = world.task().execute_complete(world.context, **kwargs, **answer())

    assert (summary["copied"], summary["extraneous"]["deletion"]["deleted"]) == (3, 2)
    assert world.keys() == ["new0", "new1", "new2"]
    assert world.store.get(KEY) == ([] if STORES_TASK_STATE else None)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (answer("Reject"), "it was rejected by ann"),
        (answer("Reject", timedout=True, responded_by_user=None), "nobody approved it in time"),
        ({"event": {"error": "too late", "error_type": "timeout"}}, "nobody approved it in time"),
    ],
)
def test_no_approval_fails_without_a_retry(world: World, event: dict[str, Any], why: str) -> None:
    kwargs = parked(world.task(), world.context)

    with pytest.raises(AirflowFailException, match=f"approve: {why}; nothing was copied or deleted"):
        world.task().execute_complete(world.context, **kwargs, **event)

    assert world.keys() == ["stale1", "stale2"]


def test_a_plan_that_changed_meanwhile_is_asked_again_and_needs_its_own_code(world: World, desk: Desk) -> None:
    first = parked(world.task(), world.context)
    world.stale("stale3")

    second = parked(world.task(), world.context, again={**first, **answer()})
    assert "deletes 1 keys that the approved plan did not have" in desk.asked[1].body
    assert second["plan"]["is_shown"] is False

    third = parked(world.task(), world.context, again={**second, **answer(code=first["plan"]["code"])})
    assert world.keys() == ["stale1", "stale2", "stale3"]

    world.task().execute_complete(world.context, **third, **answer(code=third["plan"]["code"]))
    assert world.keys() == ["new0", "new1", "new2"]


@needs_task_state_store
def test_a_retry_does_not_ask_again_for_what_was_approved(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    kwargs = parked(world.task(), world.context)
    world.store.set(KEY, [])
    approved = kwargs["plan"]["approval"]
    approved[3:] = ["ann", datetime.now(timezone.utc).timestamp()]
    world.store.set(KEY, approved)

    assert world.task().execute(world.context)["copied"] == 3
    assert world.keys() == ["new0", "new1", "new2"]


@needs_task_state_store
def test_a_damaged_approval_asks_again(world: World) -> None:
    world.store.set(KEY, ["no approval"])

    assert parked(world.task(), world.context)["plan"]["is_shown"]


@pytest.mark.parametrize(
    ("approve", "arguments"),
    [({"objects": 5}, {}), ("deletes", {"extraneous": "report"}), ("always", {"dry_run": True})],
)
def test_a_plan_that_needs_no_approval_goes_straight_on(
    world: World, desk: Desk, approve: object, arguments: dict[str, Any]
) -> None:
    assert world.task(approve, **arguments).execute(world.context)["ok"]
    assert not desk.asked


@pytest.mark.parametrize("approve", [{"objects": 4}, {"bytes": "29"}, {"usd": 0}, "always", "{'objects': 1}"])
def test_a_plan_above_a_limit_is_asked(world: World, desk: Desk, approve: object) -> None:
    parked(world.task(approve), world.context)


def test_a_wrong_rule_is_an_error_of_the_dag() -> None:
    with pytest.raises(InvalidInput, match="task 't': approve: 'sometimes' is no rule; give 'deletes', 'always'"):
        S3CrossAccountCopyOperator(task_id="t", source="s3://aaa/p/", dest="s3://bbb/q/", approve="sometimes")


def test_a_task_group_refuses_to_ask() -> None:
    from airflow.sdk import DAG

    with DAG("d", schedule=None), pytest.raises(InvalidInput, match="approve: the tasks of a group have no plan"):
        S3CrossAccountCopyTaskGroup("g", source="s3://aaa/p/", dest="s3://bbb/q/", approve="always")


def test_an_airflow_that_cannot_ask_is_named_while_the_dag_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    if ASKS_PEOPLE:
        monkeypatch.setattr(human_input, "_optional", lambda module, name: None)

    with pytest.raises(InvalidInput, match=r"task 't': approve: needs Airflow 3.1 or newer") as raised:
        S3CrossAccountCopyOperator(task_id="t", source="s3://aaa/p/", dest="s3://bbb/q/", approve="always")
    assert "\n" not in str(raised.value)
