from __future__ import annotations

import importlib.util
import os
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from s3_crosscopy.adapters.fast.curl_transport import CurlTransport
    from tests.servers.stub_server import StubServer

if importlib.util.find_spec("pycurl") is None and not os.environ.get("CI"):
    # Under CI the imports fail, and with them the tests.
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(autouse=True)
def no_ambient_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may pass because of credentials or settings that happen to lie on the machine."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore waits up to a second before its first retry of a throttled request."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 0.0)


@pytest.fixture
def transport(stub: StubServer) -> Iterator[CurlTransport]:
    """A transport to the stub, two attempts a request."""
    from tests.fast.transports import LONG_S, lane_over, port

    transport = lane_over(port(stub.endpoint_url))
    yield transport
    transport.close(LONG_S)


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """A socket that the test accepts connections from."""
    from tests.fast.transports import LONG_S

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LONG_S)
        yield server
