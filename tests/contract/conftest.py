"""`s3`: the subject of the contract suite, once per server and data path."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.fast.require_pycurl import need_pycurl

if TYPE_CHECKING:
    from tests.contract.subjects import BotoWorld, Subject

ON_RGW = [pytest.mark.rgw, pytest.mark.xdist_group("rgw")]
FAST = "-fast"
"""Behind a server's name: the hot requests take the fast path."""
SUBJECTS = [
    "memory",
    pytest.param("moto", marks=pytest.mark.moto),
    pytest.param(f"moto{FAST}", marks=pytest.mark.moto),
    pytest.param("rgw", marks=ON_RGW),
    pytest.param(f"rgw{FAST}", marks=ON_RGW),
]


@pytest.fixture(scope="session")
def moto_world(moto: Any) -> BotoWorld:
    from tests.contract import subjects

    return subjects.moto_world(moto)


@pytest.fixture(scope="session")
def rgw_world(rgw: Any) -> BotoWorld:
    from tests.contract import subjects

    return subjects.rgw_world(rgw)


@pytest.fixture(scope="session")
def moto_fast_world(moto_world: BotoWorld) -> Iterator[BotoWorld]:
    with through_fast(moto_world) as world:
        yield world


@pytest.fixture(scope="session")
def rgw_fast_world(rgw_world: BotoWorld) -> Iterator[BotoWorld]:
    with through_fast(rgw_world) as world:
        yield world


@contextmanager
def through_fast(world: BotoWorld) -> Iterator[BotoWorld]:
    """The same servers and principals on the fast path."""
    need_pycurl()
    from tests.fast.blocking_facade import ThroughFast

    ports = ThroughFast(world.reader), ThroughFast(world.copier)  # type: ignore[arg-type]
    other = copy(world)
    other.reader, other.copier = ports
    yield other
    for port in ports:
        port.close()


@pytest.fixture(params=SUBJECTS)
def s3(request: pytest.FixtureRequest) -> Subject:
    """Fresh buckets on one of the servers. Only the server that is asked for is started."""
    return subject(request)


@pytest.fixture(params=SUBJECTS)
def mortal_s3(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    """The same for a test that may kill a server: RGW is one of its own."""
    from tests.contract.subjects import RgwSubject, rgw_world
    from tests.servers.rgw import RgwServer

    if not request.param.startswith("rgw"):
        yield subject(request)
        return
    with RgwServer.start(tmp_path / "ceph") as server:
        world = rgw_world(server)
        with through_fast(world) if request.param.endswith(FAST) else nullcontext(world) as world:
            yield RgwSubject(world, server)


def subject(request: pytest.FixtureRequest) -> Subject:
    """Make one. The imports take a second, the servers more: nobody pays who does not ask for them."""
    from tests.contract.subjects import MemorySubject, MotoSubject, RgwSubject

    if request.param == "memory":
        return MemorySubject()
    world = request.getfixturevalue(f"{request.param.replace('-', '_')}_world")
    if request.param.startswith("moto"):
        return MotoSubject(world)
    return RgwSubject(world, request.getfixturevalue("rgw"))
