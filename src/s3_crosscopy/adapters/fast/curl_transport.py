"""The hot port over libcurl: one thread, no thread of its own, boto behind it for whatever it cannot do itself.

Follows botocore's endpoint: send, parse, ask the retry handlers, wait, send again. A request that waits for its next
attempt is an entry in a heap.
"""

from __future__ import annotations

import heapq
import time
from collections import deque
from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from s3_crosscopy.adapters.boto.injection_guard import NotSendable
from s3_crosscopy.adapters.boto.read_timeouts import silence_s
from s3_crosscopy.adapters.boto.s3 import BotoS3
from s3_crosscopy.adapters.fast.compatibility import settings_of
from s3_crosscopy.adapters.fast.curl_easy import Transfer
from s3_crosscopy.adapters.fast.curl_errors import READ_TIMED_OUT, raised_for
from s3_crosscopy.adapters.fast.curl_multi import Ended, Multi, most_connections
from s3_crosscopy.adapters.fast.request_builder import RequestBuilder
from s3_crosscopy.adapters.fast.request_template import Incompatible
from s3_crosscopy.adapters.fast.responses import (
    CALLS,
    Parsed,
    Response,
    about,
    error_from,
    error_of,
    is_redirect,
    parsed_by_botocore,
    usual_value,
    value_of,
)
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.operations import Done, ListPage, Side, Throttled, TransportOp, TransportValue
from s3_crosscopy.ports import Transport

MakeLane = Callable[[Callable[[], None]], Transport]
"""Makes the lane behind this one; it calls what it is given when one of its requests ends."""
LOOKS = 8
"""How often a transfer is looked at within its read time-out: so much later a silence may be noticed."""
READ_AT_ONCE_BYTES = 2 * 2**20
"""So much of what came is read between two looks at the loop: some seven pages. A page that was read takes half as much
memory again, and is held until the loop takes its keys; all that a fast server sends at once would be the peak."""


class _Flight:
    """One request until it has ended. `context` is what botocore's handlers keep with it, from its first failure on."""

    __slots__ = ("attempts", "context", "op", "principal", "token", "url")

    def __init__(self, op: TransportOp, token: object, principal: RequestBuilder) -> None:
        self.op = op
        self.token = token
        self.principal = principal
        self.attempts = 1
        self.context: dict[str, Any] | None = None
        self.url = ""


