"""The contract of `ports.EtagIndex`: in a folder, in a bucket of each server, and in the memory double."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from s3_crosscopy.core.etag_index.segment_codec import block_of
from s3_crosscopy.errors import PermanentFailure
from s3_crosscopy.etag_index.stored_index import StoredIndex
from s3_crosscopy.model.etag_index import Block, IndexPair
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.ports import EtagIndex
from s3_crosscopy.report.files import RemovableFiles
from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.report.s3_files import BucketFiles
from s3_crosscopy.testing import MemoryIndexPlace
from tests.contract.conftest import ON_RGW

PAIR = IndexPair("s3://src/p/", "s3://dst/q/", "src", "dst")
PLACES = [
    "memory",
    "folder",
    pytest.param("moto", marks=pytest.mark.moto),
    pytest.param("rgw", marks=ON_RGW),
]
FIRST, SECOND = "2026-11-01T10:00:00+00:00", "2026-11-02T10:00:00+00:00"
Opener = Callable[..., EtagIndex]


@pytest.fixture(params=PLACES)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens the index at one place, for a run that resumes the one of the given start, or for a new one."""
    if request.param == "memory":
        return MemoryIndexPlace().open
    files = files_of(request, tmp_path / "index")

    def open_stored(resumed_run: str = "") -> EtagIndex:
        index = StoredIndex(files, PAIR)
        index.open(resumed_run)
        assert (index.warning, index.writable) == ("", True)
        return index

    return open_stored


def files_of(request: pytest.FixtureRequest, folder: Path) -> RemovableFiles:
    if request.param == "folder":
        return FolderFiles(str(folder), "etag_index")
    client = request.getfixturevalue(f"{request.param}_world").dst
    name = f"index-{uuid.uuid4().hex[:12]}"
    client.create_bucket(Bucket=name)
    return BucketFiles(client, Bucket(name), "indexes/one")


def block(*names: str) -> Block:
    return block_of([(f"p/{name}", f"source-of-{name}", f"copy-of-{name}") for name in names])


def content(index: EtagIndex) -> list[Block]:
    return [part for segment in sorted(index.segments, key=lambda one: one.first) for part in index.read(segment)]


def test_a_place_without_an_index_has_none(opened: Opener) -> None:
    index = opened()
    assert (list(index.segments), list(index.pending), index.not_removed) == ([], [], "")


def test_what_a_run_wrote_is_the_index_of_the_next(opened: Opener) -> None:
    first = opened()
    first.write([block("a", "b"), block("ü\n", "z")])
    first.write([block("c")])
    first.finish(FIRST)
    index = opened()
    assert content(index) == [block("a", "b"), block("ü\n", "z"), block("c")]
    assert sorted((part.first, part.last, part.rows) for part in index.segments) == [
        ("p/a", "p/ü\n", 4),
        ("p/c", "p/c", 1),
    ]
    assert first.not_removed == ""


def test_an_index_without_a_row_is_one(opened: Opener) -> None:
    opened().finish(FIRST)
    assert list(opened().segments) == []


def test_the_former_index_is_readable_until_the_next_is_whole(opened: Opener) -> None:
    first = opened()
    first.write([block("a")])
    first.finish(FIRST)
    reader, second = opened(), opened()
    second.write([block("b")])
    second.save(SECOND, [block("c")])
    assert content(reader) == content(opened()) == [block("a")]
    second.finish(SECOND)
    assert content(opened()) == [block("b")]
    with pytest.raises(FileNotFoundError):
        content(reader)


def test_the_same_rows_again_stay_readable(opened: Opener) -> None:
    for run in (FIRST, SECOND):
        index = opened()
        index.write([block("a")])
        index.finish(run)
    assert content(opened()) == [block("a")]


def test_a_later_attempt_has_what_was_recorded_and_no_other_run_has(opened: Opener) -> None:
    killed = opened()
    killed.write([block("a")])
    killed.save(FIRST, [block("b")])
    killed.write([block("c")])
    killed.save(FIRST, [block("d"), block("e")])
    assert list(opened().pending) == list(opened(SECOND).pending) == []
    retry = opened(FIRST)
    assert list(retry.pending) == [block("d"), block("e")]
    retry.write(retry.pending)
    retry.finish(FIRST)
    assert content(opened()) == [block("a"), block("c"), block("d"), block("e")]


def test_a_run_that_starts_over_has_nothing_of_the_killed_one(opened: Opener) -> None:
    killed = opened()
    killed.write([block("a")])
    killed.save(FIRST, [block("b")])
    fresh = opened()
    fresh.write([block("c")])
    fresh.finish(SECOND)
    assert content(opened()) == [block("c")]
    assert list(opened(FIRST).pending) == []


def test_a_retry_of_a_run_that_ended_keeps_its_index(opened: Opener) -> None:
    ended = opened()
    ended.write([block("a")])
    ended.finish(FIRST)
    retry = opened(FIRST)
    retry.write([block("b")])
    retry.finish(FIRST)
    assert content(opened()) == [block("a"), block("b")]


def test_of_two_runs_at_once_the_one_that_began_to_write_last_writes(opened: Opener) -> None:
    older, newer = opened(), opened()
    older.write([block("a")])
    older.save(FIRST, [])
    newer.write([block("b")])
    with pytest.raises(PermanentFailure, match="another run has written the index"):
        older.save(FIRST, [block("c")])
    with pytest.raises(PermanentFailure, match="another run has written the index"):
        older.finish(FIRST)
    newer.write([block("d")])
    newer.save(SECOND, [block("e")])
    newer.finish(SECOND)
    assert content(opened()) == [block("b"), block("d")]
    with pytest.raises(PermanentFailure, match="another run has written the index"):
        older.finish(FIRST)
    assert content(opened()) == [block("b"), block("d")]
