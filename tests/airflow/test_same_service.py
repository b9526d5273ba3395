"""Two connections whose endpoints are two servers: the task fails for good with one line, before any request."""

from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.airflow import S3CrossAccountCopyOperator
from s3_crosscopy.airflow.compat import AirflowFailException
from tests.airflow.connection_env import key_connection
from tests.airflow.run_group import group
from tests.servers.stub_server import StubServer

TWO: dict[str, Any] = {"aws_conn_id": "aws_x", "source_aws_conn_id": "aws_y"}


@pytest.fixture(autouse=True)
def two_servers(stub: StubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AWS_X", key_connection("https://minio.corp:9000"))
    monkeypatch.setenv("AIRFLOW_CONN_AWS_Y", key_connection(stub.endpoint_url))


@pytest.mark.parametrize("preflight", ["off", "light", "full"])
def test_the_operator_refuses_them(stub: StubServer, preflight: str) -> None:
    task = S3CrossAccountCopyOperator(
        task_id="t", source="s3://src/p/", dest="s3://dst/q/", preflight=preflight, retries=1, **TWO
    )

    with pytest.raises(AirflowFailException) as caught:
        task.execute({})

    said = str(caught.value)
    assert said.startswith("endpoint_url: connection 'aws_x' is at minio.corp:9000, connection 'aws_y' at localhost:")
    assert said.endswith("if these are two names of one, give both the same")
    assert stub.requests == []


def test_the_task_group_refuses_them_when_it_plans(stub: StubServer) -> None:
    with pytest.raises(AirflowFailException, match=r"connection 'aws_x' is at minio\.corp:9000, connection 'aws_y' at"):
        group(**TWO)["plan"].execute({})

    assert stub.requests == []
