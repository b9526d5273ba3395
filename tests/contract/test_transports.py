"""What every lane does, over a port that does what the test says: no network, no sleeping, threads that always end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from s3_crosscopy.engine.threads import ThreadTransport
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Facts, Page, Part
from s3_crosscopy.model.operations import Copied, Copy, CopyPart, Done, Head, ListPage, Side, Throttled
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.ports import BlockingS3, Transport
from s3_crosscopy.testing import Counting, Fault, Faulty, InlineTransport, MemoryS3, MemoryStore, VirtualClock
from s3_crosscopy.testing.port_wrapper import Wrapped

T = TypeVar("T")
Make = Callable[[BlockingS3, BlockingS3], Transport]
SOURCE, DEST = Bucket("src"), Bucket("dst")
LIST = ListPage(Side.SOURCE, SOURCE, "")
LONG_S = 30.0
"""A test that waits that long has failed."""


def threads(source: BlockingS3, dest: BlockingS3) -> Transport:
    return ThreadTransport(source, dest, 3)


def inline(source: BlockingS3, dest: BlockingS3) -> Transport:
    return InlineTransport(source, dest)


def shuffled(source: BlockingS3, dest: BlockingS3) -> Transport:
    return InlineTransport(source, dest, seed=4)


@pytest.fixture(params=[threads, inline, shuffled])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes lanes that are closed afterwards."""
    lanes: list[Transport] = []

    def kept(source: BlockingS3, dest: BlockingS3) -> Transport:
        lanes.append(request.param(source, dest))
        return lanes[-1]

    yield kept
    for lane in lanes:
        lane.close(LONG_S)


@pytest.fixture
def store() -> MemoryStore:
    store = MemoryStore()
    store.create_bucket("src")
    store.create_bucket("dst")
    for number in range(20):
        store.put("src", f"key-{number:02}", str(number).encode())
    return store


def copy(store: MemoryStore, key: str) -> Copy:
    return Copy(SOURCE, key, DEST, key, store.get("src", key).etag, {})


def reap_all(lane: Transport) -> list[Done | Throttled]:
    """Everything until nothing is in flight."""
    told: list[Done | Throttled] = []
    while lane.in_flight():
        told += lane.reap(LONG_S)
    return told


def ends(lane: Transport) -> list[Done]:
    return [one for one in reap_all(lane) if isinstance(one, Done)]


def test_each_request_ends_once_with_its_own_token(make: Make, store: MemoryStore) -> None:
    lane = make(MemoryS3(store, "reader"), MemoryS3(store, "copier"))
    tokens = {key: object() for key in store.keys("src")}
    for key, token in tokens.items():
        lane.submit(copy(store, key), token)
    assert lane.in_flight() == 20

    done = ends(lane)

    assert len(done) == 20
    assert {one.token for one in done} == set(tokens.values())
    assert store.keys("dst") == store.keys("src")
    assert lane.reap(0) == []


def test_equal_tokens_are_no_trouble(make: Make, store: MemoryStore) -> None:
    lane = make(MemoryS3(store, "reader"), MemoryS3(store, "copier"))
    for _ in range(3):
        lane.submit(LIST, "token")

    assert [one.token for one in ends(lane)] == ["token"] * 3


def test_each_kind_of_request_has_its_own_answer(make: Make, store: MemoryStore) -> None:
    dest = MemoryS3(store, "copier")
    lane = make(MemoryS3(store, "reader"), dest)
    upload_id = dest.create_upload(DEST, "upload", {})
    etag = store.get("src", "key-10").etag
    lane.submit(LIST, "list")
    lane.submit(Head(Side.SOURCE, SOURCE, "key-01"), "head")
    lane.submit(copy(store, "key-00"), "copy")
    lane.submit(CopyPart(SOURCE, "key-10", DEST, "upload", etag, upload_id, 1, 0, 1), "part")

    kinds = {one.token: type(one.value) for one in ends(lane)}

    assert kinds == {"list": Page, "head": Facts, "copy": Copied, "part": Part}


