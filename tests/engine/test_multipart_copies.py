from __future__ import annotations

import threading

import pytest

from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.testing import Fault, InlineTransport, sparse
from tests.engine.harness import RecordingCheckpoint, Rig, saves_written

MIB = 2**20
GIB = 2**30


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_a_large_object_arrives_in_parts_with_everything_it_had(seed: int | None) -> None:
    rig = Rig(seed=seed)
    rig.store.put(
        "src",
        "p/big",
        sparse(10 * GIB, "big"),
        headers={"ContentType": "text/x", "CacheControl": "no-store"},
        metadata={"m": "1"},
        tags={"t": "a b&c"},
        storage_class="STANDARD_IA",
    )
    rig.seed_keys("p/small")
    report = rig.copy(storage_class="source")
    assert report.counts["copied"] == 2
    assert rig.same_on_both_sides()
    copied = rig.store.get("dst", "q/big")
    assert copied.storage_class == "STANDARD_IA"
    assert copied.checksum == rig.store.get("src", "p/big").checksum
    assert report.verified_by == {"checksum": 1, "etag": 1}
    assert rig.store.open_uploads("dst") == {}


def test_a_uniform_layout_is_kept_so_that_the_etag_proves_the_content() -> None:
    rig = Rig()
    rig.store.put("src", "p/big", sparse(20 * MIB, "x"), parts=[8 * MIB, 8 * MIB, 4 * MIB])
    report = rig.copy(multipart_threshold="5MiB")
    assert report.verified_by == {"etag": 1}
    assert rig.store.get("dst", "q/big").etag == rig.store.get("src", "p/big").etag
    assert rig.requests("UploadPartCopy") == 3


def test_a_layout_that_is_not_uniform_is_copied_all_the_same() -> None:
    rig = Rig()
    rig.store.put("src", "p/big", sparse(20 * MIB, "x"), parts=[5 * MIB, 10 * MIB, 5 * MIB])
    report = rig.copy(multipart_threshold="5MiB")
    assert report.verified_by == {"checksum": 1}
    assert rig.same_on_both_sides()


def test_without_checksums_a_large_copy_is_proven_by_its_size() -> None:
    rig = Rig()
    rig.store.checksum = None
    rig.store.put("src", "p/big", sparse(20 * MIB, "x"))
    assert rig.copy(multipart_threshold="5MiB", part_size="5MiB").verified_by == {"size": 1}


def test_an_object_of_more_than_five_gibibytes_is_never_copied_in_one() -> None:
    rig = Rig()
    rig.store.put("src", "p/big", sparse(5 * GIB + 1, "x"))
    report = rig.copy(multipart_threshold="5GiB")
    assert report.ok
    assert rig.requests("CopyObject") == 0


def test_parts_share_the_window() -> None:
    rig = Rig()
    rig.store.put("src", "p/big", sparse(100 * MIB, "x"))
    most = 0
    copy_part = rig.dest.copy_part

    def counted(op):  # type: ignore[no-untyped-def]
        nonlocal most
        assert rig.engine is not None
        most = max(most, rig.engine.parts.multipart.parts_in_flight)
        return copy_part(op)

    rig.dest.copy_part = counted  # type: ignore[method-assign]
    rig.copy(multipart_threshold="5MiB", part_size="5MiB", max_concurrency=4)
    assert most == 4


@pytest.mark.parametrize("seed", [None, 4, 5])
def test_a_part_that_is_refused_fails_the_key_and_aborts_the_upload(seed: int | None) -> None:
    rig = Rig([Fault("UploadPartCopy", "AccessDenied", 403, skip=3, times=None)], seed=seed)
    rig.store.put("src", "p/big", sparse(100 * MIB, "x"))
    rig.seed_keys("p/small")
    report = rig.copy(multipart_threshold="5MiB", part_size="5MiB", max_concurrency=8)
    assert (report.counts["failed"], report.counts["copied"]) == (1, 1)
    assert report.failures[0].reason is Reason.DENIED
    assert rig.store.open_uploads("dst") == {}
    assert rig.store.keys("dst") == ["q/small"]


@pytest.mark.parametrize("call", ["HeadObject", "CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload"])
def test_a_large_object_that_fails_in_passing_gets_a_second_round(call: str) -> None:
    rig = Rig([Fault(call, "InternalError", 500)])
    rig.store.put("src", "p/big", sparse(20 * MIB, "x"))
    report = rig.copy(multipart_threshold="5MiB", part_size="5MiB")
    assert report.counts["copied"] == 1
    assert rig.same_on_both_sides()
    assert rig.store.open_uploads("dst") == {}


def test_tags_that_may_not_be_read_fail_the_key_before_anything_is_written() -> None:
    rig = Rig([Fault("GetObjectTagging", "AccessDenied", 403, times=None)])
    rig.store.put("src", "p/big", sparse(20 * MIB, "x"))
    report = rig.copy(multipart_threshold="5MiB")
    assert report.failures[0].call == "GetObjectTagging"
    assert rig.requests("CreateMultipartUpload") == 0


def test_tags_too_long_for_a_header_are_put_afterwards() -> None:
    rig = Rig()
    tags = {f"key-{i}": "ü" * 256 for i in range(10)}
    rig.store.put("src", "p/big", sparse(6 * GIB, "x"), tags=tags)
    rig.copy()
    assert rig.store.get("dst", "q/big").tags == tags
    assert rig.requests("PutObjectTagging") == 1


