"""One shell a test: buckets of its own in the accounts of the shared moto."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.shell import Shell, write_profiles

if TYPE_CHECKING:
    from tests.servers.moto import MotoServer
    from tests.servers.stub_server import StubServer


@pytest.fixture(scope="session")
def owners(moto: MotoServer) -> tuple[Any, Any]:
    """Plain clients of source and destination; made once, because making them is most of a test's time."""
    return moto.client(moto.src), moto.client(moto.dst)


@pytest.fixture
def shell(
    moto: MotoServer,
    owners: tuple[Any, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shell:
    write_profiles(tmp_path, {"a": moto.src, "b": moto.dst}, monkeypatch)
    buckets = f"cli-src-{uuid.uuid4().hex}", f"cli-dst-{uuid.uuid4().hex}"
    for client, bucket in zip(owners, buckets, strict=True):
        client.create_bucket(Bucket=bucket)
    return Shell(moto.endpoint_url, buckets, owners, capsys)


@pytest.fixture
def fronted(shell: Shell, stub: StubServer) -> Shell:
    """The shell with the stub before its server: a test sets `stub.rules`, the last of them `forward_all`."""
    stub.upstream = shell.endpoint_url
    shell.endpoint_url = stub.endpoint_url
    return shell
