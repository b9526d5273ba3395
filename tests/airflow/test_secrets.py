"""What a task leaves and says, searched for everything that its connections keep to themselves."""

from __future__ import annotations

import gzip
import json
import logging
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
import structlog

from s3_crosscopy.airflow import S3CrossAccountCopyOperator
from s3_crosscopy.airflow.compat import AirflowException
from tests.airflow.airflow_home import AirflowHome
from tests.airflow.connection_env import role_connection
from tests.airflow.fake_state_store import FakeStore
from tests.airflow.malformed_connections import CANARY, MALFORMED
from tests.airflow.versions import needs_true_dags_test
from tests.hostile_text import everything_of
from tests.servers import s3_responses as answers
from tests.servers.http_messages import FORWARD, Answer, Request
from tests.servers.moto import DST_ACCOUNT_ID, SRC_ACCOUNT_ID, MotoServer
from tests.servers.stub_server import StubServer

PASSWORD = "the-password-of-the-connection"
EXTERNAL_ID = "the-external-id-of-the-role"
_ASSUMED = re.compile(rb"<(SecretAccessKey|SessionToken)>(.*?)</")


class Wire:
    """In front of moto: learns the secrets of every assumed role, and expires the first token that copies."""

    def __init__(self, stub: StubServer) -> None:
        self.secrets = {PASSWORD, EXTERNAL_ID}
        self._stub = stub
        self._expired: set[str | None] = set()

    def rule(self, request: Request) -> Answer:
        if request.operation == "AssumeRole":
            response = self._stub.forward(request)
            self.secrets |= {found.decode() for _, found in _ASSUMED.findall(response.body)}
            return response
        token = request.headers.get("x-amz-security-token")
        if request.operation == "CopyObject" and not self._expired:
            self._expired.add(token)
        return answers.error("ExpiredToken", 400) if token in self._expired else FORWARD


@pytest.fixture
def wire(moto: MotoServer, stub: StubServer, monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire(stub)
    stub.upstream, stub.rules = moto.endpoint_url, [wire.rule]
    for name, account_id in (("SRC", SRC_ACCOUNT_ID), ("DST", DST_ACCOUNT_ID)):
        connection = json.loads(role_connection(stub.endpoint_url, account_id))
        connection["password"] = PASSWORD
        connection["extra"]["assume_role_kwargs"]["ExternalId"] = EXTERNAL_ID
        monkeypatch.setenv(f"AIRFLOW_CONN_AWS_{name}", json.dumps(connection))
    return wire


def contents(folder: Path) -> list[str]:
    """Every file, unpacked."""
    found = [(path.suffix, path.read_bytes()) for path in folder.rglob("*") if path.is_file()]
    return [(gzip.decompress(data) if suffix == ".gz" else data).decode() for suffix, data in found]


@pytest.mark.parametrize("fails", [False, True])
def test_no_secret_is_in_xcom_state_log_report_or_error(
    wire: Wire, moto: MotoServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, fails: bool
) -> None:
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, "s3_crosscopy")
    name = uuid.uuid4().hex[:8]
    source = moto.client(moto.src)
    source.create_bucket(Bucket=f"src-{name}")
    moto.client(moto.dst).create_bucket(Bucket=f"dst-{name}")
    source.put_object(Bucket=f"src-{name}", Key="p/a", Body=b"a")
    if fails:
        source.put_object(Bucket=f"src-{name}", Key="p/cold", Body=b"b", StorageClass="DEEP_ARCHIVE")
    task: Any = S3CrossAccountCopyOperator(
        task_id="t", source=f"s3://src-{name}/p/", dest=f"s3://dst-{name}/q/", aws_conn_id="aws_dst",
        source_aws_conn_id="aws_src", report=str(tmp_path), report_skipped=True, retries=1,
    )  # fmt: skip
    store = FakeStore()

    with structlog.testing.capture_logs() as lines:
        try:
            ended = json.dumps(task.execute({"task_state_store": store}))
        except AirflowException as error:
            ended = everything_of(error)

    assert ("p/cold" in "".join(contents(tmp_path))) == fails
    assert len(wire.secrets) >= 2 + 3 * 2  # two roles, and one of them assumed anew
    rendered = [repr(getattr(task, field)) for field in task.template_fields]
    told = [ended, *store.texts.values(), repr(lines), caplog.text, *contents(tmp_path), repr(task), *rendered]
    assert "batch settled" in repr(lines) + caplog.text
    assert [text for text in told for secret in wire.secrets if secret in text] == []


@pytest.mark.parametrize("conn_id", MALFORMED)
def test_no_malformed_secret_is_in_xcom_state_log_report_error_or_cause(
    conn_id: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(MALFORMED[conn_id]))
    task: Any = S3CrossAccountCopyOperator(
        task_id="t", source="s3://aaa/p/", dest="s3://bbb/q/", aws_conn_id=conn_id, report=str(tmp_path), retries=1
    )
    store = FakeStore()

    with structlog.testing.capture_logs() as lines, pytest.raises(AirflowException) as caught:
        task.execute({"task_state_store": store})

    # The first line alone is the user's: it names the connection, or what could not be reached.
    assert f"connection {conn_id!r}" in str(caught.value) or "s3://bbb" in str(caught.value)
    told = [everything_of(caught.value), *store.texts.values(), repr(lines), caplog.text, *contents(tmp_path)]
    assert [text for text in told if CANARY in text] == []


@pytest.mark.slow
@pytest.mark.xdist_group("airflow")
@needs_true_dags_test
def test_no_malformed_secret_is_in_what_airflow_keeps_and_prints_of_a_task(airflow_home: AirflowHome) -> None:
    connections = {f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in MALFORMED.items()}
    dags = str(Path(__file__).with_name("dags"))

    ended = airflow_home.test_dag(
        "malformed", {**connections, "AIRFLOW__CORE__DAGS_FOLDER": dags, "MALFORMED": ",".join(MALFORMED)}
    )

    states = dict(airflow_home.sql("select task_id, state from task_instance where dag_id = 'malformed'"))
    assert states == dict.fromkeys(MALFORMED, "failed")
    persistence = [
        repr(row) for table in ("xcom", "task_instance", "log") for row in airflow_home.sql(f"select * from {table}")
    ]
    told = [*ended.output.splitlines(), *persistence, *airflow_home.logs()]
    assert any("holds a user or a password before '@'" in line for line in told)
    assert [line for line in told if CANARY in line] == []
