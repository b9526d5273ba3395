"""DAGs with an ETag index at a templated place, run twice by Airflow itself: the second run asks for no object."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from tests.airflow.airflow_home import AirflowHome
from tests.airflow.connection_env import key_connection, role_connection
from tests.airflow.versions import needs_true_dags_test
from tests.celery.memory_s3_server import Bucket, Lake, Stored
from tests.kill.harness import put_in_parts
from tests.servers.moto import DST_ACCOUNT_ID, SRC_ACCOUNT_ID, MotoServer
from tests.servers.stub_server import StubServer

# One migrated home, so one worker.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("airflow"), needs_true_dags_test]

DAGS = {"AIRFLOW__CORE__DAGS_FOLDER": str(Path(__file__).with_name("dags"))}
KEYS = 12
LAKE_KEYS = [f"p/part-{number:05}" for number in range(2_200)]
"""A shard has a thousand keys at least."""


class EncryptedBucket(Bucket):
    """No object has the ETag of its content, as under KMS."""

    def put(self, key: str, content: bytes, etag: str | None = None) -> Stored:
        return super().put(key, content, secrets.token_hex(16))


def summary_of_run(home: AirflowHome, dag_id: str, conf: dict[str, str], env: dict[str, str]) -> Any:
    ended = home.test_dag(dag_id, {**DAGS, **env}, conf)
    assert ended.exit_code == 0, ended.output
    return home.last_result()


def test_a_second_run_of_an_operator_skips_by_the_index(
    airflow_home: AirflowHome, moto: MotoServer, stub: StubServer
) -> None:
    source, dest = moto.client(moto.src), moto.client(moto.dst)
    source.create_bucket(Bucket="src-indexed")
    dest.create_bucket(Bucket="dst-indexed")
    for number in range(KEYS):
        put_in_parts(source, {"Bucket": "src-indexed", "Key": f"p/{number:02}"}, b"content", (7,))
    stub.upstream = moto.endpoint_url
    env = {
        "AIRFLOW_CONN_AWS_SRC": role_connection(stub.endpoint_url, SRC_ACCOUNT_ID),
        "AIRFLOW_CONN_AWS_DST": role_connection(stub.endpoint_url, DST_ACCOUNT_ID),
    }
    conf = {"source": "s3://src-indexed/p/", "dest": "s3://dst-indexed/q/", "indexes": "s3://dst-indexed/indexes"}
    first = summary_of_run(airflow_home, "indexed", conf, env)
    assert (first["copied"], first["decisions"]) == (KEYS, {"new": KEYS})
    before = len(stub.requests_of("HeadObject"))

    second = summary_of_run(airflow_home, "indexed", conf, env)

    assert (second["ok"], second["decisions"], second["compared_by"]) == (
        True,
        {"same as indexed": KEYS},
        {"index": KEYS},
    )
    assert len(stub.requests_of("HeadObject")) == before
    rows = dest.list_objects_v2(Bucket="dst-indexed", Prefix="indexes/")["Contents"]
    assert [row["Key"].rpartition("/")[0] for row in rows] == ["indexes/indexed", "indexes/indexed/segments"]


def test_a_second_run_of_all_shards_skips_by_the_index(
    airflow_home: AirflowHome, stub: StubServer, tmp_path: Path
) -> None:
    lake = Lake("raw", "landing")
    lake.buckets["landing"] = EncryptedBucket()
    for key in LAKE_KEYS:
        lake.buckets["raw"].put(key, b"data")
    stub.rules = [lake.answer]
    env = dict.fromkeys(("AIRFLOW_CONN_AWS_SRC", "AIRFLOW_CONN_AWS_DST"), key_connection(stub.endpoint_url))
    conf = {"source": "s3://raw/p/", "dest": "s3://landing/q/", "indexes": str(tmp_path)}
    first = summary_of_run(airflow_home, "indexed_shards", conf, env)
    assert (first["copied"], first["shards"]) == (len(LAKE_KEYS), 2)
    before = len(stub.requests_of("HeadObject"))

    second = summary_of_run(airflow_home, "indexed_shards", conf, env)

    assert (second["ok"], second["shards"], second["decisions"]) == (True, 2, {"same as indexed": len(LAKE_KEYS)})
    assert len(stub.requests_of("HeadObject")) == before
    place = tmp_path / "indexed_shards"
    assert {path.name for path in place.iterdir() if any(part.is_file() for part in [path, *path.rglob("*")])} == {
        "etags.json",
        "segments",
    }
