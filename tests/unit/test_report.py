from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from tests.unit.value_samples import MD5, THEN, facts

from s3_crosscopy.errors import AccountingError, CopyFailed, CrossCopyError, InvalidInput, PermanentFailure, S3Error
from s3_crosscopy.model.events import Progress
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import CHECKSUM_NOT_LISTED, Listed, absent
from s3_crosscopy.model.outcomes import Failure, Reason, Verified
from s3_crosscopy.model.report import FIRST_FAILURES, Report
from s3_crosscopy.model.tally import Tally

UNPROVEN = Failure("a/k", Reason.CHANGED, "ListObjectsV2", "NotVerified", "is not at the destination")


def report(counts: dict[str, int] | None = None, **more: Any) -> Report:
    return Report(
        source="s3://src/a/",
        dest="s3://dst/b/",
        counts={**Tally().as_dict(), **(counts or {})},
        decisions=more.pop("decisions", {}),
        verified_by=more.pop("verified_by", {}),
        throttled=0,
        seconds=more.pop("seconds", 2.0),
        **more,
    )


@pytest.mark.parametrize(
    ("made", "ok"),
    [
        (report(), True),
        (report({"listed": 3, "copied": 1, "skipped": 1, "filtered": 1}), True),
        (report({"listed": 1, "missing": 1}), True),
        (report({"listed": 1, "failed": 1}), False),
        (report({"listed": 1, "failed": 1}, max_failures=1), True),
        (report({"listed": 2, "failed": 2}, max_failures=1), False),
        (report({"listed": 1, "not_attempted": 1}), False),
        (report({"listed": 9, "not_attempted": 1, "copied": 8}, max_failures=5), False),
        (report({"listed": 1, "copied": 1}, stopped="the listing was refused"), False),
        (report({"listed": 1, "held_back": 1}), True),
        (report({"listed": 1, "copied": 1}, checked=1), True),
        (report({"listed": 200, "failed": 2, "copied": 198}, max_failures="1%"), True),
        (report({"listed": 199, "failed": 2, "copied": 197}, max_failures="1%"), False),
        # A proof that is missing is no failure of a copy that a share could allow.
        (report({"listed": 9, "copied": 9}, checked=9, unproven=(UNPROVEN,), max_failures="100%"), False),
    ],
)
def test_a_run_is_ok_when_all_was_tried_and_no_more_failed_than_allowed(made: Report, ok: bool) -> None:
    assert made.ok is ok
    assert made.as_dict()["ok"] is ok


@pytest.mark.parametrize(
    ("counts", "decisions", "empty"),
    [
        ({}, {}, True),
        ({"listed": 3, "filtered": 3}, {"filtered by glob": 3}, True),
        ({"listed": 3, "filtered": 3}, {"filtered by glob": 1, "filtered by size": 2}, True),
        ({"listed": 1, "filtered": 1}, {"prefix marker": 1}, True),
        ({"listed": 2, "missing": 2}, {}, True),
        ({"listed": 3, "filtered": 1, "missing": 2}, {"filtered by glob": 1}, True),
        # Only its time left one out, which passed the globs and sizes: there was a source, and no news.
        ({"listed": 3, "filtered": 3}, {"filtered by glob": 2, "filtered by time": 1}, False),
        ({"listed": 3, "filtered": 1, "missing": 2}, {"filtered by time": 1}, False),
        # What was copied, is there already, is archived, failed or waits was meant.
        ({"listed": 2, "filtered": 1, "copied": 1}, {"filtered by glob": 1}, False),
        ({"listed": 2, "filtered": 1, "would_copy": 1}, {"filtered by glob": 1}, False),
        ({"listed": 2, "missing": 1, "skipped": 1}, {"same etag": 1}, False),
        ({"listed": 1, "skipped": 1}, {"archived": 1}, False),
        ({"listed": 2, "missing": 1, "failed": 1}, {"denied": 1}, False),
        ({"listed": 1, "held_back": 1}, {}, False),
        ({"listed": 1, "not_attempted": 1}, {}, False),
    ],
)  # fmt: skip
def test_a_run_is_empty_if_nothing_was_there_or_globs_sizes_and_missing_keys_left_nothing(
    counts: dict[str, int], decisions: dict[str, int], empty: bool
) -> None:
    assert report(counts, decisions=decisions).empty is empty


def failure(number: int) -> Failure:
    return Failure(f"a/{number}/" + "k" * 100, Reason.DENIED, "CopyObject", "AccessDenied", "Access Denied", "R" * 16)


