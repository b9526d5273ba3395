from __future__ import annotations

import pytest

from s3_crosscopy.model.events import BatchSettled, KeyFailed, PhaseStarted
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.testing import Fault
from tests.engine.harness import Rig, keys


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_a_prefix_arrives_whole_whatever_the_order_of_answers(seed: int | None) -> None:
    rig = Rig(seed=seed)
    rig.seed_keys(*keys(2500), "p/", "p//odd", "p/ünï")
    report = rig.copy(batch_size=100)
    assert report.ok
    assert report.counts["copied"] == 2503
    assert rig.same_on_both_sides()
    assert report.verified_by == {"etag": 2503}


def test_it_costs_one_request_an_object_and_two_lists_a_thousand_keys() -> None:
    rig = Rig()
    rig.seed_keys(*keys(3000))
    rig.copy()
    assert rig.source.counts() == {"ListObjectsV2": 3}
    assert rig.dest.counts() == {"ListObjectsV2": 1, "CopyObject": 3000}
    rig.clock.advance(5)
    again = rig.copy()
    assert again.counts["skipped"] == 3000
    assert rig.source.counts() == {"ListObjectsV2": 3}
    assert rig.dest.counts() == {"ListObjectsV2": 3}


def test_overwriting_always_needs_no_listing_of_the_destination() -> None:
    rig = Rig()
    rig.seed_keys(*keys(10))
    rig.copy()
    report = rig.copy(overwrite="always")
    assert report.counts["copied"] == 10
    assert rig.dest.counts() == {"CopyObject": 10}


def test_a_destination_full_of_other_keys_is_listed_no_further_than_the_source_reaches() -> None:
    rig = Rig()
    rig.seed_keys("p/a", "p/b")
    for key in keys(5000, "q/z"):
        rig.store.put("dst", key, b"other")
    rig.copy(extraneous="keep")
    assert rig.dest.counts() == {"ListObjectsV2": 1, "CopyObject": 2}


def test_a_changed_object_is_copied_again_and_the_rest_is_not() -> None:
    rig = Rig()
    rig.seed_keys(*keys(20))
    rig.copy()
    rig.clock.advance(5)
    rig.store.put("src", "p/000007", b"another size")
    report = rig.copy()
    assert (report.counts["copied"], report.counts["skipped"]) == (1, 19)
    assert rig.same_on_both_sides()


def test_never_overwriting_leaves_what_is_there_also_when_it_came_since_the_listing() -> None:
    rig = Rig()
    rig.seed_keys("p/a", "p/b")
    rig.store.put("dst", "q/a", b"mine")
    listed = rig.dest.list_page

    def then_b_appears(op):  # type: ignore[no-untyped-def]
        page = listed(op)
        rig.store.put("dst", "q/b", b"also mine")
        return page

    rig.dest.list_page = then_b_appears  # type: ignore[method-assign]
    report = rig.copy(overwrite="never")
    assert report.counts["skipped"] == 2
    assert rig.store.read("dst", "q/a") == b"mine"
    assert rig.store.read("dst", "q/b") == b"also mine"


def test_a_second_run_onto_a_kms_destination_copies_nothing_and_pays_a_head_a_side() -> None:
    rig = Rig()
    rig.seed_keys(*keys(30))
    rig.store.buckets["dst"].encryption = "aws:kms"
    first = rig.copy()
    assert first.counts["copied"] == 30
    rig.clock.advance(5)
    again = rig.copy()
    assert again.counts["skipped"] == 30
    assert rig.source.counts()["HeadObject"] == 30
    assert rig.dest.counts()["HeadObject"] == 30


def test_a_destination_that_may_not_be_read_is_copied_to() -> None:
    rig = Rig()
    rig.seed_keys("p/a")
    rig.store.buckets["dst"].encryption = "aws:kms"
    rig.copy()
    rig.store.allow = lambda who, action, bucket, key: (action, bucket) != ("s3:GetObject", "dst")
    assert rig.copy().decisions == {"destination denied": 1}


def test_filters_look_at_what_follows_the_prefix() -> None:
    rig = Rig()
    rig.seed_keys("p/x.csv", "p/y.parquet", "p/tmp/z.parquet", "p/p/")
    report = rig.copy(include="*.parquet", exclude=["tmp/*"])
    assert (report.counts["copied"], report.counts["filtered"]) == (1, 3)
    assert rig.store.keys("dst") == ["q/y.parquet"]


def test_metadata_can_be_replaced_without_losing_content_headers() -> None:
    rig = Rig()
    rig.store.put("src", "p/a", b"zipped", headers={"ContentEncoding": "gzip"}, metadata={"old": "1"}, tags={"t": "1"})
    rig.copy(metadata={"new": "2"})
    copied = rig.store.get("dst", "q/a")
    assert copied.metadata == {"new": "2"}
    assert copied.headers == {"ContentEncoding": "gzip"}
    assert copied.tags == {"t": "1"}
    assert rig.source.counts()["HeadObject"] == 1


