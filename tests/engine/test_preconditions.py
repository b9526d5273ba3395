"""Every write is sent with what the destination had: another writer's object is never replaced without being seen."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest

from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.report import Report
from s3_crosscopy.testing import Counting, Fault, Faulty, MemoryS3, sparse
from tests.engine.harness import Rig, keys
from tests.engine.other_writers import OtherWriter, Watched, at_random

MIB = 2**20
IN_PARTS = {"multipart_threshold": "5MiB", "part_size": "5MiB"}
REFUSED = Fault("CopyObject", "PreconditionFailed", 412)


def watched(rig: Rig, before: OtherWriter = lambda key: None, *faults: Fault) -> Watched:
    """The destination's client of a rig, in front of the store."""
    watch = Watched(MemoryS3(rig.store, "copier"), rig.store, before)
    rig.dest = Counting(Faulty(watch, faults))
    return watch


def once(rig: Rig, key: str, write: Callable[[], object]) -> OtherWriter:
    """A writer that is faster once, with this key."""
    left = [write]

    def writes(name: str) -> None:
        if name == key and left:
            left.pop()()
            rig.clock.advance(1)

    return writes


def warnings(rig: Rig) -> list[str]:
    return [event.text for event in rig.sink.of(Warned)]


def one_object(rig: Rig, there: bytes | None = None, content: bytes = b"new") -> None:
    rig.store.put("src", "p/a", content)
    if there is not None:
        rig.store.put("dst", "q/a", there)
    rig.clock.advance(2)


def test_a_new_key_must_be_absent_and_another_must_be_as_it_was_listed() -> None:
    rig = Rig()
    rig.seed_keys("p/a", "p/b")
    there = rig.store.put("dst", "q/b", b"older object")
    watch = watched(rig)

    assert rig.copy().counts["copied"] == 2

    assert sorted(watch.sent) == sorted(["*", there.etag])
    assert rig.dest.counts() == {"ListObjectsV2": 1, "CopyObject": 2}


def test_uploads_are_completed_under_the_same_preconditions() -> None:
    rig = Rig()
    for name in "ab":
        rig.store.put("src", f"p/{name}", sparse(12 * MIB, name))
    there = rig.store.put("dst", "q/b", b"older object")
    watch = watched(rig)

    assert rig.copy(**IN_PARTS).counts["copied"] == 2

    assert sorted(watch.sent) == sorted(["*", f'"{there.etag}"'])


def test_a_key_that_was_compared_must_be_as_its_head_showed() -> None:
    rig = Rig()
    rig.store.buckets["dst"].encryption = "aws:kms"
    one_object(rig, b"old", b"new")
    watch = watched(rig)

    assert rig.copy().decisions == {"checksum differs": 1}
    assert len(watch.sent[0]) == 32
    assert watch.lost == []


def test_nothing_is_expected_where_everything_may_be_overwritten() -> None:
    rig = Rig()
    one_object(rig, b"there")
    watch = watched(rig)

    assert rig.copy(overwrite="always").counts["copied"] == 1
    assert watch.sent == [""]


@pytest.mark.parametrize("key_is_known", ["manifest", "single"])
def test_keys_that_are_looked_up_have_preconditions_too(key_is_known: str) -> None:
    rig = Rig()
    one_object(rig, b"old one")
    watch = watched(rig)
    if key_is_known == "manifest":
        rig.manifest = lambda after, end: iter(["p/a"])
        rig.copy()
    else:
        rig.copy("s3://src/p/a", "s3://dst/q/a")

    assert len(watch.sent[0]) == 32
    assert rig.store.read("dst", "q/a") == b"new"


@pytest.mark.parametrize(
    ("written", "decision"),
    [(b"new", {"same etag": 1}), (b"other", {"size differs": 1}), (b"odd", {"etag unclear": 1})],
)
def test_a_key_that_came_meanwhile_is_decided_about_again(written: bytes, decision: dict[str, int]) -> None:
    rig = Rig()
    one_object(rig)
    watch = watched(rig, once(rig, "q/a", lambda: rig.store.put("dst", "q/a", written)))

    report = rig.copy()

    if "etag unclear" in decision:
        decision = {"checksum differs": 1}
    assert report.decisions == decision
    assert rig.store.read("dst", "q/a") == b"new"
    assert watch.lost == []
    assert rig.dest.counts()["HeadObject"] == 1


def test_a_key_that_went_meanwhile_is_copied_as_a_new_one() -> None:
    rig = Rig()
    one_object(rig, b"there")
    watch = watched(rig, once(rig, "q/a", lambda: rig.store.delete("dst", "q/a")))

    report = rig.copy()

    assert report.decisions == {"new": 1}
    assert watch.sent[1:] == ["*"]
    assert rig.dest.counts() == {"ListObjectsV2": 1, "CopyObject": 2, "HeadObject": 1}


