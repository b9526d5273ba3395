"""A survey asks a real listing for few pages, several at once, and says what it cannot believe."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from s3_crosscopy.core.keyspace.estimator import KeySpace
from s3_crosscopy.engine.listing.sampler import survey
from s3_crosscopy.errors import Interrupted, ListingBroken, S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Listed, Page
from s3_crosscopy.model.operations import Done, ListPage, Throttled, TransportOp
from s3_crosscopy.model.outcomes import Reason
from tests.unit.key_space_samples import Keys, counters

BUCKET = Bucket("src")
KEYS = Keys([counters(60_000, "p/part-{:07d}")])


class ListingLane:
    """A lane that lists these keys, and gives the answers back in the wrong order. `most` were under way at once."""

    capacity = 64

    def __init__(self, page: Callable[[ListPage], Page | S3Error]) -> None:
        self.asked: list[str] = []
        self.most = 0
        self._page = page
        self._waiting: list[tuple[ListPage, object]] = []

    def submit(self, op: TransportOp, token: object) -> None:
        assert isinstance(op, ListPage)
        self.asked.append(op.start_after)
        self._waiting.append((op, token))
        self.most = max(self.most, len(self._waiting))

    def reap(self, timeout_s: float) -> list[Done | Throttled]:
        ended: list[Done | Throttled] = [Throttled(1)]
        for op, token in reversed(self._waiting):
            page = self._page(op)
            ended.append(Done(token, None, page) if isinstance(page, S3Error) else Done(token, page, None))
        self._waiting.clear()
        return ended

    def in_flight(self) -> int:
        return len(self._waiting)

    def wake(self) -> None:
        pass

    def close(self, grace_s: float) -> list[object]:
        return []


def listed(op: ListPage) -> Page:
    keys, more = KEYS.page(op.start_after)
    return Page([Listed(key, 1, "e", "2026-01-01T00:00:00Z") for key in keys], "more" if more else None)


def test_a_survey_asks_for_few_pages_a_few_at_once_and_cuts_evenly() -> None:
    lane, space = ListingLane(listed), KeySpace("p/")
    survey(lane, BUCKET, space, most_requests=80, shards=4, at_once=4)
    assert len(lane.asked) == space.requests <= 80
    assert lane.most == 4
    held = [KEYS.held(*cut.range) for cut in space.cut(4)]
    assert sum(held) == len(KEYS)
    assert max(held) <= 2 * len(KEYS) / 4


def test_a_survey_keeps_to_its_requests_and_goes_on_when_it_is_called_again() -> None:
    lane, space = ListingLane(listed), KeySpace("p/")
    survey(lane, BUCKET, space, most_requests=5, shards=4, at_once=4)
    assert space.requests == 5
    survey(lane, BUCKET, space, most_requests=6, shards=4, at_once=4)
    assert space.requests == 11


def test_a_server_that_does_not_begin_where_it_is_told_to_is_told_as_that() -> None:
    lane = ListingLane(lambda op: listed(op._replace(start_after="")))
    with pytest.raises(ListingBroken, match="copy without shards"):
        survey(lane, BUCKET, KeySpace("p/"), most_requests=80, shards=4, at_once=4)


def test_a_refused_page_ends_the_survey() -> None:
    refused = S3Error(
        call="ListObjectsV2",
        bucket="src",
        key="p/",
        code="AccessDenied",
        status=403,
        message="no",
        reason=Reason.DENIED,
    )
    with pytest.raises(S3Error, match="AccessDenied"):
        survey(ListingLane(lambda op: refused), BUCKET, KeySpace("p/"), most_requests=80, shards=4, at_once=4)


def test_a_survey_that_is_to_stop_asks_no_more() -> None:
    cancel = threading.Event()
    cancel.set()
    lane = ListingLane(listed)
    with pytest.raises(Interrupted, match="nothing was written"):
        survey(lane, BUCKET, KeySpace("p/"), most_requests=80, shards=4, at_once=4, cancel=cancel)
    assert lane.asked == []