SITE: list[object] = [("*.html", {"cache-control": "no-cache", "content-encoding": None}), ("*.gz", {"expires": "0"})]


def test_content_headers_are_set_and_dropped_by_globs_and_only_these_keys_cost_a_head() -> None:
    rig = Rig()
    kept = {"ContentEncoding": "gzip", "ContentType": "text/html"}
    for name in ("a.html", "b.gz", "c"):
        rig.store.put("src", f"p/{name}", b"zipped", headers=kept, metadata={"old": "1"}, tags={"t": "1"})
    rig.copy(headers=SITE)
    copies = {key: rig.store.get("dst", key) for key in rig.store.keys("dst")}
    assert {key: dict(copied.headers) for key, copied in copies.items()} == {
        "q/a.html": {"ContentType": "text/html", "CacheControl": "no-cache"},
        "q/b.gz": {**kept, "Expires": "0"},
        "q/c": kept,
    }
    assert all((copied.metadata, copied.tags) == ({"old": "1"}, {"t": "1"}) for copied in copies.values())
    assert rig.source.counts()["HeadObject"] == 2


def test_nothing_is_read_where_metadata_and_all_content_headers_are_given() -> None:
    rig = Rig()
    rig.store.put("src", "p/a", b"zipped", headers={"ContentEncoding": "gzip"}, metadata={"old": "1"})
    names = ("cache-control", "content-disposition", "content-encoding", "content-language", "expires")
    rig.copy(headers={**dict.fromkeys(names), "content-type": "text/csv"}, metadata="drop")
    copied = rig.store.get("dst", "q/a")
    assert (copied.headers, copied.metadata) == ({"ContentType": "text/csv"}, {})
    assert "HeadObject" not in rig.source.counts()


def test_metadata_that_no_head_tells_is_a_failure_only_where_its_copy_gets_other_headers() -> None:
    rig = Rig()
    for name in ("a.html", "b"):
        rig.store.put("src", f"p/{name}", b"x", untold=2)
    report = rig.copy(headers=SITE, max_failures=1)
    assert (report.counts["copied"], report.counts["failed"]) == (1, 1)
    assert rig.store.keys("dst") == ["q/b"]
    (failure,) = report.failures
    assert "2 of its metadata entries do not fit a header" in failure.message
    assert "a copy with other headers would lose them" in failure.message
    assert rig.copy(headers=SITE, metadata="drop").ok


def test_an_object_deleted_since_it_was_listed_is_missing_and_no_failure() -> None:
    rig = Rig()
    rig.seed_keys(*keys(10))
    rig.deleted_when_listed("p/000003")
    report = rig.copy()
    assert report.ok
    assert (report.counts["copied"], report.counts["missing"]) == (9, 1)


def test_a_failure_in_passing_gets_a_second_round() -> None:
    rig = Rig(
        [Fault("CopyObject", "InternalError", 500, key="p/000003"), Fault("CopyObject", "SlowDown", 503, times=2)]
    )
    rig.seed_keys(*keys(10))
    report = rig.copy()
    assert report.ok
    assert report.counts["copied"] == 10
    assert report.throttled == 2
    assert [event.phase for event in rig.sink.of(PhaseStarted)] == ["retry"]
    assert rig.same_on_both_sides()


def test_a_source_that_changed_in_mid_run_is_copied_as_it_is_now() -> None:
    rig = Rig()
    rig.seed_keys(*keys(5))
    listed = rig.source.list_page

    def then_it_changes(op):  # type: ignore[no-untyped-def]
        page = listed(op)
        rig.store.put("src", "p/000002", b"changed since it was listed")
        return page

    rig.source.list_page = then_it_changes  # type: ignore[method-assign]
    report = rig.copy()
    assert report.counts["copied"] == 5
    assert report.counts["bytes"] == 4 * 3 + 27
    assert rig.same_on_both_sides()


def test_a_key_that_never_arrives_fails_with_its_reason_and_may_be_retried() -> None:
    rig = Rig([Fault("CopyObject", "InternalError", 500, key="p/000003", times=None)])
    rig.seed_keys(*keys(10))
    report = rig.copy()
    assert not report.ok
    assert report.retryable
    assert [(failure.key, failure.reason) for failure in report.failures] == [("p/000003", Reason.SERVER)]
    assert rig.requests("CopyObject") == 9 + 2
    assert len(rig.sink.of(KeyFailed)) == 1


def test_failures_within_the_budget_are_a_success() -> None:
    rig = Rig([Fault("CopyObject", "InvalidRequest", 400, key="p/000003", times=None)])
    rig.seed_keys(*keys(10))
    assert rig.copy(max_failures=1).ok
    assert not rig.copy(max_failures=0).ok


