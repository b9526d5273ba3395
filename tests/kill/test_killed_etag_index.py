"""kill -9 of a copy that keeps an ETag index: only a whole index is believed, and the next run needs no HEAD."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy.etag_index.index_files import LIST, read_list, read_segment
from s3_crosscopy.model.etag_index import IndexList
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.report.files import RemovableFiles
from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.report.s3_files import BucketFiles
from tests.kill.forked_copies import ForkedCopies
from tests.kill.harness import Run, Source, put_in_parts
from tests.kill.kill_proxy import Moment
from tests.servers.moto import MotoServer
from tests.servers.stub_server import StubServer

pytestmark = pytest.mark.slow

KEYS = 60
NAMES = [f"{number:04d}-part-ü%" for number in range(KEYS)]
CHANGED, REPLACED, DELETED = NAMES[7], NAMES[35], NAMES[51]


def write(client: Any, bucket: str, *names: str, content: str = "content of") -> None:
    """Objects uploaded in a single part: no copy in one request has the ETag of such a source."""
    for name in names:
        data = f"{content} {name}".encode()
        put_in_parts(client, {"Bucket": bucket, "Key": f"p/{name}"}, data, (len(data),))


def read(client: Any, bucket: str, prefix: str) -> dict[str, bytes]:
    rows = client.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    bodies = {row["Key"]: client.get_object(Bucket=bucket, Key=row["Key"])["Body"].read() for row in rows}
    return {key[len(prefix) :]: data for key, data in bodies.items()}


class IndexedRun(Run):
    """A run that keeps an ETag index at a place of its own, in a folder or in a bucket."""

    place = ""
    files: RemovableFiles
    _before = 0

    def _arguments(self) -> dict[str, object]:
        return {**super()._arguments(), "etag_index": self.place}

    def begin_anew(self) -> None:
        """The next attempt is a run of its own."""
        self._file.unlink()
        self._before = len(self._stub.requests)

    def keys_of(self, operation: str) -> set[str]:
        """The keys of all requests of this kind since the run began."""
        return {request.key for request in self._stub.requests[self._before :] if request.operation == operation}

    def index(self) -> IndexList | None:
        return read_list(self.files, LIST)

    def must_be_whole_if_there(self) -> None:
        """An index that a later run would believe has every object, and all its files are what it says."""
        index = self.index()
        if index is not None:
            blocks = [block for segment in index.segments for block in read_segment(self.files, segment)]
            assert sum(block.rows for block in blocks) == KEYS

    def must_leave_nothing_else(self) -> None:
        index = self.index()
        assert index is not None
        assert self.names() == {LIST, *(segment.name for segment in index.segments)}

    def names(self) -> set[str]:
        if isinstance(self.files, FolderFiles):
            folder = Path(self.place)
            # A file that was being written at a kill stays beside them, under a name that begins with a dot.
            return {path.relative_to(folder).as_posix() for path in folder.rglob("[!.]*") if path.is_file()}
        bucket, _, prefix = self.place.removeprefix("s3://").partition("/")
        listed = self.client.list_objects_v2(Bucket=bucket, Prefix=prefix).get("Contents", ())
        return {row["Key"][len(prefix) :] for row in listed}


@pytest.fixture
def source(moto: MotoServer) -> Source:
    client, bucket = moto.client(moto.src), f"src-{uuid.uuid4().hex[:12]}"
    client.create_bucket(Bucket=bucket)
    write(client, bucket, *NAMES)
    return Source(bucket, {})


@pytest.fixture
def run(
    request: pytest.FixtureRequest,
    moto: MotoServer,
    stub: StubServer,
    source: Source,
    copies: ForkedCopies,
    tmp_path: Path,
) -> Iterator[IndexedRun]:
    (tmp_path / "state").mkdir()
    made = IndexedRun(moto, stub, source, f"dst-{uuid.uuid4().hex[:12]}", tmp_path / "state")
    made.use(copies)
    if request.param == "folder":
        made.place, made.files = str(tmp_path / "index"), FolderFiles(str(tmp_path / "index"), "etag_index")
    else:
        made.place = f"s3://{made.dest}/index/"
        made.files = BucketFiles(moto.client(moto.dst), Bucket(made.dest), "index/")
    yield made
    made.source = Source(source.bucket, dict.fromkeys(NAMES, ()))
    made.clear()


@pytest.mark.parametrize(("run", "seed"), [("folder", 1), ("bucket", 2)], indirect=["run"])
def test_a_run_killed_again_and_again_leaves_an_index_by_which_the_next_run_skips_everything(
    run: IndexedRun, moto: MotoServer, seed: int
) -> None:
    dice = random.Random(seed)
    for number in sorted(dice.sample(range(20, KEYS), 4)):
        # Some attempts have recorded rows by then, others none.
        wait = partial(run.wait_for_saves, 2) if dice.random() < 0.6 else lambda: None
        run.wire.moment = Moment(number, dice.random() < 0.5, "CopyObject", wait=wait)
        assert run.attempt()
        assert run.index() is None

    assert not run.attempt()
    assert run.counts["copied"] + run.counts["skipped"] == KEYS
    run.must_leave_nothing_else()
    must_skip_everything(run)
    must_notice_changes(run, moto)
    must_skip_everything(run)
    assert read(run.client, run.dest, "q/") == read(moto.client(moto.src), run.source.bucket, "p/")


def must_skip_everything(run: IndexedRun) -> None:
    run.begin_anew()
    assert not run.attempt()
    assert run.counts["decisions"] == {"same as indexed": KEYS}
    assert run.keys_of("HeadObject") == run.keys_of("CopyObject") == set()
    run.must_leave_nothing_else()


def must_notice_changes(run: IndexedRun, moto: MotoServer) -> None:
    """Other content of the same size on either side, and a copy that is gone; killed once in between."""
    write(moto.client(moto.src), run.source.bucket, CHANGED, content="CONTENT OF")
    other = b"x" * len(f"content of {REPLACED}".encode())
    run.client.put_object(Bucket=run.dest, Key=f"q/{REPLACED}", Body=other)
    run.client.delete_object(Bucket=run.dest, Key=f"q/{DELETED}")
    # A copy made in the second in which its source was written is not taken for a later one, and made again.
    time.sleep(1.0)
    before = run.index()
    run.begin_anew()
    run.wire.moment = Moment(run.wire._counts["CopyObject"] + 2, True, "CopyObject")
    assert run.attempt()
    assert run.index() == before
    assert not run.attempt()
    assert run.keys_of("CopyObject") == {f"q/{name}" for name in (CHANGED, REPLACED, DELETED)}


@pytest.mark.parametrize("run", ["bucket"], indirect=True)  # In a folder there is no request to be killed at.
@pytest.mark.parametrize("applied", [False, True])
def test_a_run_killed_while_its_list_is_written_leaves_none_or_a_whole_one(run: IndexedRun, applied: bool) -> None:
    run.wire.moment = Moment(1, applied, "PutObject", ready=lambda: is_list_next(run))
    assert run.attempt()
    assert (run.index() is not None) == applied
    run.must_be_whole_if_there()
    assert not run.attempt()
    run.must_leave_nothing_else()
    must_skip_everything(run)


def is_list_next(run: IndexedRun) -> bool:
    """Whether the request that came last is the one that writes the list of the index."""
    return bool(run._stub.requests[-1].key == f"index/{LIST}")
