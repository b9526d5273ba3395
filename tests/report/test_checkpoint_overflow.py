"""What of a checkpoint does not fit its store, beside the report: whole at any moment, known by its digest."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from tests.servers.moto import MotoServer
from tests.unit.state_strategies import STATE

from s3_crosscopy.airflow.checkpoint_store import KEY, TaskStateCheckpoint
from s3_crosscopy.errors import RetryableFailure, S3Error
from s3_crosscopy.model.checkpoint import MAX_JSON_BYTES, ROOM, CheckpointState, OpenUpload
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.report.checkpoint_overflow import FEW_UPLOADS, BesideReport
from s3_crosscopy.report.files import Files
from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.report.names import LEFT
from s3_crosscopy.report.report_writer import StoredReport
from s3_crosscopy.report.s3_files import BucketFiles

LIMIT_BYTES = 64 * 1024
SAVED_AT = 1_800_000_000.5


class Store:
    """Airflow's, as far as it is asked: JSON text of at most 64 KB under a key."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def get(self, key: str, default: Any = None) -> Any:
        return json.loads(self.texts[key]) if key in self.texts else default

    def set(self, key: str, value: Any, *, retention: object = None) -> None:
        text = json.dumps(value)
        assert len(text) <= LIMIT_BYTES
        self.texts[key] = text


class Broken:
    """Files that cannot be read, or written, any more."""

    def __init__(self, inner: Files, reads: Exception | None = None, writes: Exception | None = None) -> None:
        self._inner = inner
        self._reads = reads
        self._writes = writes

    def where(self, name: str = "") -> str:
        return self._inner.where(name)

    def check(self) -> None: ...

    def prepare(self) -> None: ...

    def write(self, name: str, data: bytes) -> None:
        if self._writes is not None:
            raise self._writes
        self._inner.write(name, data)

    def open(self, name: str) -> BinaryIO:
        if self._reads is not None:
            raise self._reads
        return self._inner.open(name)


@pytest.fixture(scope="module")
def client(moto: MotoServer) -> Any:
    client = moto.client(moto.dst)
    client.create_bucket(Bucket="left")
    return client