def test_a_permanent_error_is_tried_once() -> None:
    rig = Rig([Fault("CopyObject", "AccessDenied", 403, key="p/000003", times=None)])
    rig.seed_keys(*keys(10))
    report = rig.copy()
    assert not report.retryable
    assert rig.requests("CopyObject") == 10
    assert rig.engine is not None
    assert rig.engine.first_denied is not None


def test_the_run_stops_when_the_first_hundred_copies_are_all_denied() -> None:
    rig = Rig([Fault("CopyObject", "AccessDenied", 403, times=None)])
    rig.seed_keys(*keys(3000))
    report = rig.copy(max_concurrency=16)
    assert "first 100 copies all failed: denied" in report.stopped
    assert rig.requests("CopyObject") < 100 + 2 * 16
    assert not report.ok
    assert report.counts["listed"] < 3000
    assert report.counts["listed"] == report.counts["failed"] + report.counts["not_attempted"]


def test_the_run_stops_when_a_thousand_in_a_row_fail_for_one_permanent_reason() -> None:
    rig = Rig([Fault("CopyObject", "AccessDenied", 403, times=None, skip=1)])
    rig.seed_keys(*keys(1500))
    report = rig.copy(max_concurrency=4, batch_size=50)
    assert report.stopped == "the last 1,000 copies all failed: denied"
    assert report.counts["copied"] == 1
    assert report.counts["failed"] < 1000 + 2 * 4


def test_failures_of_several_kinds_do_not_stop_the_run() -> None:
    rig = Rig([Fault("CopyObject", "AccessDenied", 403, times=120), Fault("CopyObject", "InvalidTag", 400, times=121)])
    rig.seed_keys(*keys(300))
    report = rig.copy(batch_size=1000, max_concurrency=1)
    assert report.stopped.startswith("the first 100")
    rig = Rig([Fault("CopyObject", "AccessDenied", 403, times=50), Fault("CopyObject", "InvalidTag", 400, times=99)])
    rig.seed_keys(*keys(300))
    report = rig.copy(batch_size=1000, max_concurrency=1)
    assert report.stopped == ""
    assert (report.counts["failed"], report.counts["copied"]) == (99, 201)


def test_a_dry_run_decides_everything_and_writes_nothing() -> None:
    rig = Rig()
    rig.seed_keys(*keys(50))
    report = rig.copy(dry_run=True)
    assert report.counts["would_copy"] == 50
    assert report.counts["bytes"] == 150
    assert rig.dest.counts() == {"ListObjectsV2": 1}
    assert rig.store.keys("dst") == []


def test_batches_are_told_in_order_and_hold_what_was_asked_for() -> None:
    rig = Rig(seed=7)
    rig.seed_keys(*keys(1050))
    rig.copy(batch_size=100)
    settled = rig.sink.of(BatchSettled)
    assert [event.number for event in settled] == list(range(1, 12))
    assert [event.counts["listed"] for event in settled] == [100] * 10 + [50]
    assert settled[0].last_key == "p/000099"


def test_one_object_costs_a_head_a_side_and_a_copy() -> None:
    rig = Rig()
    rig.seed_keys("p/a", "p/ab")
    report = rig.copy("s3://src/p/a", "s3://dst/q/")
    assert report.counts["copied"] == 1
    assert rig.store.keys("dst") == ["q/a"]
    assert rig.source.counts() == {"HeadObject": 1}
    assert rig.dest.counts() == {"HeadObject": 1, "CopyObject": 1}
    rig.clock.advance(5)
    assert rig.copy("s3://src/p/a", "s3://dst/q/").counts["skipped"] == 1


def test_one_object_that_is_not_there_is_an_empty_source() -> None:
    rig = Rig()
    assert rig.copy("s3://src/p/none", "s3://dst/q/").empty


def test_one_object_goes_where_the_key_may_be_written_but_not_read() -> None:
    rig = Rig()
    rig.seed_keys("p/a")
    rig.store.allow = lambda who, action, bucket, key: bucket == "src" or action == "s3:PutObject"
    assert rig.copy("s3://src/p/a", "s3://dst/q/").counts["copied"] == 1


def test_a_source_that_may_not_be_listed_ends_the_run_with_its_denial() -> None:
    rig = Rig()
    rig.seed_keys("p/a")
    rig.store.allow = lambda who, action, bucket, key: action != "s3:ListBucket" or bucket != "src"
    report = rig.copy()
    assert "the listing was refused: ListObjectsV2 on s3://src/p/" in report.stopped
    assert not report.retryable
    assert rig.requests("ListObjectsV2") <= 2
    assert rig.store.keys("dst") == []
