"""The fast transport: direct connections and libcurl on the thread of its user, and boto3 for what they cannot send.

Follows botocore's endpoint: send, parse, ask the retry handlers, wait, send again. A request that waits for its next
attempt is an entry in a heap.
"""

from __future__ import annotations

import heapq
import time
from collections import deque
from collections.abc import Sequence
from itertools import count

from botocore.exceptions import BotoCoreError, ClientError

from s3_crosscopy.adapters.boto.read_timeouts import silence_s
from s3_crosscopy.adapters.boto.s3 import BotoS3
from s3_crosscopy.adapters.fast.connection_limit import most_connections, most_of_curl
from s3_crosscopy.adapters.fast.curl_easy import Transfer
from s3_crosscopy.adapters.fast.curl_errors import raised_for
from s3_crosscopy.adapters.fast.curl_multi import Ended, Multi
from s3_crosscopy.adapters.fast.curl_request import CurlRequest
from s3_crosscopy.adapters.fast.direct_requests import DirectRequests, Then
from s3_crosscopy.adapters.fast.fallback import Fallback, MakeTransport
from s3_crosscopy.adapters.fast.idle_transfers import IdleTransfers
from s3_crosscopy.adapters.fast.request_builder import RequestBuilder
from s3_crosscopy.adapters.fast.request_template import Incompatible
from s3_crosscopy.adapters.fast.responses import (
    Parsed,
    Response,
    bucket_of,
    error_from,
    is_bare_400,
    is_redirect,
    parsed_by_botocore,
    usual_value,
)
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.operations import Done, Side, Throttled, TransportOp, TransportValue

CHECKS_PER_TIMEOUT = 8
"""The checks of a transfer within its read time-out: a silence may be noticed late by the time between two of them."""
READ_AT_ONCE_BYTES = 2 * 2**20
"""Bytes of responses, some seven pages of a listing, that one `reap` reads. A page that was read takes half as much
memory again until the loop takes its keys: with no limit, all that a fast server sends at once would be the peak."""