def test_a_head_takes_the_etag_as_its_condition(make: Make, store: MemoryStore) -> None:
    lane = make(MemoryS3(store, "reader"), MemoryS3(store, "copier"))
    etag = store.get("src", "key-00").etag
    for name, wanted in {"any": "", "same": etag, "other": "0" * 32}.items():
        lane.submit(Head(Side.SOURCE, SOURCE, "key-00", wanted), name)

    done = {one.token: one for one in ends(lane)}

    assert done["any"].value == done["same"].value
    assert isinstance(done["same"].value, Facts)
    assert done["same"].value.etag == etag
    assert done["other"].error is not None
    assert done["other"].error.reason is Reason.CHANGED


def test_the_source_is_listed_by_its_reader_and_all_else_done_by_the_copier(make: Make, store: MemoryStore) -> None:
    source, dest = Counting(MemoryS3(store, "reader")), Counting(MemoryS3(store, "copier"))
    lane = make(source, dest)
    lane.submit(LIST, 1)
    lane.submit(ListPage(Side.DEST, DEST, ""), 2)
    lane.submit(copy(store, "key-00"), 3)
    lane.submit(Head(Side.SOURCE, SOURCE, "key-00"), 4)
    lane.submit(Head(Side.DEST, SOURCE, "key-00"), 5)

    reap_all(lane)

    assert source.counts() == {"ListObjectsV2": 1, "HeadObject": 1}
    assert dest.counts() == {"ListObjectsV2": 1, "HeadObject": 1, "CopyObject": 1}


def test_an_s3_error_is_a_value_and_others_go_on(make: Make, store: MemoryStore) -> None:
    dest = Faulty(MemoryS3(store, "copier"), [Fault("CopyObject", "AccessDenied", 403, key="key-01")])
    lane = make(MemoryS3(store, "reader"), dest)
    for key in ("key-00", "key-01", "key-02"):
        lane.submit(copy(store, key), key)

    done = {one.token: one for one in ends(lane)}

    error = done["key-01"].error
    assert isinstance(error, S3Error)
    assert (error.reason, done["key-01"].value) == (Reason.DENIED, None)
    assert (done["key-00"].error, done["key-02"].error) == (None, None)


def test_a_bug_is_raised_and_never_an_outcome(make: Make, store: MemoryStore) -> None:
    bug = ZeroDivisionError("a bug")
    lane = make(MemoryS3(store, "reader"), Faulty(MemoryS3(store, "copier"), [Fault("CopyObject", raises=bug)]))
    lane.submit(copy(store, "key-00"), "token")

    with pytest.raises(ZeroDivisionError, match="a bug"):
        reap_all(lane)


def test_throttled_attempts_are_told_once_also_those_that_were_retried(make: Make, store: MemoryStore) -> None:
    script = [Fault("CopyObject", throttled=2), Fault("CopyObject", "SlowDown", 503, skip=1)]
    lane = make(MemoryS3(store, "reader"), Faulty(MemoryS3(store, "copier"), script))
    for key in ("key-00", "key-01", "key-02"):
        lane.submit(copy(store, key), key)

    told = [one.attempts for one in reap_all(lane) if isinstance(one, Throttled)]

    assert sum(told) == 3
    assert all(attempts > 0 for attempts in told)
    assert lane.reap(0) == []


def test_one_port_for_both_sides_is_counted_once(make: Make, store: MemoryStore) -> None:
    both = Faulty(MemoryS3(store, "one"), [Fault("ListObjectsV2", throttled=5)])
    lane = make(both, both)
    lane.submit(LIST, 1)

    assert [one.attempts for one in reap_all(lane) if isinstance(one, Throttled)] == [5]


def test_an_idle_reap_comes_back_empty(make: Make, store: MemoryStore) -> None:
    lane = make(MemoryS3(store, "reader"), MemoryS3(store, "copier"))

    assert lane.reap(0) == []
    assert lane.reap(0.001) == []
    assert lane.in_flight() == 0


def test_a_wake_ends_a_reap_even_when_it_comes_first(make: Make, store: MemoryStore) -> None:
    lane = make(MemoryS3(store, "reader"), MemoryS3(store, "copier"))
    lane.wake()

    assert lane.reap(LONG_S) == []


