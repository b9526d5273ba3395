"""The README's examples run, as they stand there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.accounts import Account
from tests.servers.moto import MotoServer

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
KEYS = {"events/a.json", "events/b//c.json"}


def example(language: str, holding: str) -> str:
    (found,) = (code for spoken, code in FENCE.findall(README) if spoken == language and holding in code)
    return str(found)


@pytest.fixture
def accounts(moto: MotoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The README's buckets, and profiles of its names; the server comes from the environment. Yields a lister."""
    config = tmp_path / "config"
    config.write_text(_profile("raw", moto.src, moto) + _profile("analytics", moto.dst, moto), encoding="utf-8")
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    source, dest = moto.client(moto.src), moto.client(moto.dst)
    source.create_bucket(Bucket="acme-raw")
    dest.create_bucket(Bucket="analytics-landing")
    for key in KEYS:
        source.put_object(Bucket="acme-raw", Key=key, Body=key.encode())
    yield lambda: {row["Key"] for row in dest.list_objects_v2(Bucket="analytics-landing").get("Contents", ())}
    for s3, bucket in ((source, "acme-raw"), (dest, "analytics-landing")):
        for row in s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
            s3.delete_object(Bucket=bucket, Key=row["Key"])
        s3.delete_bucket(Bucket=bucket)


def _profile(name: str, account: Account, moto: MotoServer) -> str:
    return f"""[profile {name}]
aws_access_key_id = {account.access_key}
aws_secret_access_key = {account.secret_key}
aws_session_token = {account.session_token}
region = us-east-1
endpoint_url = {moto.endpoint_url}
"""


def test_the_python_example_copies(accounts: Any, capsys: pytest.CaptureFixture[str]) -> None:
    exec(example("python", "from s3_crosscopy import copy"), {})
    assert accounts() == KEYS
    assert capsys.readouterr().out.startswith("2 0 {")


def test_the_shell_example_copies(accounts: Any) -> None:
    command = shlex.split(example("shell", "s3-crosscopy copy"))
    program = Path(sys.executable).with_name(command[0])
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert accounts() == KEYS


@pytest.mark.airflow
@pytest.mark.xdist_group("airflow")
def test_the_operator_example_is_a_task_of_a_dag(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process of its own: importing Airflow makes a home, and warns on the way."""
    example_code = example("python", "S3CrossAccountCopyOperator(")
    imports, _, call = example_code.partition("\n\n")
    lines = [
        imports,
        "from airflow.sdk import DAG",
        "with DAG('readme', schedule=None) as dag:",
        *("    " + line for line in call.splitlines()),
        "task = dag.get_task('copy_events')",
        "print(task.retries, task.source_aws_conn_id, task.source)",
    ]
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[-2] == "3 aws_raw s3://acme-raw/events/dt={{ ds }}/"
