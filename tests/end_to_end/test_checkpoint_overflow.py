"""A checkpoint that is too small for what is left: the report takes the rest, and the next run goes on from both."""

from __future__ import annotations

import random
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy import CrossCopyError
from s3_crosscopy.adapters.boto.sessions import access
from s3_crosscopy.api import Persistence, RunRequest, resolve_spec, run_copy
from s3_crosscopy.model.checkpoint import CheckpointState, from_json, to_json
from s3_crosscopy.model.events import Event, Resumed, Warned
from s3_crosscopy.report.names import LEFT
from tests.end_to_end.conftest import session_of
from tests.servers.moto import MotoServer

ARCHIVED, OTHERS = 90, 30


class Small:
    """As Airflow's store, with less room."""

    room = 2048

    def __init__(self) -> None:
        self.persistence: dict[str, Any] | None = None

    def load(self) -> tuple[CheckpointState, float] | None:
        return None if self.persistence is None else from_json(self.persistence)

    def save(self, state: CheckpointState) -> None:
        self.persistence = to_json(state, time.time())


class Told:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        self.events.append(event)


class World:
    """A source of which many objects are archived, and fail one by one."""

    def __init__(self, moto: MotoServer, report: str) -> None:
        chance = random.Random(5)
        self.client = moto.client(moto.dst)
        self.source, self.dest = (f"{name}-{uuid.uuid4().hex[:8]}" for name in ("src", "dst"))
        for bucket in (self.source, self.dest):
            self.client.create_bucket(Bucket=bucket)
        for number in range(ARCHIVED + OTHERS):
            kind = "GLACIER" if number < ARCHIVED else "STANDARD"
            key = f"p/{chance.randbytes(20).hex()}"
            self.client.put_object(Bucket=self.source, Key=key, Body=b"x", StorageClass=kind)
        self.small = Small()
        self.told = Told()
        self._report = report
        self._access = access(
            session_of(moto.dst),
            None,
            "profile",
            endpoint_url=moto.endpoint_url,
            region_name="us-east-1",
            verify=None,
            config=None,
        )

    def copy(self) -> None:
        """A run, which fails: what is archived cannot be copied."""
        self.told = Told()
        options = {"report": self._report, "overwrite": "always", "batch_size": 20}
        spec = resolve_spec(f"s3://{self.source}/p/", f"s3://{self.dest}/q/", options)
        persistence = Persistence(self.small, keep_uploads=True)
        with pytest.raises(CrossCopyError, match=f"{ARCHIVED} of {ARCHIVED + OTHERS}"):
            run_copy(RunRequest(spec, self._access, sink=self.told, persistence=persistence))

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.told.events if isinstance(event, kind)]


@pytest.fixture
def world(moto: MotoServer, tmp_path: Path) -> World:
    return World(moto, str(tmp_path / "report"))


def test_a_retry_goes_on_from_the_file_beside_the_report(world: World, tmp_path: Path) -> None:
    world.copy()
    assert world.small.persistence is not None
    assert world.small.persistence["beside"][0] in LEFT
    assert (tmp_path / "report" / world.small.persistence["beside"][0]).stat().st_size > Small.room
    assert world.of(Warned) == []
    world.copy()
    assert [event.listed for event in world.of(Resumed)] == [OTHERS]


def test_without_the_file_it_begins_afresh_and_says_so_in_one_line(world: World, tmp_path: Path) -> None:
    world.copy()
    assert world.small.persistence is not None
    name = world.small.persistence["beside"][0]
    (tmp_path / "report" / name).unlink()
    world.copy()
    why = f"the remaining keys are in {name!r} beside the report, which is not there"
    assert [event.text for event in world.of(Warned)] == [
        f"checkpoint not used ({why}): starting over",
    ]
