"""Several runs at one place: one of them writes the index, and none makes it name what is not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

import pytest

from s3_crosscopy.api.etag_indexes import index_pair
from s3_crosscopy.core.etag_index.segment_codec import block_of
from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.errors import PermanentFailure
from s3_crosscopy.etag_index import writer_mark
from s3_crosscopy.etag_index.stored_index import StoredIndex
from s3_crosscopy.model.etag_index import Block
from s3_crosscopy.report.local_files import FolderFiles
from tests.engine.harness import keys
from tests.engine.test_etag_index import copied, kms_rig, opened, warnings
from tests.engine.test_etag_index_that_cannot_be_written import denied
from tests.engine.test_resume import revive

FIRST, SECOND = "2026-11-01T10:00:00+00:00", "2026-11-02T10:00:00+00:00"


def block(name: str) -> Block:
    return block_of([(f"p/{name}", "s", "c")])


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def named_by(folder: Path, **options: Any) -> set[str]:
    return {segment.name for segment in opened(folder, **options).segments}


def test_a_run_whose_place_another_one_took_copies_all_and_warns_once(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(300))
    index, other = opened(tmp_path), opened(tmp_path)
    rig.index = index
    index.write([block("a")])
    other.write([block("b")])
    assert rig.copy(dest="s3://kms/q/", etag_index=str(tmp_path)).counts["copied"] == 300
    [warning] = warnings(rig)
    assert warning.startswith("the ETag index is not renewed, the next run compares as without it what this one copied")
    assert "another run has written the index" in warning
    other.finish(SECOND)
    assert [segment.first for segment in opened(tmp_path).segments] == ["p/b"]


def test_a_run_that_ended_meanwhile_leaves_no_files_behind(tmp_path: Path) -> None:
    slow, quick = opened(tmp_path), opened(tmp_path)
    quick.write([block("a")])
    quick.finish(FIRST)
    # It reads the list of the other run only now, and what that one names is needed no longer.
    slow.write([block("b")])
    slow.finish(SECOND)
    assert files_in(tmp_path) == {"etags.json", *named_by(tmp_path)}
    assert [segment.first for segment in opened(tmp_path).segments] == ["p/b"]


def test_a_run_of_another_pair_that_ended_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    slow, other = opened(tmp_path), opened(tmp_path, dest="s3://kms/other/")
    other.write([block("a")])
    other.finish(FIRST)
    slow.write([block("b")])
    with pytest.raises(PermanentFailure, match="is neither used nor replaced"):
        slow.finish(SECOND)
    assert [segment.first for segment in opened(tmp_path, dest="s3://kms/other/").segments] == ["p/a"]


def test_what_a_killed_run_of_another_pair_recorded_is_not_believed(tmp_path: Path) -> None:
    killed = opened(tmp_path, dest="s3://kms/other/")
    killed.write([block("a")])
    killed.save(FIRST, [block("b")])
    retry = opened(tmp_path, FIRST)
    assert (list(retry.pending), retry.warning) == ([], "")
    retry.finish(FIRST)
    assert opened(tmp_path).segments == ()
    assert files_in(tmp_path) == {"etags.json"}


def test_a_damaged_record_of_a_killed_run_is_one_warning(tmp_path: Path) -> None:
    killed = opened(tmp_path)
    killed.save(FIRST, [block("b")])
    (tmp_path / "unfinished" / "00000" / "etags.json").write_text("[")
    assert opened(tmp_path).warning == ""
    retry = opened(tmp_path, FIRST)
    assert retry.warning.startswith("what an earlier attempt recorded of the ETag index at ")
    assert retry.warning.endswith(": is no JSON (Expecting value: line 1 column 2 (char 1))")
    retry.finish(FIRST)
    assert opened(tmp_path).segments == ()


def test_what_killed_runs_wrote_and_no_record_names_is_removed(tmp_path: Path) -> None:
    for name in "ab":
        killed = opened(tmp_path)
        killed.write([block(name)])
    resumed = opened(tmp_path, FIRST)
    resumed.save(FIRST, [])
    resumed.write([block("c")])
    assert len(files_in(tmp_path)) == 5
    whole = opened(tmp_path, FIRST)
    whole.write([block("d")])
    whole.finish(FIRST)
    assert files_in(tmp_path) == {"etags.json", *named_by(tmp_path)}
    assert [segment.first for segment in opened(tmp_path).segments] == ["p/d"]


def test_what_a_run_replaced_and_could_not_remove_is_removed_by_the_next(tmp_path: Path) -> None:
    first = opened(tmp_path)
    first.write([block("a")])
    first.finish(FIRST)
    (former,) = named_by(tmp_path)
    data = (tmp_path / former).read_bytes()
    second = opened(tmp_path)
    second.finish(SECOND)
    # The process died between its list and the end of its work.
    (tmp_path / former).write_bytes(data)
    opened(tmp_path).finish(SECOND)
    assert files_in(tmp_path) == {"etags.json"}


def test_a_run_of_many_segments_writes_its_mark_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_mark, "STEP", 3)
    killed = opened(tmp_path)
    for number in range(7):
        killed.write([block(str(number))])
    other = opened(tmp_path)
    other.write([block("x")])
    for number in range(2):
        killed.write([block(f"late-{number}")])
    with pytest.raises(PermanentFailure, match="another run has written the index"):
        killed.write([block("too late")])
    other.finish(SECOND)
    assert files_in(tmp_path) == {"etags.json", *named_by(tmp_path)}


class NoPermissionToList(FolderFiles):
    def open(self, name: str) -> BinaryIO:
        try:
            return super().open(name)
        except FileNotFoundError:
            raise denied() from None


def test_a_mark_is_written_also_without_permission_to_list(tmp_path: Path) -> None:
    pair = index_pair(resolve_spec("s3://src/p/", "s3://kms/q/", {}), ())
    index = StoredIndex(NoPermissionToList(str(tmp_path)), pair)
    index.open()
    assert "or there is none: without s3:ListBucket S3 denies both" in index.warning
    index.write([block("a")])
    index.finish(FIRST)
    assert [segment.first for segment in opened(tmp_path).segments] == ["p/a"]


@pytest.mark.parametrize("content", [b"", b"5", b'[["0123456789abcdef", 100]]', b"[5]", b"[" * 100_000])
def test_a_damaged_mark_of_the_writer_stops_the_writing(tmp_path: Path, content: bytes) -> None:
    index = opened(tmp_path)
    index.save(FIRST, [block("a")])
    (tmp_path / "unfinished" / writer_mark.NAME).write_bytes(content)
    with pytest.raises(PermanentFailure, match="another run has written the index"):
        index.finish(FIRST)


def test_a_block_that_is_damaged_in_a_whole_segment_is_one_warning(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(20))
    copied(rig, tmp_path)
    index = opened(tmp_path)
    index.write([Block("p/000000", "p/000019", 20, b"damaged")])
    index.finish(SECOND)
    rig = revive(rig)
    assert copied(rig, tmp_path).decisions == {"same checksum": 20}
    [warning] = warnings(rig)
    assert warning.endswith("its keys are compared as without it: it is cut")


def test_a_segment_that_is_no_file_is_one_warning(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(20))
    copied(rig, tmp_path)
    [segment] = (tmp_path / "segments").iterdir()
    segment.unlink()
    segment.mkdir()
    rig = revive(rig)
    rig.seed_keys("p/new")
    assert copied(rig, tmp_path).decisions == {"same checksum": 20, "new": 1}
    assert len(warnings(rig)) == 2  # Nor can it be removed.
    assert "cannot be read: Is a directory" in warnings(rig)[0]


def part(folder: Path, number: int, resumed_run: str = "", **options: Any) -> StoredIndex:
    pair = index_pair(resolve_spec("s3://src/p/", "s3://kms/q/", options), ())
    index = StoredIndex(FolderFiles(str(folder), "etag_index"), pair, f"shard-{number:04}/")
    index.open(resumed_run)
    return index


def test_a_shard_that_is_tried_again_after_failures_keeps_its_rows(tmp_path: Path) -> None:
    ended = part(tmp_path, 1)
    ended.write([block("a")])
    ended.finish(FIRST)
    retry = part(tmp_path, 1, FIRST)
    retry.write([block("b")])
    retry.finish(FIRST)
    assert sorted(segment.first for segment in part(tmp_path, 1, FIRST)._unfinished.segments) == ["p/a", "p/b"]


def test_a_retry_has_the_rows_of_its_list_and_of_its_records(tmp_path: Path) -> None:
    killed = opened(tmp_path)
    killed.write([block("a")])
    killed.save(FIRST, [])
    record = (tmp_path / "unfinished" / "00000" / "etags.json").read_bytes()
    killed.write([block("b")])
    killed.finish(FIRST)
    # The process died before the record was removed.
    (tmp_path / "unfinished" / "00000" / "etags.json").write_bytes(record)
    opened(tmp_path, FIRST).finish(FIRST)
    assert sorted(segment.first for segment in opened(tmp_path).segments) == ["p/a", "p/b"]