@pytest.fixture(params=["folder", "bucket"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    if request.param == "folder":
        return FolderFiles(str(tmp_path / "report"))
    return BucketFiles(request.getfixturevalue("client"), Bucket("left"), request.node.name)


@pytest.fixture
def store() -> Store:
    return Store()


def kept(store: Store, files: Files) -> BesideReport:
    return BesideReport(TaskStateCheckpoint(store, keep_progress=True, now=lambda: SAVED_AT), files)


def large(seed: int = 1, uploads: int = 3) -> CheckpointState:
    """A state that has far too many single keys for Airflow's store, of which nothing can be compressed."""
    chance = random.Random(seed)
    keys = sorted(f"p/{chance.randbytes(20).hex()}" for _ in range(5000))
    opened = tuple(OpenUpload(f"q/{number}", chance.randbytes(64).hex(), "e" * 32, 5) for number in range(uploads))
    return STATE._replace(remaining=tuple(KeyRange(key[:-1], key) for key in keys), uploads=opened)


def content(files: Files, name: str) -> bytes:
    with files.open(name) as file:
        return file.read()


def refusal(reason: Reason) -> S3Error:
    return S3Error(call="GetObject", bucket="left", key="x", code="Code", status=400, message="no", reason=reason)


def test_a_state_that_fits_is_in_the_store_alone(store: Store, files: Files) -> None:
    kept(store, files).save(STATE)
    assert kept(store, files).load() == (STATE, SAVED_AT)
    with pytest.raises(FileNotFoundError):
        files.open(LEFT[0])


@pytest.mark.parametrize("uploads", [3, 2 * FEW_UPLOADS, 2000])
def test_a_state_that_does_not_fit_is_loaded_whole_by_another_process(store: Store, files: Files, uploads: int) -> None:
    state = large(uploads=uploads)
    kept(store, files).save(state)
    assert len(store.texts[KEY]) <= MAX_JSON_BYTES
    assert kept(store, files).load() == (state, SAVED_AT)


def test_in_the_store_is_the_place_with_its_digest_and_the_first_uploads(store: Store, files: Files) -> None:
    state = large(uploads=2 * FEW_UPLOADS)
    kept(store, files).save(state)
    data = content(files, LEFT[0])
    value = store.get(KEY)
    assert value["beside"] == [LEFT[0], hashlib.sha256(data).hexdigest(), len(data)]
    assert value["remaining"] == []
    assert value["progress"] == state.progress
    assert value["uploads"] == [list(one) for one in state.uploads[:FEW_UPLOADS]]


def test_two_files_take_turns_so_that_what_the_store_names_is_always_whole(store: Store, files: Files) -> None:
    checkpoint = kept(store, files)
    states = [large(seed) for seed in range(3)]
    for state in states:
        checkpoint.save(state)
    before, beside = store.get(KEY), store.get(KEY)["beside"]
    assert beside[0] == LEFT[0]
    # A process that dies between the file and the state leaves the state of before, and its file.
    checkpoint.save(large(4))
    store.set(KEY, before)
    assert kept(store, files).load() == (states[2], SAVED_AT)
    # Whoever goes on does not write over the file that is named.
    again = kept(store, files)
    again.load()
    again.save(large(5))
    assert store.get(KEY)["beside"][0] == LEFT[1]


def test_an_unchanged_state_is_not_written_again(store: Store, files: Files) -> None:
    checkpoint = kept(store, files)
    checkpoint.save(large())
    checkpoint.save(large()._replace(seconds=99.0))
    assert store.get(KEY)["beside"][0] == LEFT[0]
    loaded = kept(store, files).load()
    assert loaded is not None
    assert loaded[0].seconds == 99.0


def test_a_file_that_is_not_needed_any_more_is_emptied(store: Store, files: Files) -> None:
    checkpoint = kept(store, files)
    checkpoint.save(large())
    checkpoint.save(STATE._replace(finished=True))
    assert json.loads(content(files, LEFT[0])) == {}
    assert store.get(KEY)["beside"] is None


def test_a_file_that_cannot_be_emptied_fails_nothing(store: Store, tmp_path: Path) -> None:
    files = FolderFiles(str(tmp_path))
    checkpoint = kept(store, files)
    checkpoint.save(large())
    checkpoint._files = Broken(files, writes=RetryableFailure("full"))
    checkpoint.save(STATE)
    assert kept(store, files).load() == (STATE, SAVED_AT)


def changed(value: Any, **change: Any) -> Any:
    name, sha256, size = value["beside"]
    new = {"name": name, "sha256": sha256, "size": size, **change}
    return {**value, "beside": list(new.values())}


def of_digest(files: Files, data: bytes) -> Callable[[Any], Any]:
    files.write(LEFT[0], data)
    return lambda value: changed(value, sha256=hashlib.sha256(data).hexdigest(), size=len(data))


DAMAGE: dict[str, tuple[Callable[[Files], Callable[[Any], Any]], str]] = {
    "gone": (lambda files: lambda value: changed(value, name=LEFT[1]), "is not there"),
    "of another name": (
        lambda files: lambda value: changed(value, name="../index.json"),
        "cannot be used (no run writes a file of this name)",
    ),
    "another one": (
        lambda files: lambda value: changed(value, sha256="0" * 64),
        "cannot be used (its digest differs from the one in the checkpoint)",
    ),
    "longer": (
        lambda files: lambda value: changed(value, size=value["beside"][2] - 1),
        "cannot be used (its digest differs from the one in the checkpoint)",
    ),
    "no JSON": (lambda files: of_digest(files, b"{"), "cannot be used (is no JSON"),
    "a list": (lambda files: of_digest(files, b"[]"), "cannot be used (it is damaged: "),
    "without uploads": (lambda files: of_digest(files, b'{"remaining": []}'), "cannot be used (it is damaged: "),
    "of numbers": (lambda files: of_digest(files, b'{"remaining": [1], "uploads": []}'), "cannot be used (it is"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_file_that_is_not_what_the_state_names_is_told_and_nothing_of_it_is_believed(
    store: Store, tmp_path: Path, damage: str
) -> None:
    files = FolderFiles(str(tmp_path / "report"))
    kept(store, files).save(large())
    make, why = DAMAGE[damage]
    store.set(KEY, make(files)(store.get(KEY)))
    loaded = kept(store, files).load()
    assert loaded is not None
    state, _ = loaded
    assert state.beside is not None
    assert state.beside.why.startswith(why)
    assert "\n" not in state.beside.why
    assert state.remaining == ()
    # What was open is known all the same, to be aborted.
    assert state.uploads == large().uploads


def test_whoever_may_not_read_the_file_begins_afresh_and_whoever_cannot_now_tries_again(
    store: Store, tmp_path: Path
) -> None:
    files = FolderFiles(str(tmp_path / "report"))
    kept(store, files).save(large())
    loaded = kept(store, Broken(files, reads=refusal(Reason.DENIED))).load()
    assert loaded is not None
    assert loaded[0].beside is not None
    assert loaded[0].beside.why.startswith("cannot be read (GetObject on s3://left/x")
    with pytest.raises(S3Error):
        kept(store, Broken(files, reads=refusal(Reason.SERVER))).load()


def test_where_the_report_cannot_be_read_nothing_is_kept_that_needs_it(store: Store, tmp_path: Path) -> None:
    files = FolderFiles(str(tmp_path / "report"))
    StoredReport(files).begin()
    checkpoint = kept(store, files)
    checkpoint.check()
    assert checkpoint.room == ROOM
    blind = kept(store, Broken(files, reads=refusal(Reason.DENIED)))
    blind.check()
    assert blind.room == MAX_JSON_BYTES


def test_a_report_that_has_not_begun_and_one_that_was_read_already_are_no_hindrance(
    store: Store, tmp_path: Path
) -> None:
    files = FolderFiles(str(tmp_path / "report"))
    fresh = kept(store, files)
    files.prepare()
    fresh.check()
    assert fresh.room == ROOM
    fresh.save(large())
    again = kept(store, files)
    again.load()
    again._files = Broken(files, reads=refusal(Reason.DENIED))
    again.check()
    assert again.room == ROOM
