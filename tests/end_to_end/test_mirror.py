"""A mirror on real servers: what is deleted, what is not, and what comes back, with all versions."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy import PermanentFailure, Report, copy
from s3_crosscopy.api.undeleting import Undeleted, undelete
from s3_crosscopy.model.events import Event, PhaseStarted
from tests.end_to_end.conftest import session_of
from tests.servers.moto import MotoServer
from tests.servers.rgw import RgwServer
from tests.waiting import wait_until

MATCHED = ("a", "b/sp ace+%41", "z/ünï")
STALE = ("b/old 1", "b/öld+2", "zz.tmp")

Versions = list[tuple[str, str, str, bool]]


class Sides:
    """A source with three keys and a versioned destination that has them too, and three more."""

    def __init__(self, server: MotoServer | RgwServer, tmp_path: Path) -> None:
        run = uuid.uuid4().hex[:8]
        self.name = "rgw" if isinstance(server, RgwServer) else "moto"
        self.source, self.dest, self.report = f"raw-{run}", f"landing-{run}", str(tmp_path / "report")
        self._server = server
        self.owner, self.client = server.client(server.src), server.client(server.dst)
        self.owner.create_bucket(Bucket=self.source)
        self.client.create_bucket(Bucket=self.dest)
        if isinstance(server, RgwServer):
            server.put_bucket_policy(server.src, self.source, server.user_arn(server.dst))
        self.client.put_bucket_versioning(Bucket=self.dest, VersioningConfiguration={"Status": "Enabled"})
        for key in MATCHED:
            self.owner.put_object(Bucket=self.source, Key=f"in/{key}", Body=key.encode())
        self.copy(extraneous="report", report=None)
        for body in (b"first", b"second"):
            for key in STALE:
                self.client.put_object(Bucket=self.dest, Key=f"out/{key}", Body=body)
        self.client.put_object(Bucket=self.dest, Key="beside", Body=b"not below the prefix")
        # What was written in the second in which a run begins counts as written since then.
        written = self._now()
        wait_until(lambda: self._now() > written, 10, lambda: "the server's clock stands still")

    def copy(self, **options: Any) -> Report:
        wishes = {"extraneous": "delete", "max_delete": "50%", "report": self.report, **options}
        return copy(
            f"s3://{self.source}/in/",
            f"s3://{self.dest}/out/",
            session=session_of(self._server.dst),
            endpoint_url=self._server.endpoint_url,
            **wishes,
        )

    def undelete(self) -> Undeleted:
        return undelete(self.report, session=session_of(self._server.dst), endpoint_url=self._server.endpoint_url)

    def keys(self) -> set[str]:
        listed = self.client.list_objects_v2(Bucket=self.dest, Prefix="out/").get("Contents", [])
        return {row["Key"].removeprefix("out/") for row in listed}

    def versions(self) -> Versions:
        listed = self.client.list_object_versions(Bucket=self.dest)
        rows = [(row["Key"], row["VersionId"], row["ETag"], row["IsLatest"]) for row in listed.get("Versions", [])]
        marks = [(row["Key"], row["VersionId"], "", row["IsLatest"]) for row in listed.get("DeleteMarkers", [])]
        return sorted(rows + marks)

    def _now(self) -> str:
        answer = self.client.list_objects_v2(Bucket=self.dest, MaxKeys=1)
        return str(answer["ResponseMetadata"]["HTTPHeaders"]["date"])


@pytest.fixture(
    params=["moto", pytest.param("rgw", marks=[pytest.mark.rgw, pytest.mark.xdist_group("rgw")])],
)
def sides(request: pytest.FixtureRequest, tmp_path: Path) -> Sides:
    return Sides(request.getfixturevalue(request.param), tmp_path)


def deleted(report: Report) -> tuple[int, int, int]:
    assert report.extraneous is not None
    assert report.extraneous.deletion is not None
    return report.extraneous.deletion[:3]


def test_the_destination_equals_the_source_and_all_its_versions_come_back(sides: Sides) -> None:
    before = sides.versions()

    report = sides.copy()

    assert (report.ok, deleted(report)) == (True, (3, 0, 0))
    assert sides.keys() == set(MATCHED)
    assert len(sides.versions()) == len(before) + 3
    assert sides.undelete()[:3] == (sides.dest, 3, 0)
    assert sides.versions() == before
    assert sides.undelete()[:3] == (sides.dest, 0, 3)
    assert sides.versions() == before


def test_more_than_max_delete_deletes_nothing(sides: Sides) -> None:
    before = sides.versions()

    with pytest.raises(PermanentFailure, match="3 of 6 keys at the destination") as raised:
        sides.copy(max_delete=2)

    assert raised.value.report is not None
    assert deleted(raised.value.report) == (0, 0, 3)
    assert sides.versions() == before


def test_filtered_keys_are_protected(sides: Sides) -> None:
    report = sides.copy(exclude=["*.tmp"])

    assert deleted(report) == (2, 0, 0)
    assert sides.keys() == {*MATCHED, "zz.tmp"}


def test_a_key_that_somebody_writes_before_its_delete_stays_or_comes_back(sides: Sides) -> None:
    def write(event: Event) -> None:
        if isinstance(event, PhaseStarted) and event.phase == "delete":
            sides.client.put_object(Bucket=sides.dest, Key="out/zz.tmp", Body=b"theirs")

    report = sides.copy(sink=Acting(write))

    # RGW ignores If-Match on deletes: see tests/contract/server_differences.py.
    assert deleted(report) == ((2, 1, 0) if sides.name == "moto" else (3, 0, 0))
    sides.undelete()
    assert sides.client.get_object(Bucket=sides.dest, Key="out/zz.tmp")["Body"].read() == b"theirs"


class Acting:
    """A sink that acts on events."""

    def __init__(self, act: Any) -> None:
        self.emit = act