class CurlTransport:
    """See `ports.Lane`. `behind` is made when it is first needed."""

    def __init__(self, source: BotoS3, dest: BotoS3, behind: MakeLane) -> None:
        self.capacity = most_connections()
        self._dest = RequestBuilder(dest)
        self._source = self._dest if source is dest else RequestBuilder(source)
        self._multi = Multi(self.capacity)
        self._idle: dict[tuple[int, str], list[Transfer]] = {}
        self._waiting: list[tuple[float, int, _Flight]] = []
        # More than there are connections: to libcurl the wait for one would be part of the time to connect.
        self._queued: deque[_Flight] = deque()
        self._serial = count()
        self._told: list[Done] = []
        self._unread: deque[Ended] = deque()
        self._in_flight = 0
        self._make_behind = behind
        self._behind: Transport | None = None
        self._elsewhere: set[tuple[Side, str]] = set()
        self._throttled = 0
        configured = [one.client.meta.config.read_timeout for one in (self._source, self._dest)]
        self._look_every_s = min(silence_s(each, "GET") for each in configured) / LOOKS
        self._look_at = 0.0
        self._closed = False

    def submit(self, op: TransportOp, token: object) -> None:
        if self._closed:
            raise RuntimeError("s3-lane: submit after close")
        if self._elsewhere and _bucket(op) in self._elsewhere:
            self._hand_over(op, token)
            return
        principal = self._source if isinstance(op, ListPage) and op.side is Side.SOURCE else self._dest
        self._in_flight += 1
        self._begin(_Flight(op, token, principal))

    def reap(self, timeout_s: float) -> Sequence[Done | Throttled]:
        until = time.monotonic() + timeout_s
        while True:
            self._begin_again()
            woken = self._move(0.0 if self._told else until - time.monotonic())
            told: list[Done | Throttled] = [*self._told, *self._reap_behind(), *self._throttles()]
            self._in_flight -= len(self._told)
            self._told.clear()
            if told or woken or time.monotonic() >= until:
                return told

    def in_flight(self) -> int:
        return self._in_flight + (self._behind.in_flight() if self._behind is not None else 0)

    def wake(self) -> None:
        self._multi.wake()

    def close(self, grace_s: float) -> Sequence[object]:
        if self._closed:
            return []
        self._closed = True
        until = time.monotonic() + grace_s
        unknown = [flight.token for _, _, flight in self._waiting]
        unknown += [flight.token for flight in self._queued]
        self._waiting.clear()
        self._queued.clear()
        while self._multi.running() and (left_s := until - time.monotonic()) > 0:
            self._multi.wait(left_s)
        unknown += [transfer.subject.token for transfer in self._multi.running()]
        self._multi.close()
        for transfer in (*(one for idle in self._idle.values() for one in idle), *(one for one, _, _ in self._unread)):
            transfer.curl.close()
        self._unread.clear()
        self._idle.clear()
        self._in_flight = 0
        for principal in {self._source, self._dest}:
            principal.close()
        if self._behind is not None:
            unknown += self._behind.close(max(0.0, until - time.monotonic()))
        return unknown

    def _begin(self, flight: _Flight) -> None:
        """Send an attempt. What botocore alone can do goes to it; its refusal is an end like any other."""
        if self._multi.full():
            self._queued.append(flight)
            return
        try:
            flight.url, headers, fixed = flight.principal.wire(flight.op)
        except Incompatible:
            self._in_flight -= 1
            self._hand_over(flight.op, flight.token)
            return
        except S3Error as error:
            self._end(flight, None, about(flight.op, error))
            return
        except (BotoCoreError, ClientError) as error:
            self._end(flight, None, error_from(flight.op, error))
            return
        method = "GET" if isinstance(flight.op, ListPage) else "PUT"
        idle = self._idle.setdefault((id(flight.principal), method), [])
        if idle:
            transfer = idle.pop()
        else:
            settings = settings_of(flight.principal.client, flight.url)
            settings = settings._replace(read_timeout_s=silence_s(settings.read_timeout_s, method))
            transfer = Transfer(settings, method, idle, self._multi.opened)
        try:
            transfer.prepare(flight.url, headers, fixed, flight, time.monotonic())
        except NotSendable as error:
            idle.append(transfer)
            self._end(flight, None, error_from(flight.op, error))
            return
        self._multi.start(transfer)

    def _begin_again(self) -> None:
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            self._begin(heapq.heappop(self._waiting)[2])
        while self._queued and not self._multi.full():
            self._begin(self._queued.popleft())

    def _move(self, wait_s: float) -> bool:
        """Let transfers go on for so long or until one ends; whether somebody woke us."""
        now = time.monotonic()
        if self._waiting:
            wait_s = min(wait_s, self._waiting[0][0] - now)
        if self._in_flight:
            wait_s = min(wait_s, self._look_at - now)
        ended, woken = self._multi.wait(0.0 if self._unread else max(0.0, wait_s))
        self._unread.extend(ended)
        woken |= self._look(len(ended))
        left = READ_AT_ONCE_BYTES
        while self._unread and left > 0:
            left -= self._ended(*self._unread.popleft())
        return woken

    def _look(self, ended: int) -> bool:
        """Stop the transfers that have been silent for too long, or take too long. Whether somebody woke us meanwhile.

        Only after everything was read that had come: the loop may have been away for longer than the read time-out.
        """
        now = time.monotonic()
        woken = False
        if now < self._look_at:
            return woken
        self._look_at = now + self._look_every_s
        while ended:
            more, rung = self._multi.wait(0.0)
            woken |= rung
            self._unread.extend(more)
            ended = len(more)
        for transfer in self._multi.running():
            if transfer.is_silent(now):
                self._multi.stop(transfer)
                self._ended(transfer, READ_TIMED_OUT, "no byte came for as long as the read time-out")
            elif transfer.takes_too_long(now):
                self._multi.stop(transfer)
                self._ended(transfer, READ_TIMED_OUT, "")
        return woken

    def _ended(self, transfer: Transfer, code: int, text: str) -> int:
        """Read what came; how many bytes that was. `code` and `text` as in `multi.Ended`."""
        flight: _Flight = transfer.subject
        transfer.subject = None
        if code != 0:
            raised = raised_for(code, text, flight.url, transfer.over)
            transfer.curl.close()
            self._failed(flight, None, raised)
            return 0
        answer = Response(transfer.status, transfer.lines, b"".join(transfer.body))
        transfer.body.clear()  # A page has 300 KB, and the handle may be idle for long.
        try:
            value = usual_value(flight.op, answer)
            if value is not None:
                flight.principal.retries.succeeded(CALLS[type(flight.op)], flight.context, answer.status)
                self._end(flight, value, None)
            else:
                self._unusual(flight, answer)
        except S3Error as error:
            self._end(flight, None, error)
        transfer.idle.append(transfer)
        return len(answer.body)

    def _unusual(self, flight: _Flight, answer: Response) -> None:
        """An error, or a success in another form than the usual."""
        parsed = parsed_by_botocore(flight.principal.client, flight.op, answer, flight.url)
        if is_redirect(parsed):
            self._elsewhere.add(_bucket(flight.op))
            self._in_flight -= 1
            self._hand_over(flight.op, flight.token)
        else:
            self._failed(flight, parsed, None)

    def _failed(self, flight: _Flight, parsed: Parsed | None, raised: Exception | None) -> None:
        """Try again if botocore would. It asks its handlers about every answer, also about a success."""
        call = CALLS[type(flight.op)]
        if flight.context is None:
            flight.context = {"encoding_type_auto_set": True}
        pause_s = flight.principal.retries.pause_s(call, flight.attempts, flight.context, parsed, raised)
        if pause_s is not None:
            flight.attempts += 1
            heapq.heappush(self._waiting, (time.monotonic() + pause_s, next(self._serial), flight))
        elif parsed is None:
            assert raised is not None
            self._end(flight, None, error_from(flight.op, raised))
        else:
            flight.principal.retries.ended(call, flight.context, parsed)
            if parsed.ok:
                self._end(flight, value_of(flight.op, parsed.said), None)
            else:
                self._end(flight, None, error_of(flight.op, parsed))

    def _end(self, flight: _Flight, value: TransportValue | None, error: S3Error | None) -> None:
        self._told.append(Done(flight.token, value, error))

    def _hand_over(self, op: TransportOp, token: object) -> None:
        if self._behind is None:
            self._behind = self._make_behind(self._multi.wake)
        self._behind.submit(op, token)

    def _reap_behind(self) -> list[Done]:
        """Its throttles are counted by the ports, and told by us."""
        if self._behind is None:
            return []
        return [one for one in self._behind.reap(0) if isinstance(one, Done)]

    def _throttles(self) -> list[Throttled]:
        throttled = self._dest.throttled() + (self._source.throttled() if self._source is not self._dest else 0)
        more, self._throttled = throttled - self._throttled, throttled
        return [Throttled(more)] if more > 0 else []


def _bucket(op: TransportOp) -> tuple[Side, str]:
    return (op.side, op.bucket.name) if isinstance(op, ListPage) else (Side.DEST, op.dest.name)
