"""S3 dates an object that was uploaded in parts back to when its upload began: times then hide a change of that day."""

from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.core.decide.comparison import UPLOAD_S, WITHIN_A_DAY
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.operations import CopyPart
from s3_crosscopy.model.report import Report
from s3_crosscopy.testing import MemoryS3, sparse
from tests.engine.harness import Rig

MIB = 2**20
SOURCE = Bucket("src")


class World:
    """A source that is overwritten by an upload that began before our copy and was completed after it."""

    def __init__(self, *, checksum: str | None = None, encryption: str = "aws:kms") -> None:
        self.rig = rig = Rig()
        rig.store.checksum = checksum
        rig.store.buckets["dst"].encryption = encryption
        rig.store.put("src", "p/a", sparse(6 * MIB, "v1"))
        rig.store.put("src", "other", sparse(6 * MIB, "v2"))
        self.writer = MemoryS3(rig.store, "writer")
        rig.clock.advance(10)
        self.upload_id = self.writer.create_upload(SOURCE, "p/a", {})
        rig.clock.advance(10)

    def complete(self) -> None:
        etag = self.rig.store.get("src", "other").etag
        part = CopyPart(SOURCE, "other", SOURCE, "p/a", etag, self.upload_id, 1, 0, 6 * MIB - 1)
        self.writer.complete_upload(SOURCE, "p/a", self.upload_id, [self.writer.copy_part(part)], {})

    def copy(self, after_s: float, **options: Any) -> Report:
        self.rig.clock.advance(after_s)
        return self.rig.copy(**options)

    def up_to_date(self) -> bool:
        return self.rig.store.get("src", "p/a").content == self.rig.store.get("dst", "q/a").content


def test_a_change_that_was_begun_before_the_copy_and_completed_after_it_is_copied() -> None:
    world = World()
    assert world.copy(0).counts["copied"] == 1
    world.complete()
    assert not world.up_to_date()

    report = world.copy(10)

    assert (report.decisions, report.counts["copied"]) == ({WITHIN_A_DAY.reason: 1}, 1)
    assert world.up_to_date()


def test_it_is_copied_until_one_copy_is_a_day_younger_and_then_never_again() -> None:
    world = World()
    world.complete()
    decisions = [next(iter(world.copy(UPLOAD_S / 4).decisions)) for _ in range(7)]
    assert decisions == ["new", *[WITHIN_A_DAY.reason] * 3, *["copy newer"] * 3]


def test_a_dry_run_tells_of_it() -> None:
    world = World()
    world.copy(0)
    world.complete()
    assert world.copy(10, dry_run=True).decisions == {WITHIN_A_DAY.reason: 1}
    assert not world.up_to_date()


@pytest.mark.parametrize("encryption", ["aws:kms", "AES256"])
def test_a_checksum_of_the_whole_object_needs_no_times(encryption: str) -> None:
    world = World(checksum="CRC64NVME", encryption=encryption)
    world.copy(0)
    world.complete()
    assert world.copy(10).decisions == {"checksum differs": 1}
    assert world.up_to_date()
    assert world.copy(10).counts["copied"] == 0


def test_comparing_by_time_alone_does_not_see_it() -> None:
    world = World()
    world.copy(0)
    world.complete()
    assert world.copy(10, compare="mtime").decisions == {"copy newer": 1}
    assert not world.up_to_date()


def test_the_listing_at_the_end_does_not_excuse_a_source_by_a_time_that_is_dated_back() -> None:
    """It was changed after the run began, and its time says before: held against the run, which costs a retry."""
    world = World()
    world.rig.store.put("src", "other", sparse(7 * MIB, "v2"))
    world.rig.clock.advance(1)
    world.upload_id = world.writer.create_upload(SOURCE, "p/a", {})
    world.rig.clock.advance(1)

    def finish(event: object) -> None:
        if type(event).__name__ == "PhaseStarted":
            etag = world.rig.store.get("src", "other").etag
            part = CopyPart(SOURCE, "other", SOURCE, "p/a", etag, world.upload_id, 1, 0, 7 * MIB - 1)
            world.writer.complete_upload(SOURCE, "p/a", world.upload_id, [world.writer.copy_part(part)], {})

    world.rig.sink.on_event = finish
    report = world.copy(0, verification="listing")

    assert (report.ok, report.retryable) == (False, True)
    assert [failure.key for failure in report.unproven] == ["p/a"]
