"""The state of `since` in Airflow: in the asset state store, or at a place that is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import Asset

from s3_crosscopy.airflow import S3CrossAccountCopyOperator, S3CrossAccountCopyTaskGroup
from s3_crosscopy.airflow.asset_since_store import AssetSinceStore
from s3_crosscopy.airflow.compat import AirflowFailException
from s3_crosscopy.errors import InvalidInput, StoreAway
from tests.airflow.airflow_home import AirflowHome
from tests.airflow.connection_env import role_connection
from tests.airflow.fake_state_store import Answered, FakeStore, Fenced
from tests.airflow.versions import needs_asset_state_store
from tests.servers.moto import DST_ACCOUNT_ID, SRC_ACCOUNT_ID, MotoServer
from tests.unit.plan_samples import spec

ASSET, OTHER = Asset("a", uri="s3://a/b"), Asset("c", uri="s3://c/d")


class FakeStores(dict[Any, FakeStore]):
    """A store for each asset, as in a task's context."""

    def __getitem__(self, asset: Any) -> FakeStore:
        return self.setdefault(asset.name, FakeStore())


@pytest.fixture
def copy(moto: MotoServer, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    monkeypatch.setenv("AIRFLOW_CONN_AWS_X", role_connection(moto.endpoint_url, DST_ACCOUNT_ID))
    client = moto.client(moto.dst)
    for bucket in ("since-src", "since-dst"):
        client.create_bucket(Bucket=bucket)
    client.put_object(Bucket="since-src", Key="p/1", Body=b"x")

    def run(context: dict[str, Any] | None = None, **arguments: Any) -> Any:
        places: dict[str, Any] = {"source": "s3://since-src/p/", "dest": "s3://since-dst/q/", "aws_conn_id": "aws_x"}
        made = S3CrossAccountCopyOperator(task_id="t", retries=1, **places, since="key", **arguments)
        return made.execute(context)  # type: ignore[arg-type]

    return run


def test_the_state_is_kept_with_the_only_outlet_or_else_inlet(copy: Callable[..., Any]) -> None:
    stores = FakeStores()
    first = copy({"asset_state_store": stores}, outlets=[ASSET], inlets=[OTHER])
    second = copy({"asset_state_store": stores}, outlets=[ASSET])
    third = copy({"asset_state_store": stores}, inlets=[OTHER])

    assert [summary["since"]["short"] for summary in (first, second, third)] == [False, True, False]
    assert set(stores) == {"a", "c"}


def test_a_damaged_value_of_ours_is_replaced(copy: Callable[..., Any]) -> None:
    stores = FakeStores()
    copy({"asset_state_store": stores}, outlets=[ASSET])
    (key,) = stores[ASSET].texts
    stores[ASSET].texts[key] = "[]"

    assert copy({"asset_state_store": stores}, outlets=[ASSET])["since"]["why"].startswith("what is kept is no state")
    assert copy({"asset_state_store": stores}, outlets=[ASSET])["since"]["short"]


def test_a_named_state_needs_no_asset(copy: Callable[..., Any], tmp_path: Path) -> None:
    looks = [copy(state=str(tmp_path / "state.json"))["since"]["short"] for _ in range(2)]
    assert looks == [False, True]


def test_without_a_place_for_the_state_the_task_fails_in_one_line(copy: Callable[..., Any]) -> None:
    with pytest.raises(AirflowFailException, match="has none; name one, or give state='s3://bucket/prefix/'"):
        copy({"asset_state_store": FakeStores()})
    with pytest.raises(AirflowFailException, match="this task has 2 of them"):
        copy({"asset_state_store": FakeStores()}, outlets=[ASSET, OTHER])
    with pytest.raises(AirflowFailException, match=r"no asset state store, which came with 3\.3"):
        copy(outlets=[ASSET])


def test_a_store_that_is_away_is_known_from_a_task_that_was_replaced() -> None:
    class Away(FakeStore):
        error: Exception = Answered(500)

        def get(self, key: str, default: Any = None) -> Any:
            raise self.error

    store = Away()
    with pytest.raises(StoreAway, match="Airflow's asset state store"):
        AssetSinceStore(store, spec()).load()
    store.error = Fenced()
    with pytest.raises(Fenced):
        AssetSinceStore(store, spec()).load()


def test_a_task_group_keeps_no_state() -> None:
    with pytest.raises(InvalidInput, match="since: a task group keeps no state"):
        S3CrossAccountCopyTaskGroup("g", source="s3://a/b/", dest="s3://c/d/", since="key")


@pytest.mark.slow
@pytest.mark.xdist_group("airflow")
@needs_asset_state_store
def test_airflow_keeps_it_between_two_runs(airflow_home: AirflowHome, moto: MotoServer) -> None:
    source, dest = moto.client(moto.src), moto.client(moto.dst)
    source.create_bucket(Bucket="short-src")
    dest.create_bucket(Bucket="short-dst")
    source.put_object(Bucket="short-src", Key="p/1", Body=b"x")
    environment = {
        "AIRFLOW__CORE__DAGS_FOLDER": str(Path(__file__).with_name("dags")),
        "AIRFLOW_CONN_AWS_SRC": role_connection(moto.endpoint_url, SRC_ACCOUNT_ID),
        "AIRFLOW_CONN_AWS_DST": role_connection(moto.endpoint_url, DST_ACCOUNT_ID),
        "SHORT_LOOKS_SOURCE": "s3://short-src/p/",
        "SHORT_LOOKS_DEST": "s3://short-dst/q/",
    }

    summaries = []
    for key in ("p/2", "p/3"):
        source.put_object(Bucket="short-src", Key=key, Body=b"x")
        ended = airflow_home.test_dag("short_looks", environment)
        assert ended.exit_code == 0, ended.output
        summaries.append(airflow_home.last_result())

    assert [(made["copied"], made["since"]["short"]) for made in summaries] == [(2, False), (1, True)]
    assert summaries[1]["since"]["start"] == "p/1"
