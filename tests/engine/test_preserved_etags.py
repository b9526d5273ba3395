"""With `preserve_etag` every copy has its source's ETag where S3 allows it, and the others are counted by reason."""

from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.errors import Interrupted
from s3_crosscopy.model.operations import CopyPart
from s3_crosscopy.testing import Fault, sparse
from tests.engine.harness import RecordingCheckpoint, Rig
from tests.engine.test_resume import revive

MIB, GIB = 2**20, 2**30
MIXED: dict[str, tuple[int, list[int]]] = {
    "empty": (0, []),
    "small": (7, []),
    "small in one part": (7, [7]),
    "in three parts": (20 * MIB, [8 * MIB, 8 * MIB, 4 * MIB]),
    "in one part": (20 * MIB, [20 * MIB]),
    "above the threshold": (2 * GIB, []),
    "above the threshold in parts": (2 * GIB, [GIB, GIB]),
    "largest of one CopyObject": (5 * GIB, []),
    "above five gibibytes in parts": (6 * GIB, [4 * GIB, 2 * GIB]),
}
"""Objects whose ETags can be kept, by name: their sizes, and their parts if they were uploaded so."""

UNEVEN = (20 * MIB, [5 * MIB, 6 * MIB, 9 * MIB])
LONG_TAGS = {f"key-{number}": "ü" * 256 for number in range(10)}


def rig_with(objects: dict[str, tuple[int, list[int]]], *, seed: int | None = None, **properties: Any) -> Rig:
    rig = Rig(seed=seed)
    for name, (size, parts) in objects.items():
        rig.store.put("src", f"p/{name}", sparse(size, name), parts=parts, **properties)
    rig.clock.advance(2)
    return rig


def etags(rig: Rig, bucket: str, prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): rig.store.get(bucket, key).etag for key in rig.store.keys(bucket)}


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_a_mixed_prefix_keeps_every_etag_and_every_property(seed: int | None) -> None:
    rig = rig_with(MIXED, seed=seed, metadata={"m": "1"}, tags={"t": "a b"}, headers={"ContentType": "text/x"})
    report = rig.copy(preserve_etag=True)
    assert etags(rig, "dst", "q/") == etags(rig, "src", "p/")
    assert rig.same_on_both_sides()
    assert report.verified_by == {"etag": len(MIXED)}
    assert (report.etags_kept, report.etags_not_kept) == (len(MIXED), {})
    assert rig.store.open_uploads("dst") == {}


@pytest.mark.parametrize("compare", ["auto", "etag"])
def test_the_next_run_sees_equal_etags_and_makes_no_head(compare: str) -> None:
    rig = rig_with(MIXED)
    rig.copy(preserve_etag=True)
    again = rig.copy(compare=compare)
    assert again.decisions == {"same etag": len(MIXED)}
    assert rig.requests("HeadObject") == 0


def test_without_the_option_a_small_object_that_was_uploaded_in_parts_loses_its_etag() -> None:
    rig = rig_with(MIXED)
    report = rig.copy()
    lost = {name for name, etag in etags(rig, "src", "p/").items() if etags(rig, "dst", "q/")[name] != etag}
    assert {"in three parts", "in one part", "small in one part", "above the threshold"} <= lost
    assert (report.etags_kept, report.etags_not_kept) == (None, None)


@pytest.mark.parametrize(
    ("name", "requests"),
    [
        ("small", {"CopyObject": 1}),
        ("above the threshold", {"CopyObject": 1}),
        ("largest of one CopyObject", {"CopyObject": 1}),
        (
            "small in one part",
            {"CreateMultipartUpload": 1, "UploadPartCopy": 1, "CompleteMultipartUpload": 1, "HeadObject": 1},
        ),
        (
            "in three parts",
            {"CreateMultipartUpload": 1, "UploadPartCopy": 3, "CompleteMultipartUpload": 1, "HeadObject": 2},
        ),
    ],
)
def test_an_etag_costs_only_the_requests_that_keep_it(name: str, requests: dict[str, int]) -> None:
    rig = rig_with({name: MIXED[name]})
    rig.copy(preserve_etag=True, tags="drop")
    made = {call: rig.requests(call) for call in rig.source.counts() | rig.dest.counts()}
    assert {call: number for call, number in made.items() if call != "ListObjectsV2"} == requests