def test_metadata_that_no_head_tells_is_carried_by_one_copyobject() -> None:
    rig = Rig()
    rig.store.put("src", "p/big", sparse(20 * MIB, "x"), metadata={"m": "1"}, untold=2)
    report = rig.copy(multipart_threshold="5MiB")
    assert report.counts["copied"] == 1
    assert rig.store.get("dst", "q/big").untold == 2
    assert rig.requests("CreateMultipartUpload") == 0


def test_metadata_that_no_head_tells_fails_an_object_that_only_parts_can_copy() -> None:
    rig = Rig()
    rig.store.put("src", "p/big", sparse(6 * GIB, "x"), metadata={"m": "1"}, untold=2)
    (failure,) = rig.copy().failures
    assert (failure.reason, failure.code) == (Reason.INVALID, "MissingMetadata")
    assert "2 of its metadata entries" in failure.message
    assert rig.requests("CreateMultipartUpload") == 0
    assert rig.copy(metadata={"m": "1"}).counts["copied"] == 1


def test_a_source_that_changes_in_mid_upload_is_copied_as_it_is_now() -> None:
    rig = Rig()
    rig.store.put("src", "p/big", sparse(20 * MIB, "old"))
    copy_part = rig.dest.copy_part
    changed: list[bool] = []

    def then_it_changes(op):  # type: ignore[no-untyped-def]
        part = copy_part(op)
        if not changed:
            changed.append(True)
            rig.store.put("src", "p/big", sparse(15 * MIB, "new"))
        return part

    rig.dest.copy_part = then_it_changes  # type: ignore[method-assign]
    report = rig.copy(multipart_threshold="5MiB", part_size="5MiB", max_concurrency=1)
    assert report.counts["copied"] == 1
    assert rig.same_on_both_sides()
    assert rig.store.open_uploads("dst") == {}


def test_never_overwriting_holds_for_large_objects_too() -> None:
    rig = Rig()
    rig.store.put("src", "p/big", sparse(20 * MIB, "x"))
    create = rig.dest.create_upload

    def then_somebody_writes_it(bucket, key, args, since=""):  # type: ignore[no-untyped-def]
        upload = create(bucket, key, args, since)
        rig.store.put("dst", key, b"mine")
        return upload

    rig.dest.create_upload = then_somebody_writes_it  # type: ignore[method-assign]
    report = rig.copy(multipart_threshold="5MiB", overwrite="never")
    assert report.counts["skipped"] == 1
    assert rig.store.read("dst", "q/big") == b"mine"
    assert rig.store.open_uploads("dst") == {}


def test_many_large_objects_go_a_few_uploads_at_a_time() -> None:
    rig = Rig()
    for number in range(40):
        rig.store.put("src", f"p/{number:02}", sparse(12 * MIB, str(number)))
    most = 0
    copy_part = rig.dest.copy_part

    def counted(op):  # type: ignore[no-untyped-def]
        nonlocal most
        most = max(most, len(rig.store.open_uploads("dst")))
        return copy_part(op)

    rig.dest.copy_part = counted  # type: ignore[method-assign]
    report = rig.copy(multipart_threshold="5MiB", part_size="5MiB", max_concurrency=32)
    assert report.counts["copied"] == 40
    assert most <= 4


def test_a_large_object_does_not_hold_back_the_cursor() -> None:
    rig = Rig()
    checkpoint = RecordingCheckpoint()
    rig.checkpoint = checkpoint
    rig.store.put("src", "p/000", sparse(200 * MIB, "x"))
    rig.seed_keys(*[f"p/{number:03}" for number in range(1, 50)])
    copy_part = rig.dest.copy_part

    def slow(op):  # type: ignore[no-untyped-def]
        saves_written(rig)
        rig.clock.advance(11)
        return copy_part(op)

    rig.dest.copy_part = slow  # type: ignore[method-assign]
    # Room for a part, a small object and a save.
    rig.copy(multipart_threshold="5MiB", part_size="5MiB", batch_size=10, max_concurrency=3)
    # A batch of small objects has settled behind the large one, which comes first and is still on its way.
    midway = next(state for state in checkpoint.saved if state.uploads and state.counts["copied"] >= 10)
    assert (midway.remaining[0].after, midway.remaining[0].end) == ("p", "p/000")
    assert [upload.dest_key for upload in midway.uploads] == ["q/000"]
    assert checkpoint.saved[-1].remaining == ()


def test_the_window_is_shared_between_parts_and_small_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    rig.store.put("src", "p/000", sparse(500 * MIB, "x"))
    rig.seed_keys(*[f"p/{number:03}" for number in range(1, 400)])
    order: list[str] = []
    ended = threading.Event()
    wake, copy, copy_part = InlineTransport.wake, rig.dest.copy, rig.dest.copy_part

    def woken(lane: InlineTransport) -> None:
        ended.set()  # the pool wakes the lane once a job's end is in its queue: the next turn hears of it
        wake(lane)

    def small(op):  # type: ignore[no-untyped-def]
        if not order:
            ended.clear()  # that was the first save
        if len(order) > 8:  # by then the upload's thread was begun; it may take its moment
            ended.wait(10)
        order.append("small")
        return copy(op)

    def part(op):  # type: ignore[no-untyped-def]
        order.append("part")
        return copy_part(op)

    monkeypatch.setattr(InlineTransport, "wake", woken)
    rig.dest.copy, rig.dest.copy_part = small, part  # type: ignore[method-assign]
    rig.copy(multipart_threshold="5MiB", part_size="5MiB", max_concurrency=8)
    first = order.index("part")
    both = order[first : first + 80]
    assert first < 100
    assert 20 <= both.count("part") <= 60
