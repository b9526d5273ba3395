"""The proxy that sees everything a dying process asked for, and says when it dies."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from typing import NamedTuple

from tests.servers.http_messages import DROP, Answer, Request, Response
from tests.servers.stub_server import StubServer

DRAINED_TIMEOUT_S = 120.0
WRITES = frozenset(
    {"CopyObject", "UploadPartCopy", "CreateMultipartUpload", "CompleteMultipartUpload", "AbortMultipartUpload"}
)

_UPLOAD_ID = re.compile(rb"<UploadId>(.*?)</UploadId>")
_INITIATED = re.compile(rb"(<UploadId>(.*?)</UploadId><Key>[^<]*</Key><Initiated>)[^<]*")


def _nothing() -> None:
    pass


def _always() -> bool:
    return True


class Seen(NamedTuple):
    """One request that S3 did; `attempt` counts the processes, from 1."""

    attempt: int
    operation: str
    key: str
    upload_id: str
    part: str


class Moment(NamedTuple):
    """When to kill: as the n-th request of all attempts comes, before S3 sees it or (`applied`) after S3 did it.

    With `operation` only those requests count, and none as long as it is not `ready`; with `upload_ids` only one for
    such an upload is the moment. `wait` is what the process still lives to do before it dies, while it waits for the
    answer.
    """

    number: int
    applied: bool
    operation: str | None = None
    wait: Callable[[], None] = _nothing
    ready: Callable[[], bool] = _always
    upload_ids: frozenset[str] | None = None


class Clock:
    """Fires once, so long after its start. Whoever must not be done before waits."""

    def __init__(self, delay_s: float, waits_at: int) -> None:
        self.waits_at = waits_at
        self._delay_s = delay_s
        self._begun = threading.Lock()
        self._over = threading.Event()

    def start(self, fire: Callable[[], None]) -> None:
        """Begin to count, if that was not done yet."""
        if self._begun.acquire(blocking=False):
            threading.Timer(self._delay_s, self._fired, [fire]).start()

    def wait(self) -> None:
        self._over.wait(DRAINED_TIMEOUT_S)

    def _fired(self, fire: Callable[[], None]) -> None:
        fire()
        self._over.set()


class Wire:
    """A rule for a stub in front of a real server; `kill` is called once for each moment, on a thread of the stub."""

    def __init__(self, stub: StubServer) -> None:
        self.done: list[Seen] = []
        self.lost: list[Seen] = []
        self.attempt = 0
        self.moment: Moment | None = None
        self.kill: Callable[[], None] = _nothing
        self._clock: Clock | None = None
        self._stub = stub
        self._began: dict[bytes, str] = {}
        self._counts: dict[str | None, int] = {}
        self._lock = threading.Lock()

    def rule(self, request: Request) -> Answer:
        operation = request.operation
        with self._lock:
            attempt = self.attempt
            moment = self._due(operation, request.query.get("uploadId", ""))
            clock, number = self._clock, self._counts[None]
        if clock is not None:
            clock.start(self.kill)
        query = request.query
        seen = Seen(attempt, operation, request.key, query.get("uploadId", ""), query.get("partNumber", ""))
        if moment is not None and not moment.applied:
            self.lost.append(seen)
            moment.wait()
            self.kill()
            return DROP
        response = self._forwarded(request, operation)
        if response.status == 200 and operation in WRITES:
            self.done.append(seen)
        if moment is not None:
            moment.wait()
            self.kill()
            return DROP
        if clock is not None and number >= clock.waits_at:
            clock.wait()
        return response

    def kill_by_the_clock(self, delay_s: float, before: int) -> None:
        """Kill so long after the first request, and in any case before the n-th is answered."""
        self._clock = Clock(delay_s, before)

    def applied(self, operation: str) -> list[Seen]:
        """What S3 did of this kind."""
        return [seen for seen in self.done if seen.operation == operation]

    def wait_until_drained(self) -> None:
        """The dead process's requests are still on their way: go on only after S3 has done them all."""
        deadline = time.monotonic() + DRAINED_TIMEOUT_S
        while self._stub._listener._open:
            assert time.monotonic() < deadline, "connections of a dead process stay open"
            time.sleep(0.005)

    def _forwarded(self, request: Request, operation: str) -> Response:
        """moto says of every upload that it began in 2010: put right here, from when it really did."""
        response = self._stub.forward(request)
        if response.status == 200 and operation == "CreateMultipartUpload":
            self._began[_UPLOAD_ID.findall(response.body)[0]] = datetime.now(timezone.utc).isoformat()[:19] + ".000Z"
        if response.status == 200 and operation == "ListMultipartUploads":
            body = _INITIATED.sub(lambda found: found[1] + self._began[found[2]].encode(), response.body)
            return replace(response, body=body)
        return response

    def _due(self, operation: str, upload_id: str) -> Moment | None:
        """Count the request; the moment, if this is it."""
        for kind in (None, operation):
            self._counts[kind] = self._counts.get(kind, 0) + 1
        moment = self.moment
        if moment is None or moment.operation not in (None, operation) or not moment.ready():
            return None
        if moment.upload_ids is not None and upload_id not in moment.upload_ids:
            return None
        if self._counts[moment.operation] < moment.number:
            return None
        self.moment = None
        return moment