def test_what_cannot_be_kept_is_copied_all_the_same_and_counted_by_its_reason() -> None:
    rig = rig_with(
        {
            "uneven": UNEVEN,
            "uneven and large": (2 * GIB, [GIB // 2, GIB, GIB // 2]),
            "above": (5 * GIB + 1, []),
            "tiny parts": (3 * MIB, [MIB, MIB, MIB]),
            "plain": (7, []),
        }
    )
    report = rig.copy(preserve_etag=True)
    assert report.counts["copied"] == 5
    assert rig.same_on_both_sides()
    assert report.etags_kept == 1
    assert report.etags_not_kept == {
        "parts of uneven sizes": 2,
        "plain ETag above 5 GiB": 1,
        "part layout that S3 refuses": 1,
    }
    assert rig.store.open_uploads("dst") == {}


def test_uneven_parts_below_the_threshold_are_copied_by_one_copyobject() -> None:
    rig = rig_with({"uneven": UNEVEN})
    assert rig.copy(preserve_etag=True).etags_not_kept == {"parts of uneven sizes": 1}
    assert (rig.requests("CopyObject"), rig.requests("CreateMultipartUpload")) == (1, 0)


def test_uneven_parts_that_look_uniform_are_counted_by_the_etag_of_the_copy() -> None:
    rig = rig_with({"inside": (21 * MIB, [6 * MIB, 5 * MIB, 6 * MIB, 4 * MIB])})
    report = rig.copy(preserve_etag=True)
    assert report.etags_not_kept == {"another ETag": 1}
    assert rig.same_on_both_sides()


@pytest.mark.parametrize(
    ("side", "options", "reason"),
    [
        ("src", {}, {"source encrypted with KMS": 1, "another ETag": 1}),
        ("dst", {}, {"another ETag": 2}),
        ("", {"kms_encryption_type": "aws:kms"}, {"copy encrypted with KMS": 2}),
    ],
)
def test_encryption_is_found_out_by_the_etags_of_the_copies(
    side: str, options: dict[str, Any], reason: dict[str, int]
) -> None:
    rig = Rig()
    if side:
        rig.store.buckets[side].encryption = "aws:kms"
    for name in ("small", "in three parts"):
        size, parts = MIXED[name]
        rig.store.put("src", f"p/{name}", sparse(size, name), parts=parts)
    report = rig.copy(preserve_etag=True, **options)
    assert (report.counts["copied"], report.etags_kept, report.etags_not_kept) == (2, 0, reason)


def test_tags_and_metadata_that_an_upload_cannot_set_come_before_the_etag() -> None:
    rig = Rig()
    size, parts = MIXED["in three parts"]
    rig.store.put("src", "p/tags", sparse(size, "t"), parts=parts, tags=LONG_TAGS)
    rig.store.put("src", "p/untold", sparse(size, "u"), parts=parts, metadata={"m": "1"}, untold=1)
    report = rig.copy(preserve_etag=True)
    assert report.etags_not_kept == {"properties that only CopyObject copies": 2}
    assert rig.store.get("dst", "q/tags").tags == LONG_TAGS
    assert rig.store.get("dst", "q/untold").untold == 1


@pytest.mark.parametrize("options", [{"metadata": {"m": "2"}}, {"tags": {"t": "2"}}, {"storage_class": "STANDARD_IA"}])
def test_other_options_change_the_properties_and_not_the_etag(options: dict[str, Any]) -> None:
    rig = rig_with(MIXED, metadata={"m": "1"}, tags={"t": "1"})
    rig.copy(preserve_etag=True, **options)
    assert etags(rig, "dst", "q/") == etags(rig, "src", "p/")
    for key in rig.store.keys("dst"):
        stored = rig.store.get("dst", key)
        found = {"metadata": stored.metadata, "tags": stored.tags, "storage_class": stored.storage_class}
        expected = {"metadata": {"m": "1"}, "tags": {"t": "1"}, "storage_class": "STANDARD", **options}
        assert found == expected


@pytest.mark.parametrize("skip", [0, 1])
def test_a_head_that_fails_in_passing_costs_no_etag(skip: int) -> None:
    rig = Rig([Fault("HeadObject", "InternalError", 500, skip=skip)])
    rig.store.put("src", "p/in parts", sparse(20 * MIB), parts=[8 * MIB, 8 * MIB, 4 * MIB])
    report = rig.copy(preserve_etag=True)
    assert (report.counts["copied"], report.etags_kept) == (1, 1)


def test_a_layout_that_may_not_be_read_is_a_reason() -> None:
    rig = Rig([Fault("HeadObject", "AccessDenied", 403, skip=1)])
    rig.store.put("src", "p/in parts", sparse(20 * MIB), parts=[8 * MIB, 8 * MIB, 4 * MIB])
    report = rig.copy(preserve_etag=True)
    assert report.etags_not_kept == {"part sizes not reported": 1}


@pytest.mark.parametrize("stop_at", [1, 2, 3, 5, 8])
def test_a_retry_keeps_the_etags_too_and_counts_those_of_all_attempts(stop_at: int) -> None:
    objects = {**MIXED, "uneven": UNEVEN, "another": MIXED["in three parts"]}
    rig = rig_with(objects)
    checkpoint = RecordingCheckpoint()
    rig.checkpoint = checkpoint
    copy_part, sent = rig.dest.copy_part, []

    def then_stop(op: CopyPart) -> Any:
        sent.append(op)
        if len(sent) == stop_at:
            rig.cancel.set()
        return copy_part(op)

    rig.dest.copy_part = then_stop  # type: ignore[method-assign]
    with pytest.raises(Interrupted):
        rig.copy(preserve_etag=True, keep_uploads=True, max_concurrency=4)
    again = revive(rig)
    report = again.copy(preserve_etag=True, resumed=checkpoint.saved[-1])
    assert report.counts["copied"] == len(objects)
    assert (report.etags_kept, report.etags_not_kept) == (len(objects) - 1, {"parts of uneven sizes": 1})
    assert {name for name, etag in etags(rig, "dst", "q/").items() if etag != etags(rig, "src", "p/")[name]} == {
        "uneven"
    }
    assert rig.store.open_uploads("dst") == {}


@pytest.mark.parametrize("call", ["CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload"])
def test_a_second_try_keeps_the_etag(call: str) -> None:
    rig = Rig([Fault(call, "InternalError", 500)])
    rig.store.put("src", "p/in parts", sparse(20 * MIB), parts=[8 * MIB, 8 * MIB, 4 * MIB])
    assert rig.copy(preserve_etag=True).etags_kept == 1
    assert rig.store.open_uploads("dst") == {}


def test_small_uploads_run_side_by_side() -> None:
    rig = rig_with({f"{number:02}": MIXED["in three parts"] for number in range(40)})
    most, copy_part = 0, rig.dest.copy_part

    def counted(op: CopyPart) -> Any:
        nonlocal most
        most = max(most, len(rig.store.open_uploads("dst")))
        return copy_part(op)

    rig.dest.copy_part = counted  # type: ignore[method-assign]
    rig.copy(preserve_etag=True, max_concurrency=32)
    assert 4 < most <= 16


def test_a_dry_run_counts_no_etags() -> None:
    report = rig_with(MIXED).copy(preserve_etag=True, dry_run=True)
    assert (report.etags_kept, report.etags_not_kept) == (None, None)
