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
from airflow.providers.common.compat.sdk import AirflowException

from s3_crosscopy.airflow import S3CrossAccountCopyOperator
from tests.airflow.connect import role_connection
from tests.airflow.store import FakeStore
from tests.servers import answers
from tests.servers.messages import FORWARD, Answer, Request
from tests.servers.moto import DST_ACCOUNT_ID, SRC_ACCOUNT_ID, MotoServer
from tests.servers.stub import StubServer

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
            ended = f"{error}{error!r}{error.__cause__!r}"

    assert ("p/cold" in "".join(contents(tmp_path))) == fails
    assert len(wire.secrets) >= 2 + 3 * 2  # two roles, and one of them assumed anew
    rendered = [repr(getattr(task, field)) for field in task.template_fields]
    told = [ended, *store.texts.values(), repr(lines), caplog.text, *contents(tmp_path), repr(task), *rendered]
    assert "batch settled" in repr(lines) + caplog.text
    assert [text for text in told for secret in wire.secrets if secret in text] == []