def test_a_wake_from_another_thread_ends_a_waiting_reap(make: Make, store: MemoryStore) -> None:
    lane = make(MemoryS3(store, "reader"), MemoryS3(store, "copier"))
    timer = threading.Timer(0.01, lane.wake)
    timer.start()

    assert lane.reap(LONG_S) == []

    timer.join()


def test_a_closed_lane_takes_nothing_and_may_be_closed_again(make: Make, store: MemoryStore) -> None:
    lane = make(MemoryS3(store, "reader"), MemoryS3(store, "copier"))
    lane.submit(LIST, 1)
    reap_all(lane)

    assert list(lane.close(LONG_S)) == []
    assert list(lane.close(LONG_S)) == []
    with pytest.raises(RuntimeError, match="after close"):
        lane.submit(LIST, 2)


class Gated(Wrapped):
    """Every request waits for the gate."""

    def __init__(self, inner: BlockingS3) -> None:
        super().__init__(inner)
        self.gate = threading.Event()
        self.begun = threading.Semaphore(0)

    def _request(self, call: str, bucket: str, key: str, send: Callable[[], T]) -> T:
        self.begun.release()
        assert self.gate.wait(LONG_S)
        return send()


def test_more_requests_than_threads_wait_and_submit_never_blocks(store: MemoryStore) -> None:
    source = Gated(MemoryS3(store, "reader"))
    lane = ThreadTransport(source, source, 2)
    for number in range(50):
        lane.submit(LIST, number)
    assert lane.in_flight() == 50

    source.gate.set()

    assert {one.token for one in ends(lane)} == set(range(50))
    lane.close(LONG_S)


def test_close_tells_what_began_and_did_not_end_and_what_never_began(store: MemoryStore) -> None:
    source = Gated(MemoryS3(store, "reader"))
    lane = ThreadTransport(source, source, 1)
    for number in range(3):
        lane.submit(LIST, number)
    assert source.begun.acquire(timeout=LONG_S)

    assert sorted(lane.close(0), key=str) == [0, 1, 2]

    source.gate.set()
    assert list(lane.close(LONG_S)) == []
    assert not source.begun.acquire(blocking=False), "what had not begun must not begin after close"


def test_close_waits_for_what_has_begun(store: MemoryStore) -> None:
    source = Gated(MemoryS3(store, "reader"))
    lane = ThreadTransport(source, source, 1)
    lane.submit(LIST, "began")
    lane.submit(LIST, "never began")
    assert source.begun.acquire(timeout=LONG_S)
    timer = threading.Timer(0.01, source.gate.set)
    timer.start()

    assert list(lane.close(LONG_S)) == ["never began"]

    timer.join()


def test_an_inline_lane_that_is_closed_did_nothing_of_what_it_held(store: MemoryStore) -> None:
    lane = InlineTransport(MemoryS3(store, "reader"), MemoryS3(store, "copier"))
    lane.submit(copy(store, "key-00"), "token")

    assert lane.close(0) == ["token"]
    assert store.keys("dst") == []


def order(store: MemoryStore, seed: int | None) -> list[object]:
    lane = InlineTransport(MemoryS3(store, "reader"), MemoryS3(store, "copier"), seed=seed)
    for number in range(20):
        lane.submit(LIST, number)
    return [one.token for one in ends(lane)]


def test_an_inline_lane_keeps_the_order_or_the_seeds(store: MemoryStore) -> None:
    assert order(store, None) == list(range(20))
    assert order(store, 1) == order(store, 1) != order(store, 2)


def test_an_idle_inline_lane_lets_virtual_time_pass(store: MemoryStore) -> None:
    clock = VirtualClock()
    lane = InlineTransport(MemoryS3(store, "reader"), MemoryS3(store, "copier"), clock=clock)

    lane.reap(3600)
    lane.reap(0)

    assert clock.now() == 3600
    lane.wake()
    lane.reap(3600)
    assert clock.now() == 3600
