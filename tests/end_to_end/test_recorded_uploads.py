"""Uploads that a run recorded, in its checkpoint or its report: aborted are exactly those, or it is told what stays."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest

from s3_crosscopy import Interrupted, InvalidInput, copy
from s3_crosscopy.adapters.checkpoint_file import FileCheckpoint
from s3_crosscopy.api import Aborted, abort_uploads
from s3_crosscopy.api.resuming import MOST_REPORTED
from s3_crosscopy.model.checkpoint import CheckpointState, OpenUpload
from s3_crosscopy.model.events import Event, Warned
from s3_crosscopy.model.location import Bucket
from tests.end_to_end.conftest import session_of
from tests.servers.http_messages import FORWARD, Answer, Request, Response
from tests.servers.moto import DST_ACCOUNT_ID, MotoServer
from tests.servers.stub_rules import always, forward_all, in_turn
from tests.servers.stub_server import StubServer

PART = 5 * 2**20
THREE_DAYS_AGO = 1_700_000_000.0


class Left(NamedTuple):
    """An interrupted run's bucket, its checkpoint and its report, and the upload that is not its own."""

    client: Any
    bucket: str
    checkpoint: Path
    report: str
    theirs: str

    def open_ids(self) -> list[str]:
        said = self.client.list_multipart_uploads(Bucket=self.bucket)
        return [row["UploadId"] for row in said.get("Uploads", ())]


@pytest.fixture(scope="module")
def session(moto: MotoServer) -> boto3.Session:
    return session_of(moto.dst)


@pytest.fixture
def interrupted(moto: MotoServer, stub: StubServer, session: boto3.Session, tmp_path: Path) -> Callable[[str], Left]:
    """Runs a copy of a large object, with a report in a "folder" or a "bucket", that has to stop at its first part."""
    stub.upstream = moto.endpoint_url
    client = moto.client(moto.dst)
    source, dest, reports = (f"{name}-{uuid.uuid4().hex[:8]}" for name in ("src", "dst", "reports"))
    for bucket in (source, dest, reports):
        client.create_bucket(Bucket=bucket)
    client.put_object(Bucket=source, Key="p/large", Body=bytes(2 * PART + 1))
    theirs = client.create_multipart_upload(Bucket=dest, Key="q/large")["UploadId"]

    def run(place: str) -> Left:
        cancel = threading.Event()

        def stop(request: Request) -> Answer:
            if request.operation == "UploadPartCopy":
                cancel.set()
            return FORWARD

        stub.rules = [stop]
        left = Left(
            client,
            dest,
            tmp_path / "checkpoint.json",
            f"s3://{reports}/run/" if place == "bucket" else str(tmp_path / "report"),
            theirs,
        )
        with pytest.raises(Interrupted):
            copy(
                f"s3://{source}/p/", f"s3://{dest}/q/", session=session, endpoint_url=stub.endpoint_url, cancel=cancel,
                checkpoint=left.checkpoint, report=left.report, multipart_threshold=PART, part_size=PART,
                max_concurrency=1, expected_bucket_owner=DST_ACCOUNT_ID, request_payer="requester",
            )  # fmt: skip
        stub.rules = [forward_all]
        assert len(left.open_ids()) == 2
        return left

    return run


@pytest.fixture
def abort(stub: StubServer, session: boto3.Session) -> Callable[[object], Aborted]:
    return partial(abort_uploads, session=session, endpoint_url=stub.endpoint_url)


@pytest.mark.parametrize("place", ["checkpoint", "folder", "bucket"])
def test_what_an_interrupted_run_recorded_is_aborted_wherever_it_is_recorded(
    interrupted: Callable[[str], Left], abort: Callable[[object], Aborted], place: str
) -> None:
    left = interrupted(place)

    aborted = abort(left.checkpoint if place == "checkpoint" else left.report)

    assert (aborted.bucket, [one.dest_key for one in aborted.gone], aborted.refused) == (left.bucket, ["q/large"], ())
    assert left.open_ids() == [left.theirs]


@pytest.mark.parametrize("place", ["checkpoint", "folder"])
def test_the_guards_of_the_run_go_along(
    interrupted: Callable[[str], Left], abort: Callable[[object], Aborted], stub: StubServer, place: str
) -> None:
    left = interrupted(place)

    abort(left.checkpoint if place == "checkpoint" else left.report)

    for operation in ("AbortMultipartUpload", "ListParts"):
        headers = stub.requests_of(operation)[-1].headers
        assert headers["x-amz-expected-bucket-owner"] == DST_ACCOUNT_ID
        assert headers["x-amz-request-payer"] == "requester"


