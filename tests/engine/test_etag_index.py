"""A run that keeps an ETag index compares nothing again that is unchanged, and notices everything that changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy.api.etag_indexes import index_pair
from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.etag_index.stored_index import StoredIndex
from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.report import Report
from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.testing import Fault, sparse
from tests.engine.harness import Rig, keys
from tests.engine.test_resume import revive

MIB = 2**20
SMALL_PARTS: dict[str, Any] = {"multipart_threshold": "5MiB", "part_size": "5MiB", "max_concurrency": 8}


def kms_rig(seed: int | None = None) -> Rig:
    """A destination that encrypts with KMS: no ETag of a copy is that of its source."""
    rig = Rig(seed=seed)
    rig.store.create_bucket("kms", owner="222222222222", encryption="aws:kms")
    return rig


def opened(folder: Path, resumed_run: str = "", dest: str = "s3://kms/q/", **options: Any) -> StoredIndex:
    spec = resolve_spec("s3://src/p/", dest, options)
    index = StoredIndex(FolderFiles(str(folder), "etag_index"), index_pair(spec, ()))
    index.open(resumed_run)
    return index


def copied(rig: Rig, folder: Path, dest: str = "s3://kms/q/", **options: Any) -> Report:
    index = opened(folder, dest=dest, **options)
    if index.warning:
        rig.sink.emit(Warned(index.warning))
    rig.index = index if index.writable else None
    return rig.copy(dest=dest, etag_index=str(folder), **options)


def warnings(rig: Rig) -> list[str]:
    return [event.text for event in rig.sink.of(Warned)]


@pytest.mark.parametrize("batch_size", [7, 1000])
def test_a_second_run_asks_for_no_object(tmp_path: Path, batch_size: int) -> None:
    rig = kms_rig(seed=3)
    rig.seed_keys(*keys(2500), "p/ünï \n")
    rig.store.put("src", "p/000100-big", sparse(20 * MIB, "x"))
    rig.clock.advance(2)
    assert copied(rig, tmp_path, batch_size=batch_size, **SMALL_PARTS).counts["copied"] == 2502
    report = copied(rig, tmp_path, batch_size=batch_size, **SMALL_PARTS)
    assert report.decisions == {"same as indexed": 2502}
    assert rig.requests("HeadObject") == rig.requests("CopyObject") == 0
    assert copied(rig, tmp_path, batch_size=batch_size, **SMALL_PARTS).decisions == {"same as indexed": 2502}
    assert warnings(rig) == []


def test_a_changed_source_and_a_changed_copy_are_noticed(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(20))
    copied(rig, tmp_path)
    rig.clock.advance(100)
    rig.store.put("src", "p/000003", b"new")  # of the same size
    rig.store.put("kms", "q/000004", b"odd")
    rig.store.put("kms", "q/000005", b"of another size")
    rig.store.delete("kms", "q/000006")
    rig.clock.advance(2)
    report = copied(rig, tmp_path)
    assert report.decisions["same as indexed"] == 16
    assert report.counts["copied"] == 4
    # The pairs of equal size: a changed source, and a copy that somebody replaced.
    assert rig.requests("HeadObject") == 4
    assert copied(rig, tmp_path).decisions == {"same as indexed": 20}


def test_equal_etags_are_in_no_index(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(20))
    assert copied(rig, tmp_path, "s3://dst/q/").counts["copied"] == 20
    assert copied(rig, tmp_path, "s3://dst/q/").decisions == {"same etag": 20}
    assert opened(tmp_path, dest="s3://dst/q/").segments == ()


def test_objects_that_were_there_before_are_compared_once(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(20))
    rig.copy(dest="s3://kms/q/")
    assert copied(rig, tmp_path).decisions == {"same checksum": 20}
    assert rig.requests("HeadObject") == 40
    assert copied(rig, tmp_path).decisions == {"same as indexed": 20}


def test_an_index_is_never_believed_for_another_pair(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(20))
    copied(rig, tmp_path)
    before = (tmp_path / "etags.json").read_bytes()
    rig.index = None
    rig.copy(dest="s3://kms/other/")
    report = copied(rig, tmp_path, "s3://kms/other/")
    assert report.decisions == {"same checksum": 20}
    [warning] = warnings(rig)
    assert "has the ETag index of a copy from s3://src/p/ to s3://kms/q/" in warning
    assert "name another place" in warning
    assert (tmp_path / "etags.json").read_bytes() == before


def test_an_index_of_another_rule_is_replaced(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(20))
    copied(rig, tmp_path)
    assert copied(rig, tmp_path, compare="etag").counts["copied"] == 20
    assert "with compare='auto'; it is not used, and this run replaces it" in warnings(rig)[0]
    assert copied(rig, tmp_path, compare="etag").decisions == {"same as indexed": 20}


def damage(folder: Path, kind: str) -> None:
    [segment, *_] = sorted((folder / "segments").iterdir())
    data = segment.read_bytes()
    if kind == "flipped":
        segment.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    elif kind == "cut":
        segment.write_bytes(data[: len(data) // 2])
    elif kind == "gone":
        segment.unlink()
    else:
        [_, other, *_] = sorted((folder / "segments").iterdir())
        segment.write_bytes(other.read_bytes())


@pytest.mark.parametrize("kind", ["flipped", "cut", "gone", "swapped"])
def test_a_damaged_segment_only_costs_comparisons(tmp_path: Path, kind: str) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(6000))
    copied(rig, tmp_path)
    damage(tmp_path, kind)
    report = copied(rig, tmp_path)
    assert report.counts["skipped"] == 6000
    assert set(report.decisions) == {"same as indexed", "same checksum"}
    assert 0 < report.decisions["same checksum"] <= 4000
    [warning] = warnings(rig)
    assert "a segment of the ETag index cannot be used" in warning
    assert copied(rig, tmp_path).decisions == {"same as indexed": 6000}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{}", "is no ETag index; it is not used, and this run replaces it"),
        (b'{"kind": "s3-crosscopy ETag index", "format": 1}', "is damaged"),
        (b"\xff", "is no UTF-8; it is not used, and this run replaces it"),
    ],
)
def test_a_damaged_list_is_replaced(tmp_path: Path, content: bytes, expected: str) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(20))
    copied(rig, tmp_path)
    (tmp_path / "etags.json").write_bytes(content)
    assert copied(rig, tmp_path).decisions == {"same checksum": 20}
    assert expected in warnings(rig)[0]
    assert copied(rig, tmp_path).decisions == {"same as indexed": 20}


def test_an_index_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(20))
    copied(rig, tmp_path)
    content = b'{"kind": "s3-crosscopy ETag index", "format": 2}'
    (tmp_path / "etags.json").write_bytes(content)
    assert copied(rig, tmp_path).decisions == {"same checksum": 20}
    assert "is of a later version of s3-crosscopy; it is neither used nor replaced" in warnings(rig)[0]
    assert (tmp_path / "etags.json").read_bytes() == content


def test_former_segments_are_removed_when_the_new_index_is_complete(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(5000))
    copied(rig, tmp_path)
    former = {segment.name for segment in opened(tmp_path).segments}
    rig.store.put("src", "p/0000005", b"xyz")
    copied(rig, tmp_path)
    named = {segment.name for segment in opened(tmp_path).segments}
    assert former - named
    assert {f"segments/{path.name}" for path in (tmp_path / "segments").iterdir()} == named
    assert not list(tmp_path.glob("unfinished/**/*.etags"))


def test_keys_that_a_filter_leaves_out_keep_their_rows(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(30), "p/a.tmp", "p/b.tmp")
    copied(rig, tmp_path)
    assert copied(rig, tmp_path, exclude=["*.tmp"]).decisions == {"same as indexed": 30, "filtered by glob": 2}
    assert copied(rig, tmp_path).decisions == {"same as indexed": 32}


def test_a_failed_key_is_not_in_the_index_and_all_others_are(tmp_path: Path) -> None:
    rig = Rig([Fault("CopyObject", "AccessDenied", 403, key="p/000003", times=None)])
    rig.store.create_bucket("kms", owner="222222222222", encryption="aws:kms")
    rig.seed_keys(*keys(30))
    assert copied(rig, tmp_path).counts["failed"] == 1
    again = copied(rig, tmp_path)
    assert again.decisions["same as indexed"] == 29
    assert again.counts["failed"] == 1


def test_a_run_that_stopped_early_leaves_the_former_index(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(300))
    copied(rig, tmp_path)
    before = opened(tmp_path).segments
    rig = revive(rig, Fault("CopyObject", "AccessDenied", 403, times=None))
    rig.seed_keys(*(f"p/new{number}" for number in range(300)))
    assert copied(rig, tmp_path).stopped
    assert opened(tmp_path).segments == before
    assert copied(revive(rig), tmp_path).decisions == {"same as indexed": 300, "new": 300}


def test_a_dry_run_reads_the_index_and_writes_nothing(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(30))
    copied(rig, tmp_path)
    rig.seed_keys("p/new")
    before = (tmp_path / "etags.json").read_bytes()
    assert copied(rig, tmp_path, dry_run=True).decisions == {"same as indexed": 30, "new": 1}
    assert rig.requests("HeadObject") == 0
    assert (tmp_path / "etags.json").read_bytes() == before


def test_a_run_that_copies_always_writes_an_index(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(30))
    assert copied(rig, tmp_path, overwrite="always").decisions == {"always": 30}
    assert copied(rig, tmp_path, overwrite="always").decisions == {"always": 30}
    assert copied(rig, tmp_path).decisions == {"same as indexed": 30}


def test_ranges_that_are_split_find_their_rows(tmp_path: Path) -> None:
    rig = kms_rig(seed=5)
    rig.seed_keys(*keys(12_000), size=1)
    copied(rig, tmp_path, max_concurrency=64)
    assert copied(rig, tmp_path, max_concurrency=64).decisions == {"same as indexed": 12_000}
    assert rig.requests("HeadObject") == 0
    assert rig.engine is not None
    assert len(rig.engine.parts.ledger._ranges) > 1
