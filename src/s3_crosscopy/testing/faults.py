"""Scripted faults for a blocking S3 client: refused requests, lost responses, throttling, and bugs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from s3_crosscopy.core.error_codes import classify, is_own_head
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.ports import BlockingS3
from s3_crosscopy.testing.port_wrapper import Wrapped

T = TypeVar("T")


@dataclass(frozen=True)
class Fault:
    """A fault of some requests of the operation `call`.

    It is about the requests for `key` (the source key of a copy, the prefix of a listing), or for any key when that is
    None: the first `skip` of them pass, the next `times` meet the fault (None: all), the rest pass again.

    `code` and `status` make the S3Error; status 0 means that no answer came. With `proxy` the answer is not S3's own,
    and has no request id. With `applied` the request is done first and only its answer is lost, unless it is refused
    itself. `throttled` attempts are counted as if the client library had retried them inside the call; with an empty
    code that is all that happens. `raises` is raised in place of an S3Error: a bug, which nobody may take for an
    outcome.
    """

    call: str
    code: str = ""
    status: int = 0
    key: str | None = None
    times: int | None = 1
    skip: int = 0
    applied: bool = False
    proxy: bool = False
    throttled: int = 0
    raises: BaseException | None = None

    def error(self, bucket: str, key: str) -> BaseException | None:
        """Return the error to raise, or None."""
        if self.raises is not None or not self.code:
            return self.raises
        request_id = "SCRIPTED" if self.status and not self.proxy else ""
        return S3Error(
            call=self.call,
            bucket=bucket,
            key=key,
            code=self.code,
            status=self.status,
            message="scripted",
            reason=classify(self.code, self.status, own_head=is_own_head(self.call, request_id)),
            request_id=request_id,
        )


class Faulty(Wrapped):
    """A client whose requests fail by a script. The first fault that applies is used.

    Every fault counts its own requests, those too that an earlier fault of the script took. Thread-safe; `throttled`
    is the inner port's and the scripted ones.
    """

    def __init__(self, inner: BlockingS3, script: Iterable[Fault]) -> None:
        super().__init__(inner)
        self._script = [(fault, _Turn(fault)) for fault in script]
        self._throttled = 0
        self._lock = threading.Lock()

    def throttled(self) -> int:
        return self._inner.throttled() + self._throttled

    def met(self) -> int:
        """The number of requests with a fault so far."""
        return sum(turn.met for _, turn in self._script)

    def _request(self, call: str, bucket: str, key: str, send: Callable[[], T]) -> T:
        fault = self._next(call, key)
        if fault is None:
            return send()
        error = fault.error(bucket, key)
        self._count(fault, error)
        if error is None:
            return send()
        if fault.applied:
            send()
        raise error

    def _next(self, call: str, key: str) -> Fault | None:
        with self._lock:
            due = [(fault, turn) for fault, turn in self._script if fault.call == call and fault.key in (None, key)]
            hits = [(fault, turn) for fault, turn in due if turn.take()]
            if not hits:
                return None
            fault, turn = hits[0]
            turn.met += 1
            return fault

    def _count(self, fault: Fault, error: BaseException | None) -> None:
        last = isinstance(error, S3Error) and error.reason is Reason.THROTTLED
        with self._lock:
            self._throttled += fault.throttled + last


class _Turn:
    """Progress of one fault of the script."""

    def __init__(self, fault: Fault) -> None:
        self.met = 0
        self._seen = 0
        self._fault = fault

    def take(self) -> bool:
        """Count a request; return True if the fault applies to it."""
        self._seen += 1
        after_skipped = self._seen - self._fault.skip
        return after_skipped > 0 and (self._fault.times is None or after_skipped <= self._fault.times)