def test_the_summary_is_small_json() -> None:
    full = report(
        {"listed": 10_000_000, "failed": 9_999_999},
        decisions={"size differs": 3, "new": 10**7},
        verified_by={Verified.ETAG.value: 1},
        failures=tuple(failure(number) for number in range(FIRST_FAILURES)),
        stopped="all 1,000 copies of a batch failed: denied",
        denial="CopyObject was denied\n  who: x",
    )
    text = json.dumps(full.as_dict(), allow_nan=False)
    # XCom's table is a database row; 48 KB is what a checkpoint may take as well.
    assert len(text) < 16_000
    back = json.loads(text)
    assert back["failures"][0] == {**failure(0)._asdict(), "reason": "denied"}
    assert list(back["decisions"]) == ["new", "size differs"]
    assert back["verified_by"] == {"etag": 1}
    assert back["listed"] == 10_000_000
    assert type(full.as_dict()["failures"][0]["reason"]) is str  # type: ignore[index]


def test_the_summary_has_every_count_and_says_what_it_is_about() -> None:
    made = report({"copied": 5, "bytes": 50}, seconds=2.0).as_dict()
    assert set(made) == {
        *("ok", "source", "dest", "dry_run", "listed", *Tally.OUTCOMES, "bytes", "decisions", "compared_by"),
        *("verified_by", "etags_kept", "etags_not_kept"),
        *("throttled", "seconds", "objects_per_second", "failures", "checked", "unproven", "stopped", "denial"),
        *("extraneous", "since", "debug", "run"),
    }
    assert made["objects_per_second"] == 2.5
    assert (made["etags_kept"], made["etags_not_kept"]) == (None, None)


def test_every_copy_of_a_run_that_preserves_etags_has_its_sources_etag_or_a_reason() -> None:
    losses = {"parts of uneven sizes": 1, "another ETag": 2}
    made = dataclasses.replace(report({"copied": 5}), etags_not_kept=losses).as_dict()
    assert (made["etags_kept"], made["etags_not_kept"]) == (2, {"another ETag": 2, "parts of uneven sizes": 1})
    assert list(made["etags_not_kept"]) == sorted(losses)  # type: ignore[call-overload]
    assert dataclasses.replace(report({"copied": 5}), etags_not_kept={}).etags_kept == 5


@pytest.mark.parametrize(
    ("listed", "wish", "allowed"),
    [
        (0, 0, 0),
        (10, 3, 3),
        (0, "50%", 0),
        (99, "1%", 0),
        (100, "1%", 1),
        (199, "1%", 1),
        (1000, "0.1%", 1),
        (7, "100%", 7),
        (10_000_000, "0.00001%", 1),
    ],
)
def test_a_share_of_the_listed_objects_is_rounded_down(listed: int, wish: int | str, allowed: int) -> None:
    assert report({"listed": listed}, max_failures=wish).may_fail == allowed


def test_what_a_listing_at_the_end_did_not_find_is_named_in_the_summary() -> None:
    made = json.loads(json.dumps(report({"listed": 2, "copied": 2}, checked=2, unproven=(UNPROVEN,)).as_dict()))
    assert (made["ok"], made["checked"]) == (False, 2)
    assert made["unproven"] == [{**UNPROVEN._asdict(), "reason": "changed"}]
    assert report().as_dict()["checked"] is None, "nobody looked, which is not the same as finding nothing"


def test_the_loops_longest_stay_is_a_debug_figure_of_the_summary() -> None:
    assert report(longest_stay_s=0.01249).as_dict()["debug"] == {"longest_stay_s": 0.012}


def test_a_summary_is_rounded_to_what_can_be_measured() -> None:
    made = report({"copied": 1}, seconds=3.00049).as_dict()
    assert made["seconds"] == 3.0
    assert made["objects_per_second"] == 0.3


def test_a_report_is_of_a_real_run_that_may_lose_nothing_unless_it_says_otherwise() -> None:
    made = report()
    assert (made.retryable, made.dry_run, made.max_failures, made.failures) == (False, False, 0, ())


def test_a_run_that_took_no_time_has_no_rate() -> None:
    assert report({"copied": 5}, seconds=0.0).as_dict()["objects_per_second"] == 0.0


def tally(listed: int = 0, **counts: int) -> Tally:
    made = Tally()
    made.listed = listed
    for name, many in counts.items():
        setattr(made, name, many)
    return made


def test_a_new_tally_counts_nothing() -> None:
    assert set(Tally().as_dict().values()) == {0}


