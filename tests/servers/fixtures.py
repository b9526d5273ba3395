"""The servers as pytest fixtures: `rgw` and `moto` once per worker, `stub` once per test.

Every test that uses `rgw` or `moto` gets the mark of that name. Those of `rgw` also share one pytest-xdist
group: with `--dist loadgroup` one worker runs them all and only that one starts a gateway. A test that gets
its server dynamically (`request.getfixturevalue("rgw")`) has to carry both marks itself. Nothing depends on
the grouping but time and memory.

Servers are imported by the fixture that needs them: boto3 and moto take seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.servers.moto import MotoServer
    from tests.servers.rgw import RgwServer
    from tests.servers.stub_server import StubServer


def pytest_configure(config: pytest.Config) -> None:
    # pytest-xdist registers it too; this is for runs without it under strict markers.
    config.addinivalue_line("markers", "xdist_group(name): tests that one pytest-xdist worker runs")


def pytest_collection_finish() -> None:
    # Whoever makes a session has imported it by now, but for tests of single files: those pay for that.
    if "botocore.session" in sys.modules:
        from tests.servers.service_models import share_service_models

        share_service_models()


# First, because pytest-xdist reads the groups in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "rgw" in fixtures:
            item.add_marker(pytest.mark.rgw)
            item.add_marker(pytest.mark.xdist_group("rgw"))
        if "moto" in fixtures:
            item.add_marker(pytest.mark.moto)


@pytest.fixture(scope="session")
def rgw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RgwServer]:
    """A Ceph RGW with accounts `src`, `dst` and `op`: permissions are enforced; buckets are shared."""
    from tests.servers.rgw import RgwServer

    with RgwServer.start(tmp_path_factory.mktemp("rgw") / "ceph") as server:
        yield server


@pytest.fixture(scope="session")
def moto() -> Iterator[MotoServer]:
    """moto with accounts `src` and `dst`: the mechanics of copies, no permissions; buckets are shared."""
    from tests.servers.moto import MotoServer

    with MotoServer.start() as server:
        yield server


@pytest.fixture
def stub() -> Iterator[StubServer]:
    """A stub without rules: a test sets `stub.rules` and, for a proxy, `stub.upstream`."""
    from tests.servers.stub_server import StubServer

    with StubServer.start() as server:
        yield server
