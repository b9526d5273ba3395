"""The second round: what it may take for a copy that arrived unheard, and what else a failed call must not mean."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any, ClassVar

import pytest

from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.operations import Copied, Head, Side
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.testing import Counting, Fault, Faulty, MemoryS3, sparse
from tests.engine.harness import Rig, keys
from tests.engine.steady_transport import SteadyTransport
from tests.engine.test_manifests import named

MIB = 2**20
PARTS: dict[str, Any] = {"multipart_threshold": "5MiB", "part_size": "5MiB"}


@pytest.mark.parametrize("key", ["p/000003", "q/000003"])
@pytest.mark.parametrize(("code", "status"), [("InternalError", 500), ("ReadTimeout", 0)])
def test_a_comparison_that_failed_is_made_again_and_does_not_become_a_copy(key: str, code: str, status: int) -> None:
    rig = Rig([Fault("HeadObject", code, status, key)])
    rig.seed_keys(*keys(10))
    rig.store.buckets["dst"].encryption = "aws:kms"
    rig.copy()
    rig.clock.advance(5)
    report = rig.copy()
    assert (report.counts["skipped"], report.counts["copied"]) == (10, 0)
    assert report.decisions == {"same checksum": 10}


def test_a_comparison_in_the_second_round_looks_at_the_source_as_it_is_now() -> None:
    rig = Rig([Fault("HeadObject", "InternalError", 500, "p/000003")])
    rig.seed_keys(*keys(5))
    rig.store.buckets["dst"].encryption = "aws:kms"
    rig.copy()
    rig.clock.advance(5)
    head = rig.dest.head
    seen: list[str] = []

    def then_it_changes(bucket: Bucket, key: str, **which: Any) -> Any:
        if not seen:
            seen.append(key)
            rig.store.put("src", "p/000003", b"changed since it was listed")
        return head(bucket, key, **which)

    rig.dest.head = then_it_changes  # type: ignore[method-assign]
    assert rig.copy().decisions == {"same checksum": 4, "size differs": 1}
    assert rig.same_on_both_sides()


def test_a_copy_that_was_not_made_is_not_proven_by_an_equal_object_of_before() -> None:
    """Equal content, other tags: what makes somebody say overwrite='always'."""
    rig = Rig([Fault("CopyObject", "InternalError", 500, skip=1)])
    rig.seed_keys("p/a")
    rig.copy()
    rig.clock.advance(5)
    assert rig.copy(overwrite="always", tags={"new": "1"}).ok
    rig.clock.advance(5)
    assert rig.store.get("dst", "q/a").tags == {"new": "1"}


def test_a_complete_that_was_not_applied_is_not_proven_by_an_equal_object_of_before() -> None:
    rig = Rig([Fault("CompleteMultipartUpload", "InternalError", 500, skip=1)])
    rig.store.put("src", "p/big", sparse(20 * MIB, "x"))
    rig.clock.advance(5)
    rig.copy(**PARTS)
    rig.clock.advance(5)
    assert rig.copy(**PARTS, overwrite="always", tags={"new": "1"}).ok
    assert rig.store.get("dst", "q/big").tags == {"new": "1"}
    assert rig.store.open_uploads("dst") == {}


@pytest.mark.parametrize("call", ["UploadPartCopy", "CompleteMultipartUpload"])
def test_an_upload_that_somebody_aborts_is_begun_anew(call: str) -> None:
    """A lifecycle rule, or a clean-up by prefix."""
    rig = Rig()
    rig.store.put("src", "p/big", sparse(20 * MIB, "x"))
    request = rig.dest._request
    gone: list[str] = []

    def after_somebody_aborted_it(name: str, bucket: str, key: str, send: Any) -> Any:
        if name == call and not gone:
            gone.extend(rig.store.open_uploads("dst"))
            rig.store.buckets["dst"].uploads.clear()
        return request(name, bucket, key, send)

    rig.dest._request = after_somebody_aborted_it  # type: ignore[method-assign,assignment]
    report = rig.copy(**PARTS)
    assert len(gone) == 1
    assert (report.counts["copied"], report.counts["missing"]) == (1, 0)
    assert rig.same_on_both_sides()
    assert rig.store.open_uploads("dst") == {}


@pytest.mark.parametrize("call", ["UploadPartCopy", "CompleteMultipartUpload"])
def test_uploads_that_are_always_gone_fail_as_changed_and_may_be_retried(call: str) -> None:
    rig = Rig([Fault(call, "NoSuchUpload", 404, times=None)])
    rig.store.put("src", "p/big", sparse(20 * MIB, "x"))
    report = rig.copy(**PARTS)
    (failure,) = report.failures
    assert (failure.reason, failure.code) == (Reason.CHANGED, "NoSuchUpload")
    assert report.retryable
    assert report.counts["missing"] == 0
    assert rig.store.open_uploads("dst") == {}


@pytest.mark.parametrize(("vanishes", "counts"), [(1, {"copied": 1, "failed": 0}), (2, {"copied": 0, "failed": 1})])
def test_a_copy_that_vanished_before_it_was_looked_at_is_not_a_missing_source(
    vanishes: int, counts: dict[str, int]
) -> None:
    """A server that does not tell the new ETag makes us ask for it."""
    rig = Rig()
    rig.store.put("src", "p/big", sparse(20 * MIB, "x"))
    complete = rig.dest.complete_upload
    made: list[str] = []

    def tells_nothing(bucket: Bucket, key: str, *rest: Any) -> Copied:
        complete(bucket, key, *rest)
        made.append(key)
        if len(made) <= vanishes:
            rig.store.delete("dst", key)
        return Copied("")

    rig.dest.complete_upload = tells_nothing  # type: ignore[method-assign,assignment]
    report = rig.copy(**PARTS)
    assert {name: report.counts[name] for name in counts} == counts
    assert report.counts["missing"] == 0


class HeadRequests(SteadyTransport):
    """Notes how many HEADs of each side were ever in flight at once."""

    most: ClassVar[Counter[Side]] = Counter()

    def submit(self, op: Any, token: object) -> None:
        super().submit(op, token)
        heads = Counter(waiting.side for waiting, _ in self._waiting if isinstance(waiting, Head))
        HeadRequests.most |= heads


@pytest.fixture
def most_heads(monkeypatch: pytest.MonkeyPatch) -> Counter[Side]:
    """The most HEADs in flight at once, by side. The transport is the only one that sends any."""
    monkeypatch.setattr(HeadRequests, "most", Counter())
    monkeypatch.setattr("tests.engine.harness.SteadyTransport", HeadRequests)
    return HeadRequests.most


def only_the_loop_asks(rig: Rig) -> None:
    loop = threading.current_thread()
    for port in (rig.source, rig.dest):

        def head(*args: Any, head: Any = port.head, **which: Any) -> Any:
            assert threading.current_thread() is loop, "a thread is held for a HEAD"
            return head(*args, **which)

        port.head = head  # type: ignore[method-assign]


@pytest.mark.usefixtures("most_heads")
def test_the_second_round_asks_for_the_source_of_many_keys_at_once() -> None:
    rig = Rig([Fault("CopyObject", "InternalError", 500, key=key) for key in keys(50)])
    rig.seed_keys(*keys(50))
    only_the_loop_asks(rig)
    assert rig.copy(max_concurrency=16, outage_deadline=0).counts["copied"] == 50
    # Each copy may have been made: its destination is asked for too.
    assert rig.requests("HeadObject") == 100
    assert HeadRequests.most[Side.SOURCE] == 16
    assert HeadRequests.most[Side.DEST] > 1


@pytest.mark.usefixtures("most_heads")
def test_the_second_round_asks_for_the_destination_of_many_keys_at_once() -> None:
    """Keys of a manifest whose first HEAD was not answered: what is at the destination is not known yet."""
    rig = Rig()
    rig.seed_keys(*keys(50))
    rig.copy()
    named(rig, keys(50))
    faults = [Fault("HeadObject", "InternalError", 500, key=key) for key in keys(50)]
    rig.source = Counting(Faulty(MemoryS3(rig.store, "reader"), faults))
    only_the_loop_asks(rig)
    report = rig.copy(max_concurrency=16, outage_deadline=0)
    assert (report.counts["skipped"], report.decisions) == (50, {"same etag": 50})
    assert HeadRequests.most[Side.DEST] > 1


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_copy_that_may_have_been_made_and_cannot_be_asked_for_is_made_again(status: int) -> None:
    code = {403: "AccessDenied", 404: "404", 500: "InternalError"}[status]
    unknown = Fault("HeadObject", code, status, key="q/000000", times=None)
    rig = Rig([Fault("CopyObject", "InternalError", 500), unknown])
    rig.seed_keys(*keys(1))
    report = rig.copy()
    assert report.counts["copied"] == 1
    assert rig.requests("CopyObject") == 2
