"""`s3`: the subject of the contract suite, once per server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.contract.subjects import BotoWorld, Subject

SUBJECTS = [
    "memory",
    pytest.param("moto", marks=pytest.mark.moto),
    pytest.param("rgw", marks=[pytest.mark.rgw, pytest.mark.xdist_group("rgw")]),
]


@pytest.fixture(scope="session")
def moto_world(moto: Any) -> BotoWorld:
    from tests.contract import subjects

    return subjects.moto_world(moto)


@pytest.fixture(scope="session")
def rgw_world(rgw: Any) -> BotoWorld:
    from tests.contract import subjects

    return subjects.rgw_world(rgw)


@pytest.fixture(params=SUBJECTS)
def s3(request: pytest.FixtureRequest) -> Subject:
    """Fresh buckets on one of the servers. Only the server that is asked for is started."""
    return subject(request)


@pytest.fixture(params=SUBJECTS)
def mortal_s3(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    """The same for a test that may kill a server: RGW is one of its own."""
    from tests.contract.subjects import RgwSubject, rgw_world
    from tests.servers.rgw import RgwServer

    if request.param != "rgw":
        yield subject(request)
        return
    with RgwServer.start(tmp_path / "ceph") as server:
        yield RgwSubject(rgw_world(server), server)


def subject(request: pytest.FixtureRequest) -> Subject:
    """Make one. The imports take a second, the servers more: nobody pays who does not ask for them."""
    from tests.contract.subjects import MemorySubject, MotoSubject, RgwSubject

    if request.param == "memory":
        return MemorySubject()
    if request.param == "moto":
        return MotoSubject(request.getfixturevalue("moto_world"))
    return RgwSubject(request.getfixturevalue("rgw_world"), request.getfixturevalue("rgw"))
