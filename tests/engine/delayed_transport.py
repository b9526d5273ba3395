"""A lane in virtual time: a LIST takes one while, a copy another, and any number of them are under way at once."""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from s3_crosscopy.model.objects import Listed, Page
from s3_crosscopy.model.operations import Done, ListPage, Throttled, TransportOp
from s3_crosscopy.ports import BlockingS3
from s3_crosscopy.testing import VirtualClock
from s3_crosscopy.testing.port_wrapper import Wrapped
from tests.engine.steady_transport import SteadyTransport


class LateLane(SteadyTransport):
    """Answers in the order in which they are due. `most_lists` is how many LISTs were ever under way at once."""

    def __init__(
        self, source: BlockingS3, dest: BlockingS3, clock: VirtualClock, list_s: float = 0.1, copy_s: float = 0.04
    ) -> None:
        super().__init__(source, dest, clock=clock)
        self.most_lists = 0
        self._list_s = list_s
        self._copy_s = copy_s
        self._due_at: list[tuple[float, int, TransportOp, object]] = []
        self._serial = 0
        self._now = clock.now
        self._advance = clock.advance

    def submit(self, op: TransportOp, token: object) -> None:
        self._serial += 1
        takes_s = self._list_s if isinstance(op, ListPage) else self._copy_s
        heapq.heappush(self._due_at, (self._now() + takes_s, self._serial, op, token))
        lists = sum(isinstance(one[2], ListPage) for one in self._due_at) if isinstance(op, ListPage) else 0
        self.most_lists = max(self.most_lists, lists)

    def reap(self, timeout_s: float) -> Sequence[Done | Throttled]:
        if self._due_at:
            wait_s = min(self._due_at[0][0] - self._now(), timeout_s)
            self._advance(max(0.0, wait_s))
            while self._due_at and self._due_at[0][0] <= self._now() + 1e-9:
                _, _, op, token = heapq.heappop(self._due_at)
                super().submit(op, token)
        return super().reap(timeout_s if not self._due_at else 0)

    def in_flight(self) -> int:
        return len(self._due_at) + super().in_flight()

    def close(self, grace_s: float) -> Sequence[object]:
        return [one[3] for one in self._due_at] + list(super().close(grace_s))


class Listings(Wrapped):
    """A port whose listing is made beforehand: a hundred thousand keys would take the memory store minutes."""

    def __init__(self, inner: BlockingS3, keys: Iterable[str]) -> None:
        super().__init__(inner)
        self._keys = sorted(keys)
        self._objects = [Listed(key, 3, "0" * 32, "2026-11-01T10:00:00+00:00") for key in self._keys]

    def list_page(self, op: ListPage) -> Page:
        def send() -> Page:
            first = bisect_right(self._keys, op.start_after if op.token is None else op.token)
            page = self._objects[first : first + op.max_keys]
            more = first + op.max_keys < len(self._keys)
            return Page(page, page[-1].key if more else None, "2026-11-01T10:00:00+00:00")

        return self._request("ListObjectsV2", op.bucket.name, op.prefix, send)
