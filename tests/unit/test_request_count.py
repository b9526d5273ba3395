"""The requests of a copy, counted instead of made."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.plan_samples import spec
from tests.unit.value_samples import MD5, listed, options

from s3_crosscopy.core.estimate.dry_run_stats import DryRunStatsCollector
from s3_crosscopy.core.estimate.request_count import WRITES, dest_class, of_asking, of_object, of_run, parts_of
from s3_crosscopy.core.transfer.multipart_layout import choose_part_bytes, parts_in_etag, spans, uniform_part_bytes
from s3_crosscopy.model.dry_run import SizeClass
from s3_crosscopy.model.operations import Side
from s3_crosscopy.model.option_table import MAX_OBJECT_BYTES, MAX_PART_BYTES, MIB, MIN_PART_BYTES
from s3_crosscopy.model.plan import AT_LEAST, AT_MOST, Requests

LARGE: dict[str, Any] = {"multipart_threshold": 8 * MIB}
ALL_SIX = dict.fromkeys(
    ("cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires")
)


def of(size: int = 1, *, etag: str = MD5, asked: bool = False, **given: Any) -> dict[tuple[str, str], int]:
    """Requests by call and storage class."""
    found = of_object(options(**given), listed(size=size, etag=etag), asked=asked)
    return {(kind.call, kind.storage_class): number for kind, number in found}


def test_a_small_object_costs_one_copy() -> None:
    assert of() == {("CopyObject", "STANDARD"): 1}


def test_a_head_goes_first_where_metadata_is_replaced_unless_it_was_made_already() -> None:
    assert of(metadata="drop") == {("HeadObject", "STANDARD"): 1, ("CopyObject", "STANDARD"): 1}
    assert of(metadata="drop", asked=True) == {("CopyObject", "STANDARD"): 1}


@pytest.mark.parametrize(
    ("given", "heads"),
    [
        ({"headers": {"expires": "0"}}, 3),
        ({"headers": [("*.gz", {"expires": "0"})]}, 1),
        ({"headers": [("*.gz", {"expires": "0"})], "metadata": "drop"}, 3),
        ({"headers": [("*.gz", ALL_SIX)], "metadata": "drop"}, 2),
        ({"headers": ALL_SIX, "metadata": "drop"}, 0),
    ],
)
@pytest.mark.parametrize("asked", [False, True])
def test_only_keys_whose_headers_are_replaced_in_part_cost_a_head(
    given: dict[str, Any], heads: int, asked: bool
) -> None:
    made = spec(**given)
    collector = DryRunStatsCollector(made, by_key=False)
    for name in ("a", "b.gz", "c"):
        collector.would_copy(listed(f"{made.source_prefix}{name}"), asked=asked)
    requests = {row.call: row.number for row in of_run(made, collector.taken(), (1, 1))}
    assert requests.get("HeadObject", 0) == (0 if asked else heads)
    assert requests["CopyObject"] == 3


def test_a_large_object_costs_an_upload_with_its_parts() -> None:
    assert of(20 * MIB, part_size=5 * MIB, **LARGE) == {
        ("HeadObject", "STANDARD"): 1,
        ("GetObjectTagging", "STANDARD"): 1,
        ("CreateMultipartUpload", "STANDARD"): 1,
        ("UploadPartCopy", "STANDARD"): 4,
        ("CompleteMultipartUpload", "STANDARD"): 1,
    }


def test_tags_are_read_only_to_be_kept() -> None:
    assert ("GetObjectTagging", "STANDARD") not in of(20 * MIB, tags="drop", **LARGE)


def test_a_second_head_looks_for_the_layout_of_a_multipart_source() -> None:
    assert of(20 * MIB, etag=f"{MD5}-4", **LARGE)["HeadObject", "STANDARD"] == 2
    assert of(20 * MIB, etag=f"{MD5}-4", part_size=5 * MIB, **LARGE)["HeadObject", "STANDARD"] == 1


UPLOAD = {
    ("GetObjectTagging", "STANDARD"): 1,
    ("CreateMultipartUpload", "STANDARD"): 1,
    ("CompleteMultipartUpload", "STANDARD"): 1,
}


@pytest.mark.parametrize(
    ("size", "parts", "expected"),
    [
        (7, None, {("CopyObject", "STANDARD"): 1}),
        (20 * MIB, None, {("CopyObject", "STANDARD"): 1}),
        (7, 1, {("HeadObject", "STANDARD"): 1, ("UploadPartCopy", "STANDARD"): 1, **UPLOAD}),
        (20 * MIB, 1, {("HeadObject", "STANDARD"): 1, ("UploadPartCopy", "STANDARD"): 1, **UPLOAD}),
        (20 * MIB, 4, {("HeadObject", "STANDARD"): 2, ("UploadPartCopy", "STANDARD"): 4, **UPLOAD}),
        # Below the threshold an upload, or a CopyObject if the layout turns out uneven.
        (
            7 * MIB,
            2,
            {
                ("HeadObject", "STANDARD"): 2,
                ("CopyObject", "STANDARD"): 1,
                ("UploadPartCopy", "STANDARD"): 2,
                **UPLOAD,
            },
        ),
        # No copy can have three parts of a mebibyte.
        (3 * MIB, 3, {("CopyObject", "STANDARD"): 1}),
    ],
)
def test_a_preserved_etag_costs_an_upload_of_any_object_that_was_uploaded_in_parts(
    size: int, parts: int | None, expected: dict[tuple[str, str], int]
) -> None:
    etag = MD5 if parts is None else f"{MD5}-{parts}"
    assert of(size, etag=etag, preserve_etag=True, **LARGE) == expected


@pytest.mark.parametrize(("parts", "bound"), [(1, ""), (2, AT_MOST)])
def test_requests_for_preserved_etags_are_at_most_so_many_where_parts_may_be_uneven(parts: int, bound: str) -> None:
    made = spec(preserve_etag=True)
    taker = DryRunStatsCollector(made, by_key=False)
    taker.would_copy(listed(size=7 * MIB, etag=f"{MD5}-{parts}"), asked=False)
    taken = taker.taken()
    assert (taken.in_parts.objects, taken.parts, taken.parts_unsure) == (1, parts, bound == AT_MOST)
    requests = of_run(made, taken, (1, 1))
    assert {row.bound for row in requests if row.call in WRITES} == {bound}


@pytest.mark.parametrize("archive", ["GLACIER", "DEEP_ARCHIVE"])
def test_only_the_completion_of_an_upload_is_billed_as_an_archive_class(archive: str) -> None:
    found = of(20 * MIB, storage_class=archive, **LARGE)
    assert ("CompleteMultipartUpload", archive) in found
    assert {("CreateMultipartUpload", "STANDARD"), ("UploadPartCopy", "STANDARD")} <= found.keys()
    assert of(storage_class=archive) == {("CopyObject", archive): 1}


@pytest.mark.parametrize(
    ("wish", "source", "becomes"),
    [
        (None, "STANDARD_IA", "STANDARD"),
        ("source", "STANDARD_IA", "STANDARD_IA"),
        ("GLACIER_IR", "STANDARD", "GLACIER_IR"),
    ],
)
def test_the_storage_class_of_a_copy_is_what_the_copy_asks_for(wish: str | None, source: str, becomes: str) -> None:
    assert dest_class(options(storage_class=wish), source) == becomes


@given(
    st.integers(MIN_PART_BYTES, MAX_OBJECT_BYTES),
    st.one_of(st.none(), st.integers(1, 99_999)),
    st.one_of(st.none(), st.integers(MIN_PART_BYTES, 64 * MIB)),
    st.integers(1, 128),
    st.integers(1, MAX_PART_BYTES),
)
def test_an_object_is_copied_in_no_more_parts_than_planned(
    size: int, own: int | None, wished: int | None, concurrency: int, first: int
) -> None:
    made = options(part_size=wished, max_concurrency=concurrency, multipart_threshold="64MiB")
    source = listed(size=size, etag=MD5 if own is None else f"{MD5}-{own}")
    parts, sure = parts_of(made, source)
    # What the engine does: the source's layout if HEADs find it uniform, with `first` as its first part. A single part
    # has the object's size.
    known = parts_in_etag(source.etag) if wished is None else None
    layout = None if known is None else uniform_part_bytes(size, known, size if known == 1 else first)
    real = len(spans(size, layout or choose_part_bytes(size, wished, concurrency)))
    assert real == parts if sure else real <= parts


def run(*, by_key: bool = False, pages: tuple[int, int] = (1, 1), new: int = 0, **given: Any) -> tuple[Requests, ...]:
    made = spec(**given)
    taker = DryRunStatsCollector(made, by_key=by_key)
    for _ in range(new):
        taker.enter("would_copy", "new", listed())
        taker.would_copy(listed(), asked=False)
    return of_run(made, taker.taken(), pages)


def lists(requests: tuple[Requests, ...]) -> dict[Side, tuple[int, str]]:
    return {one.side: (one.number, one.bound) for one in requests if one.call == "ListObjectsV2"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, (2, "")),
        ({"verification": "listing"}, (4, "")),
        ({"verification": "listing", "new": 1}, (5, AT_MOST)),
        ({"verification": "listing", "new": 1001}, (6, AT_MOST)),
        ({"verification": "listing", "overwrite": "always"}, (1, AT_LEAST)),
        ({"verification": "listing", "overwrite": "always", "new": 1001}, (2, AT_LEAST)),
    ],
)
def test_a_proof_by_listing_lists_both_sides_once_more(given: dict[str, Any], expected: tuple[int, str]) -> None:
    times = 2 if "verification" in given else 1
    assert lists(run(pages=(3, 2), **given)) == {Side.SOURCE: (3 * times, ""), Side.DEST: expected}


def test_a_destination_that_nobody_looks_at_is_not_listed() -> None:
    assert lists(run(pages=(3, 0), overwrite="always")) == {Side.SOURCE: (3, "")}


def test_what_is_asked_for_key_by_key_is_not_listed() -> None:
    assert lists(run(by_key=True, pages=(0, 0), new=3)) == {}


@pytest.mark.parametrize(("verification", "heads"), [("responses", 1), ("listing", 2)])
def test_one_object_that_is_not_there_was_asked_for_all_the_same(verification: str, heads: int) -> None:
    asked = run(by_key=True, pages=(0, 0), kind="object", source="s3://src/p/k", verification=verification)
    assert asked == (Requests("HeadObject", Side.SOURCE, "STANDARD", heads),)
    assert run(by_key=True, pages=(0, 0)) == ()


@pytest.mark.parametrize(
    ("given", "heads"),
    [
        ({}, (1, 1)),
        ({"overwrite": "always"}, (1, 0)),
        ({"verification": "listing"}, (2, 2)),
        ({"overwrite": "always", "verification": "listing"}, (2, 1)),
    ],
)
def test_a_key_costs_a_head_a_side_for_each_look(given: dict[str, Any], heads: tuple[int, int]) -> None:
    found = {kind.side: number for kind, number in of_asking(spec(**given), listed())}
    assert (found[Side.SOURCE], found.get(Side.DEST, 0)) == heads


def test_the_parts_of_layouts_that_only_the_copy_sees_are_at_most_so_many() -> None:
    made = spec(**LARGE)
    taker = DryRunStatsCollector(made, by_key=False)
    taker.would_copy(listed(size=20 * MIB, etag=f"{MD5}-4"), asked=False)
    bounds = {one.call: one.bound for one in of_run(made, taker.taken(), (1, 1))}
    assert {call for call, bound in bounds.items() if bound} == {"UploadPartCopy"}
    assert bounds["UploadPartCopy"] == AT_MOST


def test_requests_are_told_by_call_side_and_class() -> None:
    assert SizeClass("CopyObject", Side.DEST, "STANDARD") in {SizeClass(*one[:3]) for one in run(new=1)}
