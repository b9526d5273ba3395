"""The example DAG run by Airflow itself: scheduler's rules, task runner, database, retries."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from s3_crosscopy.airflow.task_end import KEY as END
from tests.airflow.airflow_home import AirflowHome, Ended
from tests.airflow.connection_env import role_connection
from tests.airflow.versions import AIRFLOW, needs_true_dags_test
from tests.servers import s3_responses as answers
from tests.servers.http_messages import Answer, Request
from tests.servers.moto import DST_ACCOUNT_ID, EXTERNAL_ID, SRC_ACCOUNT_ID, MotoServer
from tests.servers.stub_rules import forward_all, require_external_id
from tests.servers.stub_server import Rule, StubServer

# One migrated home, so one worker.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("airflow"), needs_true_dags_test]

KEYS = 20
CONNECTIONS = 2
DAG_ID = "copy_between_accounts"


class Wire(NamedTuple):
    """The servers, the connections through the stub in front of moto, and the names of two buckets."""

    moto: MotoServer
    stub: StubServer
    connections: dict[str, str]
    source: str
    dest: str

    def conf(self, **other: str) -> dict[str, str]:
        return {"source": f"s3://{self.source}/p/", "dest": f"s3://{self.dest}/q/", **other}

    def sizes(self, bucket: str) -> list[tuple[str, int]]:
        listed = self.moto.client(self.moto.dst).list_objects_v2(Bucket=bucket).get("Contents", [])
        return [(one["Key"][2:], one["Size"]) for one in listed]


@pytest.fixture
def wire(moto: MotoServer, stub: StubServer, request: pytest.FixtureRequest) -> Wire:
    name = request.node.name.replace("_", "-")[:40].rstrip("-")
    source = moto.client(moto.src)
    source.create_bucket(Bucket=f"src-{name}")
    moto.client(moto.dst).create_bucket(Bucket=f"dst-{name}")
    for number in range(KEYS):
        source.put_object(Bucket=f"src-{name}", Key=f"p/{number:02}", Body=b"x" * number)
    stub.upstream = moto.endpoint_url
    connections = {
        "AIRFLOW_CONN_AWS_RAW": role_connection(stub.endpoint_url, SRC_ACCOUNT_ID),
        "AIRFLOW_CONN_AWS_ANALYTICS": role_connection(stub.endpoint_url, DST_ACCOUNT_ID),
    }
    return Wire(moto, stub, connections, f"src-{name}", f"dst-{name}")


@pytest.fixture
def run(airflow_home: AirflowHome, wire: Wire) -> Callable[..., Ended]:
    def run(*rules: Rule, **conf: str) -> Ended:
        wire.stub.rules = [*rules, require_external_id(EXTERNAL_ID), forward_all]
        return airflow_home.test_dag(DAG_ID, wire.connections, wire.conf(**conf))

    return run


def test_a_dag_copies_between_two_accounts_and_leaves_its_summary_in_xcom(
    run: Callable[..., Ended], airflow_home: AirflowHome, wire: Wire
) -> None:
    ended = run()

    assert ended.exit_code == 0, ended.output
    assert airflow_home.last_task() == ("success", 1)
    summary: dict[str, Any] = airflow_home.last_result()
    assert (summary["ok"], summary["listed"], summary["copied"], summary["failed"]) == (True, KEYS, KEYS, 0)
    assert summary["verified_by"] == {"etag": KEYS}
    assert wire.sizes(wire.dest) == wire.sizes(wire.source)
    assert "batch settled" in ended.output
    assert "copied=20" in ended.output


def test_a_retry_by_airflow_copies_nothing_again_that_had_arrived(
    run: Callable[..., Ended], airflow_home: AirflowHome, wire: Wire
) -> None:
    def odd_keys_fail_in_the_first_try(request: Request) -> Answer | None:
        # Each try assumes both roles anew.
        first = len(wire.stub.requests_of("AssumeRole")) <= CONNECTIONS
        odd = request.operation == "CopyObject" and int(request.key[-2:]) % 2
        return answers.error("InternalError", 500) if first and odd else None

    ended = run(odd_keys_fail_in_the_first_try)

    assert ended.exit_code == 0, ended.output
    assert airflow_home.last_task() == ("success", 2)
    summary: dict[str, Any] = airflow_home.last_result()
    # The summary covers both tries if the task state store, since 3.3, tells what the first one copied.
    copied = KEYS if AIRFLOW >= (3, 3) else KEYS // 2
    assert (summary["copied"], summary["skipped"], summary["failed"]) == (copied, KEYS - copied, 0)
    assert wire.sizes(wire.dest) == wire.sizes(wire.source)
    asked = Counter(int(request.key[-2:]) for request in wire.stub.requests_of("CopyObject"))
    # Main phase and retry phase of the first try, and the second try.
    assert asked == {number: 3 if number % 2 else 1 for number in range(KEYS)}


def test_a_permanent_failure_costs_no_retry(run: Callable[..., Ended], airflow_home: AirflowHome, wire: Wire) -> None:
    ended = run(dest="s3://a-bucket-that-is-not-there/q/")

    assert ended.exit_code != 0
    assert airflow_home.last_task() == ("failed", 1)
    # The tab in Airflow's UI shows it.
    (last, *_) = airflow_home.sql(f"select value from xcom where key = '{END}' order by timestamp desc")
    assert json.loads(last[0])["why"] in ended.output
    assert airflow_home.last_result() is None
    assert "dest: there is no bucket 'a-bucket-that-is-not-there'" in ended.output
    assert wire.stub.requests_of("CopyObject") == []


def test_airflow_lists_the_provider(airflow_home: AirflowHome) -> None:
    ended = airflow_home.run("providers", "get", "airflow-provider-s3-crosscopy", "--full", "--output", "json")

    assert ended.exit_code == 0, ended.output
    assert "s3_crosscopy.airflow.operator" in ended.output
    assert "server-side between AWS accounts" in ended.output