def test_an_upload_that_outlives_an_abort_is_aborted_again(
    interrupted: Callable[[str], Left], abort: Callable[[object], Aborted], stub: StubServer
) -> None:
    """A part that the killed run asked for may land after the first one."""
    left = interrupted("folder")
    stub.rules = [in_turn("AbortMultipartUpload", Response(204)), forward_all]

    assert abort(left.checkpoint).refused == ()

    assert left.open_ids() == [left.theirs]


def test_an_upload_that_outlives_every_abort_is_told_and_stays_recorded(
    interrupted: Callable[[str], Left], abort: Callable[[object], Aborted], stub: StubServer
) -> None:
    left = interrupted("folder")
    stub.rules = [always("AbortMultipartUpload", Response(204)), forward_all]

    ((upload, refusal),) = abort(left.checkpoint).refused

    assert f"upload {upload.upload_id} is still there" in str(refusal)
    persistence = FileCheckpoint(left.checkpoint).load()
    assert persistence is not None
    assert persistence[0].uploads == (upload,)


def test_a_checkpoint_is_as_old_as_it_was(
    interrupted: Callable[[str], Left], abort: Callable[[object], Aborted]
) -> None:
    """Else a run of days ago would be gone on with, over what was changed since."""
    left = interrupted("folder")
    file = FileCheckpoint(left.checkpoint)
    persistence = file.load()
    assert persistence is not None
    file.amend(persistence[0], THREE_DAYS_AGO)

    abort(left.checkpoint)

    assert file.load() == (persistence[0]._replace(uploads=()), THREE_DAYS_AGO)


def test_a_report_whose_run_left_nothing_open_has_nothing_to_abort(
    moto: MotoServer, session: boto3.Session, tmp_path: Path, abort: Callable[[object], Aborted]
) -> None:
    client, bucket = moto.client(moto.dst), f"done-{uuid.uuid4().hex[:8]}"
    client.create_bucket(Bucket=bucket)
    client.put_object(Bucket=bucket, Key="p/a", Body=b"a")
    copy(
        f"s3://{bucket}/p/", f"s3://{bucket}/q/", session=session, endpoint_url=moto.endpoint_url,
        report=str(tmp_path / "report"),
    )  # fmt: skip

    assert abort(tmp_path / "report") == Aborted("", (), ())


def test_a_place_without_anything_of_ours_is_one_clear_line(tmp_path: Path, abort: Callable[[object], Aborted]) -> None:
    with pytest.raises(InvalidInput, match=r"^place: there is no '.*none'; name the checkpoint file or the report of"):
        abort(tmp_path / "none")
    with pytest.raises(InvalidInput, match=r"^place: there is no report at '.*'; it would have an index\.json$"):
        abort(tmp_path)


def test_uploads_that_a_new_run_cannot_abort_because_they_are_in_another_bucket_are_told_before_they_are_forgotten(
    moto: MotoServer, session: boto3.Session, tmp_path: Path
) -> None:
    client, bucket = moto.client(moto.dst), f"moved-{uuid.uuid4().hex[:8]}"
    client.create_bucket(Bucket=bucket)
    client.put_object(Bucket=bucket, Key="p/a", Body=b"a")
    left = tuple(OpenUpload(f"q/{number}", f"id-{number}", "etag", PART) for number in range(MOST_REPORTED + 2))
    before = CheckpointState("mark", (), {}, {}, {}, dest_bucket=Bucket("of-before"), uploads=left)
    FileCheckpoint(tmp_path / "checkpoint.json").save(before)
    events: list[Event] = []

    copy(
        f"s3://{bucket}/p/", f"s3://{bucket}/q/", session=session, endpoint_url=moto.endpoint_url,
        checkpoint=tmp_path / "checkpoint.json", sink=Listener(events),
    )  # fmt: skip

    told = [event.text for event in events if isinstance(event, Warned) and "left open" in event.text]
    assert told[0] == "the upload id-0 of 's3://of-before/q/0', which an earlier run began, is left open"
    assert len(told) == MOST_REPORTED + 1
    assert told[-1].startswith("2 more uploads ")


class Listener(NamedTuple):
    """A sink that keeps everything."""

    events: list[Event]

    def emit(self, event: Event) -> None:
        self.events.append(event)
