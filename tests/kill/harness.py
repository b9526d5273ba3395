"""A source of small and large objects, one attempt after another to copy it, and what must be true in the end."""

from __future__ import annotations

import json
import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from s3_crosscopy.model.checkpoint import CheckpointState, from_json
from tests.kill.forked_copies import ForkedCopies
from tests.kill.kill_proxy import Wire
from tests.servers.moto import MotoServer
from tests.servers.stub_server import StubServer
from tests.waiting import wait_until

SAVES_TIMEOUT_S = 120.0
MIB = 2**20
SMALL = 200
# Key and part sizes; () was written in one go, so that its copy in parts has another ETag. The last key is a large one.
LARGE = {"0050-large": (5 * MIB, 5 * MIB, MIB), "0110-large": (), "0200-large": (6 * MIB, 5 * MIB)}
LARGE_BYTES = 11 * MIB
PARTS = 9
KEYS = SMALL + len(LARGE)
LEAST_REQUESTS = KEYS + PARTS + len(LARGE)
"""What any run asks for: a copy of each small object; of each large one an upload, its parts and their end."""

OPTIONS = {"multipart_threshold": "5MiB", "part_size": "5MiB", "batch_size": 20, "max_concurrency": 16}


class Source(NamedTuple):
    """The bucket that all runs copy, and what is in it, by keys without the prefix."""

    bucket: str
    content: dict[str, tuple[Any, ...]]


def seed(moto: MotoServer, bucket: str) -> Source:
    """Fill a bucket of the source account."""
    client = moto.direct(moto.src)
    client.create_bucket(Bucket=bucket)
    for number in range(SMALL):
        key = f"{number:04d} small+ü%"
        at: dict[str, Any] = {
            "Bucket": bucket,
            "Key": f"p/{key}",
            "Metadata": {"number": str(number)},
            "ContentType": "text/x-small",
        }
        client.put_object(**at, Body=b"" if number % 40 == 0 else key.encode() * 3)
    dice = random.Random(1)
    for key, sizes in LARGE.items():
        at = {"Bucket": bucket, "Key": f"p/{key}", "Metadata": {"name": key}, "ContentType": "text/x-large"}
        data = dice.randbytes(LARGE_BYTES)
        if sizes:
            put_in_parts(client, at, data, sizes)
        else:
            client.put_object(**at, Body=data)
    return Source(bucket, content(client, bucket, "p/"))


def put_in_parts(client: Any, at: dict[str, Any], data: bytes, sizes: tuple[int, ...]) -> None:
    """A multipart upload; `at` are the arguments that create it."""
    upload_id = client.create_multipart_upload(**at)["UploadId"]
    mine = {"Bucket": at["Bucket"], "Key": at["Key"], "UploadId": upload_id}
    rows, start = [], 0
    for number, size in enumerate(sizes, 1):
        said = client.upload_part(**mine, PartNumber=number, Body=data[start : start + size])
        rows.append({"PartNumber": number, "ETag": said["ETag"]})
        start += size
    client.complete_multipart_upload(**mine, MultipartUpload={"Parts": rows})


def content(client: Any, bucket: str, prefix: str) -> dict[str, tuple[Any, ...]]:
    """Everything of every object below the prefix, as plain boto3 reads it."""
    found = {}
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for row in page.get("Contents", ()):
            said = client.get_object(Bucket=bucket, Key=row["Key"])
            # Copied in parts of 5 MiB, an ETag is only kept where the source's parts were of 5 MiB too.
            etag = row["ETag"] if row["Size"] < 5 * MIB or row["Key"].endswith("0050-large") else ""
            found[row["Key"][len(prefix) :]] = (said["Body"].read(), etag, said["Metadata"], said["ContentType"])
    return found


class Killed(NamedTuple):
    """An attempt that was killed, and the state that it left; None if it had saved none."""

    attempt: int
    state: CheckpointState | None


