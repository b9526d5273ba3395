"""`world`: two accounts behind a proxy, once per data path. A second transport is one more row of `DATA_PATHS`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest

from tests.end_to_end.conftest import session_of
from tests.servers.stub_server import StubServer

if TYPE_CHECKING:
    from tests.faults.harness import World
    from tests.servers.moto import MotoServer
    from tests.servers.rgw import RgwServer

# The arguments of `copy` that choose each.
DATA_PATHS: Mapping[str, Mapping[str, Any]] = {"boto3": {"transport": "boto3"}, "fast": {"transport": "fast"}}


@pytest.fixture(autouse=True)
def no_ambient_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may pass because of credentials or settings that happen to lie on the machine."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long anybody waits between two attempts is not what these tests are about."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 0.0)
    monkeypatch.setattr("s3_crosscopy.engine.dispatcher.FIRST_PAUSE_S", 0.05)


@pytest.fixture(params=DATA_PATHS)
def data_path(request: pytest.FixtureRequest) -> Mapping[str, Any]:
    """What makes `copy` take one of the data paths."""
    return DATA_PATHS[request.param]


@pytest.fixture(scope="session")
def principals(moto: MotoServer) -> tuple[Any, Any, Any]:
    """The copier's session, and the clients of the source's owner and the destination's, which go past every proxy."""
    return session_of(moto.dst), moto.direct(moto.src), moto.direct(moto.dst)


@pytest.fixture
def world(moto: MotoServer, principals: tuple[Any, Any, Any], stub: StubServer, data_path: Mapping[str, Any]) -> World:
    """Fresh buckets on moto, the destination's account as the copier."""
    from tests.faults.harness import World

    stub.upstream = moto.endpoint_url
    return World(stub, *principals, path=data_path)


@pytest.fixture
def rgw_world(rgw: RgwServer, stub: StubServer, data_path: Mapping[str, Any]) -> World:
    """Fresh buckets on a server that checks signatures, both of one account: RGW lets no other copy parts."""
    from tests.faults.harness import World

    stub.upstream = rgw.endpoint_url
    client = rgw.client(rgw.src)
    return World(stub, session_of(rgw.src), client, client, path=data_path)
