"""kill -9 of a process that copies, again and again: the run that ends has everything, once."""

from __future__ import annotations

import os
import random
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from s3_crosscopy.model.checkpoint import CheckpointState
from tests.kill.forked_copies import ForkedCopies
from tests.kill.harness import LEAST_REQUESTS, Run, Source, seed
from tests.kill.kill_proxy import Moment
from tests.servers.moto import MotoServer
from tests.servers.stub_server import StubServer

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("KILLS", "23"))
"""`make soak` has ten times as many."""
KILLS_A_RUN = 6
MOST_DELAY_S = 1.0


def drawn() -> list[tuple[list[Moment], float | None]]:
    """For each run its moments, in order; every third run is killed by the clock first."""
    dice = random.Random(20261122)
    runs: list[tuple[list[Moment], float | None]] = []
    left = KILLS
    while left:
        delay_s = dice.uniform(0, MOST_DELAY_S) if len(runs) % 3 == 0 else None
        moments = min(KILLS_A_RUN, left) - (delay_s is not None)
        numbers = sorted(dice.sample(range(1, LEAST_REQUESTS), moments))
        runs.append(([Moment(number, dice.random() < 0.5) for number in numbers], delay_s))
        left -= moments + (delay_s is not None)
    return runs


@pytest.fixture(scope="module")
def source(moto: MotoServer) -> Source:
    return seed(moto, f"src-{uuid.uuid4().hex[:12]}")


@pytest.fixture
def run(moto: MotoServer, stub: StubServer, source: Source, copies: ForkedCopies, tmp_path: Path) -> Iterator[Run]:
    one = Run(moto, stub, source, f"dst-{uuid.uuid4().hex[:12]}", tmp_path)
    one.use(copies)
    yield one
    one.clear()


@pytest.mark.parametrize(("moments", "delay_s"), drawn())
def test_a_run_killed_at_random_moments_ends_whole_and_copies_nothing_twice(
    run: Run, moments: list[Moment], delay_s: float | None
) -> None:
    if delay_s is not None:
        run.wire.kill_by_the_clock(delay_s, before=LEAST_REQUESTS)
        assert run.attempt()
    for moment in moments:
        run.wire.moment = moment
        assert run.attempt()

    assert not run.attempt()
    assert len(run.killed) == len(moments) + (delay_s is not None)
    run.must_be_whole()
    run.must_not_have_copied_twice()


@pytest.mark.parametrize("operation", ["CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload"])
def test_a_run_killed_before_and_after_a_step_of_an_upload_leaves_no_upload_behind(run: Run, operation: str) -> None:
    for number, applied in enumerate((False, True), 1):
        run.wire.moment = Moment(number, applied, operation)
        assert run.attempt()

    assert not run.attempt()
    run.must_be_whole()
    run.must_not_have_copied_twice()


def test_an_upload_outlives_a_kill_while_it_is_being_looked_up_again(run: Run) -> None:
    # The second save from here on is of a state in which the part is on its way.
    two_saves = partial(run.wait_for_saves, 2)
    run.wire.moment = Moment(2, True, "UploadPartCopy", wait=two_saves)
    assert run.attempt()
    recorded = {upload.dest_key: upload.upload_id for upload in state_of(run).uploads}
    assert recorded
    # Not of an upload whose creation was cut off by the kill: the next attempt aborts it, and looks whether it is gone.
    looked_up = frozenset(recorded.values())
    run.wire.moment = Moment(1, True, "ListParts", wait=two_saves, upload_ids=looked_up)
    assert run.attempt()

    kept = {upload.dest_key: upload.upload_id for upload in state_of(run).uploads}
    arrived = {row["Key"] for row in run.client.list_objects_v2(Bucket=run.dest, Prefix="q/").get("Contents", ())}
    # An upload that was not the one looked up may have been completed while that one waited.
    assert {key: upload_id for key, upload_id in recorded.items() if key not in arrived}.items() <= kept.items()
    assert kept


def state_of(run: Run) -> CheckpointState:
    state = run.killed[-1].state
    assert state is not None
    return state