def test_with_never_a_key_that_came_meanwhile_exists_also_if_it_is_equal() -> None:
    rig = Rig()
    one_object(rig)
    watched(rig, once(rig, "q/a", lambda: rig.store.put("dst", "q/a", b"new")))

    assert rig.copy(overwrite="never").decisions == {"exists": 1}


def test_a_key_that_is_always_written_fails_after_some_rounds_and_says_why() -> None:
    rig = Rig()
    one_object(rig)
    written: Counter[str] = Counter()

    def writes(key: str) -> None:
        written[key] += 1
        rig.store.put("dst", key, str(written[key]).encode() * 9)

    watch = watched(rig, writes)
    report = rig.copy()

    (failure,) = report.failures
    assert (failure.reason, failure.code) == (Reason.CHANGED, "PreconditionFailed")
    assert "another writer keeps writing this key" in failure.message
    assert watch.lost == []
    assert written["q/a"] == 7  # 6 refused, and one more in the retry phase
    assert report.retryable


def test_an_upload_is_completed_with_the_parts_it_has_if_the_decision_is_still_to_copy() -> None:
    rig = Rig()
    rig.store.put("src", "p/a", sparse(12 * MIB, "a"))
    watch = watched(rig, once(rig, "q/a", lambda: rig.store.put("dst", "q/a", b"another")))

    report = rig.copy(**IN_PARTS)

    assert report.counts["copied"] == 1
    assert rig.same_on_both_sides()
    assert watch.lost == []
    counts = rig.dest.counts()
    assert (counts["CreateMultipartUpload"], counts["UploadPartCopy"], counts["CompleteMultipartUpload"]) == (1, 3, 2)
    assert counts["HeadObject"] == 1


@pytest.mark.parametrize(
    ("change", "decisions"),
    [("equal", {"same etag": 1}), ("deleted", {"new": 1}), ("unclear", {"checksum differs": 1})],
)
def test_an_upload_is_completed_or_aborted_as_the_table_says(change: str, decisions: dict[str, int]) -> None:
    rig = Rig()
    source = rig.store.put("src", "p/a", sparse(12 * MIB, "a"), checksum="CRC32")
    rig.store.put("dst", "q/a", b"older")
    rig.clock.advance(2)

    def meanwhile() -> None:
        if change == "equal":
            rig.store.put("dst", "q/a", source.content, checksum="CRC32")
        elif change == "deleted":
            rig.store.delete("dst", "q/a")
        else:
            rig.store.put("dst", "q/a", sparse(12 * MIB, "b"), checksum="CRC32")

    watch = watched(rig, once(rig, "q/a", meanwhile))
    report = rig.copy(**IN_PARTS)

    assert report.ok
    assert report.decisions == decisions
    assert rig.store.get("dst", "q/a").content == source.content
    assert watch.lost == []
    assert rig.store.open_uploads("dst") == {}


def test_an_upload_that_always_meets_another_object_fails_and_is_aborted() -> None:
    rig = Rig()
    rig.store.put("src", "p/a", sparse(12 * MIB, "a"))
    written: Counter[str] = Counter()

    def writes(key: str) -> None:
        written[key] += 1
        rig.store.put("dst", key, str(written[key]).encode() * 9)

    watch = watched(rig, writes)
    report = rig.copy(**IN_PARTS)

    assert "another writer keeps writing this key" in report.failures[0].message
    assert rig.store.open_uploads("dst") == {}
    assert watch.lost == []


@pytest.mark.parametrize("there", [None, b"older one"])
def test_a_conflict_is_sent_again_at_once(there: bytes | None) -> None:
    rig = Rig()
    one_object(rig, there)
    watched(rig, lambda key: None, Fault("CopyObject", "ConditionalRequestConflict", 409))

    report = rig.copy()

    assert report.counts["copied"] == 1
    assert rig.dest.counts() == {"ListObjectsV2": 1, "CopyObject": 2, "HeadObject": 1}


def test_a_conflict_of_a_completion_needs_a_new_upload() -> None:
    rig = Rig()
    rig.store.put("src", "p/a", sparse(12 * MIB, "a"))
    watched(rig, lambda key: None, Fault("CompleteMultipartUpload", "ConditionalRequestConflict", 409))

    report = rig.copy(**IN_PARTS)

    assert report.counts["copied"] == 1
    assert rig.dest.counts()["CreateMultipartUpload"] == 2
    assert rig.store.open_uploads("dst") == {}


@pytest.mark.parametrize("encryption", ["AES256", "aws:kms"])
def test_our_own_copy_is_recognized_after_its_response_was_lost(encryption: str) -> None:
    """The client library repeated the request, and the second attempt met the copy of the first."""
    rig = Rig()
    rig.store.buckets["dst"].encryption = encryption
    one_object(rig)
    watch = watched(rig)
    copy = watch.copy

    def twice(op):  # type: ignore[no-untyped-def]
        copy(op)
        try:
            return copy(op)
        except Exception as error:
            error.repeated = True  # type: ignore[attr-defined]
            raise

    watch.copy = twice  # type: ignore[method-assign]
    report = rig.copy()

    assert report.counts["copied"] == 1
    assert report.verified_by == {"etag" if encryption == "AES256" else "checksum": 1}
    assert len(watch.sent) == 2


