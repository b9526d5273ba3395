"""Two buckets of two accounts behind a scriptable proxy, and what must be true after any run through it.

Everything that a test prepares or checks goes past the proxy, with plain boto3.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from s3_crosscopy import CopyFailed, Reason, Report, copy
from s3_crosscopy.model.events import Event
from s3_crosscopy.model.tally import Tally
from tests.faults.conditional_requests import s3_conditions
from tests.servers.stub_rules import forward_all
from tests.servers.stub_server import Rule, StubServer

KEYS = ("a", "c/d e+%41", "ü", "z")
SOURCE_PREFIX, DEST_PREFIX = "events/", "in/"
LARGE = "large"
PART = 5 * 2**20
LARGE_BYTES = os.urandom(2 * PART + 4321)
IN_PARTS: dict[str, Any] = {"multipart_threshold": PART, "part_size": PART}


class Ended(NamedTuple):
    """How a run ended: its report, what it raised (None for a success), what it told on the way."""

    report: Report
    error: CopyFailed | None
    events: Sequence[Event]


class Events:
    """A sink that keeps everything."""

    def __init__(self) -> None:
        self.all: list[Event] = []

    def emit(self, event: Event) -> None:
        self.all.append(event)


class World:
    """`path` are the arguments of `copy` that choose a data path; `owner` and `reader` are the accounts' clients.

    `session` is the copier's: one for all runs, because making a session's first client takes longer than the run.
    """

    def __init__(self, stub: StubServer, session: Any, owner: Any, reader: Any, path: Mapping[str, Any]) -> None:
        run = uuid.uuid4().hex[:10]
        self.stub = stub
        self.source, self.dest = f"src-{run}", f"dst-{run}"
        self.owner, self.reader = owner, reader
        self._session = session
        self._path = path
        owner.create_bucket(Bucket=self.source)
        reader.create_bucket(Bucket=self.dest)
        self.script()

    def script(self, *faults: Rule) -> None:
        """From now on these faults, and behind them what S3 does."""
        self.stub.rules = [*faults, s3_conditions(self.owner, self.reader), forward_all]

    def seed(self, keys: Sequence[str] = KEYS) -> None:
        """Small objects, each with a content and metadata of its own."""
        for number, key in enumerate(keys):
            self.put(key, f"{key} {number}".encode(), Metadata={"number": str(number)}, ContentType="text/x-event")

    def seed_large(self) -> None:
        """One object of three parts."""
        self.put(LARGE, LARGE_BYTES, Metadata={"size": "large"})

    def put(self, key: str, body: bytes, **args: Any) -> None:
        """Write to the source."""
        self.owner.put_object(Bucket=self.source, Key=SOURCE_PREFIX + key, Body=body, **args)

    def delete(self, key: str) -> None:
        """Delete from the source."""
        self.owner.delete_object(Bucket=self.source, Key=SOURCE_PREFIX + key)

    def put_dest(self, key: str, body: bytes) -> None:
        """Write to the destination, as somebody else."""
        self.reader.put_object(Bucket=self.dest, Key=DEST_PREFIX + key, Body=body)

    def copy(self, *, attempts: int = 2, read_timeout: float = 10, **options: Any) -> Report:
        """Copy through the proxy with a client of few retries, without pauses unless told."""
        config = {
            "retries": {"total_max_attempts": attempts, "mode": "standard"},
            "connect_timeout": 5,
            "read_timeout": read_timeout,
            "s3": {"addressing_style": "path"},
            "proxies": {},
        }
        given = {"max_concurrency": 8, "outage_deadline": 0, **self._path, **options}
        if "profile" not in given:
            given.setdefault("session", self._session)
        return copy(
            f"s3://{self.source}/{SOURCE_PREFIX}",
            f"s3://{self.dest}/{DEST_PREFIX}",
            endpoint_url=self.stub.endpoint_url,
            region_name="us-east-1",
            botocore_config=config,
            **given,
        )

    def run(self, **options: Any) -> Ended:
        """Copy; a run that ended in failures is an end too."""
        events = Events()
        try:
            return Ended(self.copy(sink=events, **options), None, events.all)
        except CopyFailed as failed:
            if failed.report is None:
                raise
            return Ended(failed.report, failed, events.all)

    def sent(self, operation: str, key: str | None = None) -> int:
        """How many requests of an operation came, for one of the keys if it is named."""
        requests = self.stub.requests_of(operation)
        return sum(1 for request in requests if key is None or request.key == DEST_PREFIX + key)

    def uploads(self) -> list[str]:
        """The keys of the destination's open uploads."""
        said = self.reader.list_multipart_uploads(Bucket=self.dest)
        return [upload["Key"] for upload in said.get("Uploads", ())]

    def at_source(self) -> dict[str, tuple[Any, ...]]:
        return everything(self.owner, self.source, SOURCE_PREFIX)

    def at_dest(self) -> dict[str, tuple[Any, ...]]:
        return everything(self.reader, self.dest, DEST_PREFIX)

    def check(
        self,
        report: Report,
        *,
        failed: Mapping[str, Reason] | None = None,
        others: Mapping[str, bytes] | None = None,
        orphans: Sequence[str] = (),
    ) -> None:
        """What is named as failed is not there, everything else is right, every listed key has one outcome.

        `others` are keys that somebody else wrote to the destination: they have to be as they were. `orphans` are
        keys whose uploads nobody could abort.
        """
        failed, others = failed or {}, others or {}
        outcomes = {name: report.counts[name] for name in Tally.OUTCOMES}
        assert sum(outcomes.values()) == report.counts["listed"], outcomes
        assert {failure.key: failure.reason for failure in report.failures} == {
            SOURCE_PREFIX + key: reason for key, reason in failed.items()
        }
        assert outcomes["failed"] == len(failed)
        source, there = self.at_source(), self.at_dest()
        assert {key: there.pop(key)[0] for key in others} == dict(others)
        left_out = {*failed, *others}
        assert there == {key: value for key, value in source.items() if key not in left_out}
        assert self.uploads() == [DEST_PREFIX + key for key in orphans]

    def finish(self, *, others: Mapping[str, bytes] | None = None, **options: Any) -> Report:
        """A run without faults does the rest."""
        self.script()
        report = self.copy(**options)
        self.check(report, others=others)
        assert report.ok
        return report


def everything(client: Any, bucket: str, prefix: str) -> dict[str, tuple[Any, ...]]:
    """Relative key to content, content type and metadata. moto loses tags between accounts."""
    found = {}
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for row in page.get("Contents", ()):
            said = client.get_object(Bucket=bucket, Key=row["Key"])
            found[row["Key"][len(prefix) :]] = (said["Body"].read(), said["ContentType"], said["Metadata"])
    return found