def test_tallies_add_up_in_every_count() -> None:
    left, right = Tally(), Tally()
    for number, name in enumerate(("listed", "bytes", *Tally.OUTCOMES), 1):
        setattr(left, name, number)
        setattr(right, name, 100 * number)
    left.reasons.update({"new": 1})
    right.reasons.update({"new": 2, "denied": 3})
    right.verified.update({"etag": 4})
    right.etags_not_kept.update({"another ETag": 5})
    left.add(right)
    assert left.as_dict() == {name: 101 * number for number, name in enumerate(("listed", "bytes", *Tally.OUTCOMES), 1)}
    assert left.reasons == {"new": 3, "denied": 3}
    assert left.verified == {"etag": 4}
    assert left.etags_not_kept == {"another ETag": 5}


def test_a_tally_comes_back_from_what_a_checkpoint_keeps_of_it() -> None:
    made = tally(**{name: number for number, name in enumerate(("listed", "bytes", *Tally.OUTCOMES), 1)})
    made.reasons.update({"new": 3})
    made.verified.update({"etag": 4})
    made.etags_not_kept.update({"another ETag": 5})
    back = Tally.of(made.as_dict(), made.reasons, made.verified, made.etags_not_kept)
    assert (back.as_dict(), back.reasons, back.verified) == (made.as_dict(), made.reasons, made.verified)
    assert back.etags_not_kept == {"another ETag": 5}
    back.reasons["new"] += 1
    assert made.reasons == {"new": 3}, "it is a copy"


def test_a_count_that_an_older_checkpoint_did_not_have_is_zero() -> None:
    assert Tally.of({"listed": 2, "copied": 2}, {}, {}).as_dict() == tally(listed=2, copied=2).as_dict()


@pytest.mark.parametrize("name", Tally.OUTCOMES)
def test_every_outcome_closes_the_gap_of_one_listed_key(name: str) -> None:
    assert tally(listed=3, **{name: 2}).gap() == 1
    assert tally(listed=2, **{name: 2}).gap() == 0
    assert tally(**{name: 1}).gap() == -1


def test_bytes_are_no_outcome() -> None:
    assert tally(listed=1, bytes=100).gap() == 1


def test_progress_gives_log_fields_with_readable_rates() -> None:
    made = Progress({"listed": 3, "copied": 2}, 1.5, 2.345, 1234.5678, 7, 1, 16)
    assert made.fields() == {
        "listed": 3,
        "copied": 2,
        "objects_per_second": 2.3,
        "bytes_per_second": 1235,
        "in_flight": 7,
        "window": 16,
        "throttled": 1,
    }


def test_a_head_can_stand_for_a_row_of_a_listing() -> None:
    head = facts(size=5, etag=MD5, modified=THEN, storage_class="GLACIER_IR", encryption="aws:kms")
    assert head.as_listed("a/k") == Listed("a/k", 5, MD5, THEN, "GLACIER_IR", checksum=CHECKSUM_NOT_LISTED)
    restored = facts(storage_class="GLACIER", restored=True)
    assert restored.as_listed("a/k").restored


def test_what_the_source_does_not_have_is_the_only_row_without_a_storage_class() -> None:
    assert absent("a/k") == Listed("a/k", 0, "", "", storage_class="")
    assert facts().as_listed("a/k").storage_class != ""


def test_a_bucket_has_no_guards_unless_given() -> None:
    assert Bucket("b") == Bucket("b", owner=None, requester_pays=False)


def s3_error(**more: str) -> S3Error:
    return S3Error(
        call="CopyObject", bucket="b", key="k", code="AccessDenied", status=403, reason=Reason.DENIED,
        **{"message": "", **more},
    )  # fmt: skip


def test_an_s3_error_says_call_key_code_and_request() -> None:
    assert str(s3_error()) == "CopyObject on s3://b/k: AccessDenied"
    full = s3_error(message="Access Denied", request_id="R1")
    assert str(full) == "CopyObject on s3://b/k: AccessDenied: Access Denied (request id R1)"


def test_every_error_is_of_one_family_and_a_failed_run_carries_its_report() -> None:
    for kind in (AccountingError, CopyFailed, InvalidInput, PermanentFailure, S3Error):
        assert issubclass(kind, CrossCopyError)
    assert issubclass(InvalidInput, ValueError)
    made = report()
    assert PermanentFailure("x", made).report is made
    assert CopyFailed("x").report is None


def test_a_report_is_a_value() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        report().seconds = 1.0  # type: ignore[misc]


def test_what_compared_is_counted_by_the_reasons() -> None:
    decisions = {"new": 1, "same etag": 2, "etag differs": 3, "same checksum": 4, "copy newer": 5, "same size": 6}
    made = report(decisions=decisions)
    assert made.compared_by == {"etag": 5, "checksum": 4, "time": 5}
    assert made.as_dict()["compared_by"] == {"checksum": 4, "etag": 5, "time": 5}