@pytest.mark.parametrize("refuse", ["NotImplemented", "InvalidArgument"])
def test_a_server_that_refuses_the_header_is_not_sent_it_again(refuse: str) -> None:
    rig = Rig()
    rig.seed_keys(*keys(300))
    rig.store.put("src", "p/z", sparse(12 * MIB, "z"))
    rig.store.precondition_error = refuse
    watch = watched(rig)

    report = rig.copy(max_concurrency=4, **IN_PARTS)

    assert report.counts["copied"] == 301
    (text,) = [text for text in warnings(rig) if "If-None-Match" in text]
    assert refuse in text
    assert sum(expected != "" for expected in watch.sent) <= 8
    assert rig.same_on_both_sides()


def test_an_upload_is_completed_without_the_header_that_is_refused() -> None:
    rig = Rig()
    rig.store.put("src", "p/z", sparse(12 * MIB, "z"))
    rig.store.precondition_error = "NotImplemented"
    watch = watched(rig)

    assert rig.copy(**IN_PARTS).counts["copied"] == 1
    assert watch.sent == ["*", ""]
    assert len(warnings(rig)) == 1


@pytest.mark.parametrize("size", [3, 12 * MIB])
def test_never_is_not_given_up_where_the_header_is_refused(size: int) -> None:
    rig = Rig()
    rig.store.put("src", "p/a", sparse(size, "a"))
    rig.store.precondition_error = "NotImplemented"

    report = rig.copy(overwrite="never", **IN_PARTS)

    assert [failure.code for failure in report.failures] == ["NotImplemented"]
    assert rig.store.keys("dst") == []


def test_a_400_that_is_not_about_the_header_turns_nothing_off() -> None:
    rig = Rig()
    rig.seed_keys("p/a", "p/b")
    watch = watched(rig, lambda key: None, Fault("CopyObject", "InvalidRequest", 400, key="p/a", times=None))

    report = rig.copy()

    assert (report.counts["copied"], report.counts["failed"]) == (1, 1)
    assert warnings(rig) == []
    assert watch.sent == ["*"]


def test_a_server_that_takes_the_header_for_something_else_is_noticed() -> None:
    """It answers 412 although the destination is as expected, also right after the source was asked."""
    rig = Rig()
    rig.seed_keys("p/a", "p/b")

    class Odd(Watched):
        def copy(self, op):  # type: ignore[no-untyped-def]
            if op.expected:
                raise REFUSED.error(op.source.name, op.source_key)  # type: ignore[misc]
            return super().copy(op)

    rig.dest = Counting(Odd(MemoryS3(rig.store, "copier"), rig.store, lambda key: None))
    report = rig.copy()

    assert report.counts["copied"] == 2
    assert len(warnings(rig)) == 1


def test_a_destination_that_may_not_be_read_is_copied_to_if_it_was_not_listed() -> None:
    rig = Rig()
    one_object(rig, b"there")
    rig.store.allow = lambda who, action, bucket, key: (action, bucket) != ("s3:GetObject", "dst")

    report = rig.copy("s3://src/p/a", "s3://dst/q/a")

    assert report.counts["copied"] == 1
    assert rig.store.read("dst", "q/a") == b"new"


def test_a_destination_that_was_listed_and_may_not_be_read_is_not_replaced_unseen() -> None:
    rig = Rig()
    one_object(rig)
    rig.store.allow = lambda who, action, bucket, key: (action, bucket) != ("s3:GetObject", "dst")
    watch = watched(rig, once(rig, "q/a", lambda: rig.store.put("dst", "q/a", b"another")))

    report = rig.copy()

    assert report.counts["failed"] == 1
    assert rig.store.read("dst", "q/a") == b"another"
    assert watch.lost == []


@pytest.mark.parametrize("seed", range(20))
def test_no_update_of_another_writer_is_lost_in_a_thousand_races(seed: int) -> None:
    dice = random.Random(seed)
    rig = Rig(seed=seed)
    names = [f"p/{number:03}" for number in range(100)]
    for name in names:
        large = dice.random() < 0.05
        rig.store.put("src", name, sparse(6 * MIB, name) if large else name.encode() * 2)
        if dice.random() < 0.5:
            rig.store.put("dst", "q/" + name[2:], b"older")
    if dice.random() < 0.3:
        rig.store.buckets["dst"].encryption = "aws:kms"
    rig.clock.advance(2)
    watch = watched(rig, at_random(rig.store, dice, 0.5))

    report = rig.copy(max_failures="100%", overwrite=dice.choice(["if_changed", "if_changed", "never"]), **IN_PARTS)

    assert watch.lost == []
    assert _accounted(report) == 100
    assert rig.store.open_uploads("dst") == {}


def _accounted(report: Report) -> int:
    return sum(report.counts[name] for name in ("copied", "skipped", "failed", "missing"))
