"""An ETag index of a run that is killed has what its attempts copied, and the former index stays until it is whole."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from s3_crosscopy.api.etag_indexes import index_pair
from s3_crosscopy.core.etag_index.segment_codec import block_of
from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.etag_index import unfinished
from s3_crosscopy.etag_index.stored_index import StoredIndex
from s3_crosscopy.model.checkpoint import CheckpointState
from s3_crosscopy.model.etag_index import Block
from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.testing import sparse
from tests.engine.harness import Rig, keys
from tests.engine.test_etag_index import MIB, SMALL_PARTS, copied, kms_rig, opened
from tests.engine.test_etag_index_that_cannot_be_written import denied
from tests.engine.test_resume import Death, Killed, dying_rig, revive

DEST = "s3://kms/q/"


class MortalIndex(StoredIndex):
    """What a dead process would still write is not written."""

    death: Death

    def write(self, blocks: Sequence[Block]) -> None:
        if not self.death.dead:
            super().write(blocks)

    def save(self, run: str, pending: Sequence[Block]) -> None:
        if not self.death.dead:
            super().save(run, pending)

    def finish(self, run: str) -> None:
        if not self.death.dead:
            super().finish(run)


def attempt(rig: Rig, folder: Path, death: Death, resumed: CheckpointState | None, **options: Any) -> None:
    spec = resolve_spec("s3://src/p/", DEST, options)
    index = MortalIndex(FolderFiles(str(folder), "etag_index"), index_pair(spec, ()))
    index.death = death
    index.open(resumed.began if resumed is not None else "")
    rig.index, rig.checkpoint = index, death
    rig.copy(dest=DEST, resumed=resumed, keep_uploads=True, etag_index=str(folder), **options)


@pytest.mark.parametrize("seed", range(8))
def test_a_run_that_is_killed_again_and_again_ends_with_a_whole_index(tmp_path: Path, seed: int) -> None:
    rig, options = kms_rig(seed=seed), {"batch_size": 20, **SMALL_PARTS}
    rig.seed_keys(*keys(300))
    rig.store.put("src", "p/000100-big", sparse(20 * MIB, "x"))
    rig.clock.advance(2)
    chance, resumed, deaths = random.Random(seed), None, 0
    while True:
        death = Death()
        dying_rig(rig, death, chance.randrange(40, 160))
        try:
            attempt(rig, tmp_path, death, resumed, **options)
            break
        except Killed:
            deaths += 1
        resumed = death.last() or resumed
        rig = revive(rig)
    assert deaths > 1
    rig = revive(rig)
    report = copied(rig, tmp_path, **options)
    assert report.decisions == {"same as indexed": 301}
    assert rig.requests("HeadObject") == 0
    named = {segment.name for segment in opened(tmp_path).segments}
    assert {f"segments/{path.name}" for path in (tmp_path / "segments").iterdir()} == named
    assert not list(tmp_path.glob("unfinished/**/*.*"))


def test_a_killed_run_leaves_the_former_index(tmp_path: Path) -> None:
    rig, death = kms_rig(), Death()
    rig.seed_keys(*keys(200))
    copied(rig, tmp_path)
    before = opened(tmp_path).segments
    rig.clock.advance(2)
    for key in keys(100):
        rig.store.put("src", key, b"new")
    rig.clock.advance(2)
    rig = revive(rig)
    dying_rig(rig, death, 60)
    with pytest.raises(Killed):
        attempt(rig, tmp_path, death, None)
    assert opened(tmp_path).segments == before
    rig = revive(rig)
    report = copied(rig, tmp_path)  # not resumed
    assert report.decisions["same as indexed"] == 100
    assert copied(rig, tmp_path).decisions == {"same as indexed": 200}


def test_a_retry_of_a_run_with_failures_keeps_what_its_index_has(tmp_path: Path) -> None:
    from s3_crosscopy.testing import Fault

    rig, death = kms_rig(), Death()
    rig.seed_keys(*keys(50))
    rig = revive(rig, Fault("CopyObject", "AccessDenied", 403, key="p/000003", times=None))
    attempt(rig, tmp_path, death, None)
    resumed = death.last()
    assert resumed is not None
    assert not resumed.finished
    assert len(resumed.remaining) == 1
    rig = revive(rig)
    attempt(rig, tmp_path, Death(), resumed)
    assert copied(revive(rig), tmp_path).decisions == {"same as indexed": 50}


class Unlisted(FolderFiles):
    """Without s3:ListBucket S3 denies what is not there."""

    def open(self, name: str) -> BinaryIO:
        try:
            return super().open(name)
        except FileNotFoundError:
            raise denied() from None


def test_a_retry_has_what_was_written_also_without_permission_to_list(tmp_path: Path) -> None:
    files, pair = Unlisted(str(tmp_path), "etag_index"), index_pair(resolve_spec("s3://src/p/", DEST, {}), ())
    first = StoredIndex(files, pair)
    first.open()
    assert "without s3:ListBucket S3 denies both" in first.warning
    first.write([block_of([("p/a", "s", "c")])])
    first.save("2026-01-01", [block_of([("p/b", "s", "c")])])
    retry = StoredIndex(files, pair)
    retry.open("2026-01-01")
    assert [block.first for block in retry.pending] == ["p/b"]
    retry.finish("2026-01-01")
    assert [segment.first for segment in opened(tmp_path).segments] == ["p/a"]


def test_many_segments_are_recorded_in_several_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unfinished, "LIST_SEGMENTS", 3)
    files, pair = FolderFiles(str(tmp_path), "etag_index"), index_pair(resolve_spec("s3://src/p/", DEST, {}), ())
    index = StoredIndex(files, pair)
    for number in range(8):
        index.write([block_of([(f"p/{number}", "s", "c")])])
        index.save("2026-01-01", [block_of([(f"p/x{number}", "s", "c")])])
    retry = StoredIndex(files, pair)
    retry.open("2026-01-01")
    assert [block.first for block in retry.pending] == ["p/x7"]
    retry.finish("2026-01-01")
    assert [segment.first for segment in opened(tmp_path).segments] == [f"p/{number}" for number in range(8)]
    assert not list(tmp_path.glob("unfinished/**/*.*"))