class CurlTransport:
    """See `ports.Transport`.

    `source` and `dest` are the clients of the two principals, or one client twice. `make_fallback` makes the transport
    for requests that only botocore can make; it is called when the first of them comes.
    """

    def __init__(self, source: BotoS3, dest: BotoS3, make_fallback: MakeTransport) -> None:
        self.capacity = most_connections()
        self._dest = RequestBuilder(dest)
        self._source = self._dest if source is dest else RequestBuilder(source)
        self._multi = Multi(most_of_curl())
        self._direct = DirectRequests(self._multi, Then(self._read_response, self._retry_or_end, self._start))
        self._fallback = Fallback(make_fallback, self._multi.wake)
        self._redirected: set[tuple[Side, str]] = set()
        self._idle = IdleTransfers(self._multi.opened)
        self._waiting: list[tuple[float, int, CurlRequest]] = []
        # More than there are connections: libcurl would count the wait for one as time to connect.
        self._queued: deque[CurlRequest] = deque()
        self._serial = count()
        self._done: list[Done] = []
        self._unread: deque[Ended] = deque()
        self._in_flight = 0
        self._throttled = 0
        read_timeouts = [builder.client.meta.config.read_timeout for builder in (self._source, self._dest)]
        self._check_every_s = min(silence_s(timeout_s, "GET") for timeout_s in read_timeouts) / CHECKS_PER_TIMEOUT
        self._next_check = 0.0
        self._closed = False

    def submit(self, op: TransportOp, token: object) -> None:
        if self._closed:
            raise RuntimeError("CurlTransport: submit after close")
        sent_to = bucket_of(op)
        if sent_to in self._redirected:
            self._fallback.submit(op, token)
            return
        builder = self._source if sent_to[0] is Side.SOURCE else self._dest
        self._in_flight += 1
        self._start(CurlRequest(op, token, builder))

    def reap(self, timeout_s: float) -> Sequence[Done | Throttled]:
        until = time.monotonic() + timeout_s
        while True:
            self._start_due()
            woken = self._advance(0.0 if self._done else until - time.monotonic())
            results: list[Done | Throttled] = [*self._done, *self._fallback.reap(), *self._throttles()]
            self._in_flight -= len(self._done)
            self._done.clear()
            if results or woken or time.monotonic() >= until:
                return results

    def in_flight(self) -> int:
        return self._in_flight + self._fallback.in_flight()

    def wake(self) -> None:
        self._multi.wake()

    def close(self, grace_s: float) -> Sequence[object]:
        if self._closed:
            return []
        self._closed = True
        until = time.monotonic() + grace_s
        unknown = [pending.token for _, _, pending in self._waiting]
        unknown += [pending.token for pending in self._queued]
        self._waiting.clear()
        self._queued.clear()
        self._direct.send()
        while (self._multi.running() or self._direct.running()) and (remaining_s := until - time.monotonic()) > 0:
            self._multi.wait(remaining_s)
        unknown += [transfer.subject.token for transfer in self._multi.running()]
        unknown += [pending.token for pending in self._direct.running()]
        self._direct.close()
        self._multi.close()
        self._idle.close(transfer for transfer, _, _ in self._unread)
        self._unread.clear()
        self._in_flight = 0
        for builder in {self._source, self._dest}:
            builder.close()
        return unknown + self._fallback.close(max(0.0, until - time.monotonic()))

    def _start(self, pending: CurlRequest) -> None:
        """Send an attempt. A request that only botocore can make goes to the fallback; a refusal is its outcome."""
        try:
            prepared = pending.request = pending.builder.prepared(pending.op)
            now = time.monotonic()
            if pending.method != "GET" and self._direct.takes(pending, prepared, now):
                return
            if self._multi.full():
                self._queued.append(pending)
                return
            self._multi.start(self._idle.prepared(pending, prepared, now))
        except Incompatible:
            self._hand_over(pending)
        except (S3Error, BotoCoreError, ClientError) as error:
            self._end(pending, None, error_from(pending.op, error))

    def _start_due(self) -> None:
        """Send the retries whose pause is over, and the queued requests for which there are connections."""
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            self._start(heapq.heappop(self._waiting)[2])
        while self._queued and not self._multi.full():
            self._start(self._queued.popleft())

    def _advance(self, wait_s: float) -> bool:
        """Let transfers proceed for up to `wait_s` seconds or until one ends. Returns True if `wake` was called."""
        self._direct.send()
        now = time.monotonic()
        if self._waiting:
            wait_s = min(wait_s, self._waiting[0][0] - now)
        if self._in_flight:
            wait_s = min(wait_s, self._next_check - now)
        ended, woken = self._multi.wait(0.0 if self._unread or self._direct.has_ended() else max(0.0, wait_s))
        self._unread.extend(ended)
        woken |= self._check_timeouts(len(ended))
        self._direct.read_ended()
        remaining = READ_AT_ONCE_BYTES
        while self._unread and remaining > 0:
            remaining -= self._read(*self._unread.popleft())
        return woken

    def _check_timeouts(self, ended: int) -> bool:
        """End the transfers that have been silent for too long, or take too long. Returns True if `wake` was called.

        Only after everything was read that had come: the loop may have been away for longer than the read time-out.
        """
        now = time.monotonic()
        woken = False
        if now < self._next_check:
            return woken
        self._next_check = now + self._check_every_s
        while ended:
            more, called = self._multi.wait(0.0)
            woken |= called
            self._unread.extend(more)
            ended = len(more)
        for stalled in self._multi.end_stalled(now):
            self._read(*stalled)
        self._direct.end_stalled(now)
        return woken

    def _read(self, transfer: Transfer, code: int, text: str) -> int:
        """Read what a transfer received; returns its bytes. `code` and `text` as in `curl_multi.Ended`."""
        pending: CurlRequest = transfer.subject
        transfer.subject = None
        if code != 0:
            raised = raised_for(code, text, pending.url, transfer.over)
            transfer.curl.close()
            self._retry_or_end(pending, None, raised)
            return 0
        self._direct.learn(pending, transfer.curl, time.monotonic())
        response = Response(transfer.status, transfer.lines, b"".join(transfer.body))
        transfer.body.clear()  # A page has 300 KB, and the handle may be idle for long.
        self._read_response(pending, response)
        transfer.idle.append(transfer)
        return len(response.body)

    def _read_response(self, pending: CurlRequest, response: Response) -> None:
        try:
            value = usual_value(pending.op, response)
            if value is not None:
                pending.builder.retries.succeeded(pending.call, pending.context, response.status)
                self._end(pending, value, None)
            else:
                self._read_by_botocore(pending, response)
        except S3Error as error:
            self._end(pending, None, error)

    def _read_by_botocore(self, pending: CurlRequest, response: Response) -> None:
        """Read an error, or a success in another form than the usual one."""
        parsed = parsed_by_botocore(pending.builder.client, pending.op, response, pending.url)
        if is_redirect(parsed):
            self._redirected.add(bucket_of(pending.op))
        elif not is_bare_400(pending.op, parsed):
            self._retry_or_end(pending, parsed, None)
            return
        self._hand_over(pending)

    def _retry_or_end(self, pending: CurlRequest, parsed: Parsed | None, raised: Exception | None) -> None:
        """Schedule another attempt if botocore would make one; otherwise this was the last one."""
        pause_s = pending.retry_pause_s(parsed, raised)
        if pause_s is not None:
            heapq.heappush(self._waiting, (time.monotonic() + pause_s, next(self._serial), pending))
        elif parsed is not None:
            self._end(pending, *pending.outcome(parsed))
        else:
            assert raised is not None
            self._end(pending, None, error_from(pending.op, raised))

    def _end(self, pending: CurlRequest, value: TransportValue | None, error: S3Error | None) -> None:
        self._done.append(Done(pending.token, value, error))

    def _hand_over(self, pending: CurlRequest) -> None:
        self._in_flight -= 1
        self._fallback.submit(pending.op, pending.token)

    def _throttles(self) -> list[Throttled]:
        """The throttled attempts since the last call, those of the fallback included."""
        throttled = sum(builder.throttled() for builder in {self._source, self._dest})
        new, self._throttled = throttled - self._throttled, throttled
        return [Throttled(new)] if new > 0 else []