class Run:
    """One copy, attempted until it ends. A destination bucket, a checkpoint file and a wire of its own."""

    def __init__(self, moto: MotoServer, stub: StubServer, source: Source, dest: str, folder: Path) -> None:
        self.moto = moto
        self.source = source
        self.dest = dest
        self.wire = Wire(stub)
        self.killed: list[Killed] = []
        self.counts: dict[str, Any] = {}
        self.client = moto.direct(moto.dst)
        self.copies: ForkedCopies | None = None
        self.client.create_bucket(Bucket=dest)
        self._stub = stub
        self._folder = folder
        self._file = folder / "checkpoint.json"
        stub.upstream = moto.endpoint_url
        stub.rules = [self.wire.rule]

    def use(self, copies: ForkedCopies) -> None:
        """Each attempt is one of these."""
        self.copies = copies
        self.wire.kill = copies.kill

    def attempt(self) -> bool:
        """Run once; whether it was killed. An attempt that dies in any other way fails the test."""
        self.wire.attempt += 1
        assert self.copies is not None
        self.copies.begin(self._arguments())
        code = self.copies.wait()
        self.wire.wait_until_drained()
        if code == -signal.SIGKILL:
            self.killed.append(Killed(self.wire.attempt, self.saved()))
            return True
        assert code == 0, self.copies.errors.read_text()
        self.counts = json.loads(self.copies.output.read_text())
        return False

    def saved(self) -> CheckpointState | None:
        """What the file holds."""
        text = self._text()
        return from_json(json.loads(text))[0] if text else None

    def wait_for_saves(self, number: int) -> None:
        """Until the attempt that runs has saved so often from here on. One save may have begun before."""
        seen = {self._text()}

        def enough() -> bool:
            seen.add(self._text())
            return len(seen) > number

        wait_until_saved(enough)

    def must_be_whole(self) -> None:
        """The copy is complete, and the checkpoint says so and is the only file that is left."""
        self.must_be_complete()
        last = self.saved()
        assert last is not None
        assert last.finished
        assert [path.name for path in self._folder.iterdir()] == [self._file.name]

    def must_be_complete(self) -> None:
        """Nothing is lost, nothing is wrong, no upload is open, and the counts of the last attempt cover all."""
        assert content(self.client, self.dest, "q/") == self.source.content
        assert self.client.list_multipart_uploads(Bucket=self.dest).get("Uploads", []) == []
        assert self.counts["listed"] == KEYS
        assert self.counts["copied"] + self.counts["skipped"] == KEYS
        # An ETag that cannot be compared does not tell that an earlier attempt made the copy, and nobody knows of an
        # attempt that was killed before it had saved when it began: copies wait for that save, but not for long.
        unsaved = {killed.attempt for killed in self.killed if killed.state is None or not killed.state.began}
        made = [*self.wire.applied("CopyObject"), *self.wire.applied("CompleteMultipartUpload")]
        assert self.counts["skipped"] <= 2 + len({seen.key for seen in made if seen.attempt in unsaved})

    def must_not_have_copied_twice(self) -> None:
        """No copy but of what was not settled at a kill, nor of anything that S3 had done by then."""
        copies = Counter(seen.key for seen in self.wire.applied("CopyObject"))
        assert [key for key, times in copies.items() if times > 1] == []
        parts = Counter((seen.key, seen.upload_id, seen.part) for seen in self.wire.applied("UploadPartCopy"))
        assert [part for part, times in parts.items() if times > 1] == []
        for killed in self.killed:
            if killed.state is not None:
                self._must_respect(killed.attempt, killed.state)

    def _must_respect(self, attempt: int, state: CheckpointState) -> None:
        """What was settled is not asked for again, and the next attempt goes on with an upload that was recorded."""
        later = [seen for seen in [*self.wire.done, *self.wire.lost] if seen.attempt > attempt]
        copied = {seen.key for seen in later if seen.operation in ("CopyObject", "UploadPartCopy")}
        assert [key for key in copied if not _holds(state, "p/" + key[len("q/") :])] == []
        created = {
            seen.key for seen in later if (seen.attempt, seen.operation) == (attempt + 1, "CreateMultipartUpload")
        }
        # Of an upload that S3 completed although no answer came, nothing is left but its copy.
        completed = {seen.upload_id for seen in self.wire.applied("CompleteMultipartUpload")}
        assert created & {upload.dest_key for upload in state.uploads if upload.upload_id not in completed} == set()

    def clear(self) -> None:
        """moto keeps everything in this process."""
        there = [{"Key": f"q/{key}"} for key in self.source.content]
        self.client.delete_objects(Bucket=self.dest, Delete={"Objects": there, "Quiet": True})

    def _text(self) -> str:
        return self._file.read_text() if self._file.exists() else ""

    def _arguments(self) -> dict[str, object]:
        account = self.moto.dst
        session = {
            "aws_access_key_id": account.access_key,
            "aws_secret_access_key": account.secret_key,
            "aws_session_token": account.session_token,
            "region_name": "us-east-1",
        }
        return {
            "source": f"s3://{self.source.bucket}/p/",
            "dest": f"s3://{self.dest}/q/",
            "session": session,
            "endpoint_url": self._stub.endpoint_url,
            "botocore_config": {"s3": {"addressing_style": "path"}, "proxies": {}},
            "checkpoint": str(self._file),
            **OPTIONS,
        }


def wait_until_saved(holds: Callable[[], object]) -> None:
    """For what a process that is to be killed has to have saved first."""
    wait_until(holds, SAVES_TIMEOUT_S, lambda: "it was not saved", poll_s=0.01)


def _holds(state: CheckpointState, key: str) -> bool:
    return any(one.after < key and (one.end is None or key <= one.end) for one in state.remaining)


def clean_environment() -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "AIRFLOW"))}
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return {**clean, **nowhere, "AWS_EC2_METADATA_DISABLED": "true"}
