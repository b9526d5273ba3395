from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.hostile_text import HOSTILE
from tests.unit.state_strategies import STATE

from s3_crosscopy.airflow.plugin.console_link import CONSOLES
from s3_crosscopy.airflow.plugin.progress_model import (
    CurrentRate,
    Link,
    Missed,
    PlannedCopy,
    Rate,
    Status,
    TaskProgress,
)
from s3_crosscopy.airflow.plugin.stored_values import LONGEST_TEXT
from s3_crosscopy.airflow.plugin.task_progress import (
    LAST_MISSED,
    LONGEST_URL,
    LONGEST_WHY,
    OTHERS,
    UNREADABLE,
    is_summary,
    most_frequent,
    progress_of,
    status_of,
)
from s3_crosscopy.model.checkpoint import to_json
from s3_crosscopy.model.extraneous import Deletion, Extraneous
from s3_crosscopy.model.input_limits import REASONS
from s3_crosscopy.model.outcomes import Failure, Reason
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.run_record import RunInfo
from s3_crosscopy.model.run_scope import LEFT_TO_PUBLISH
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.shards.result import result_to_json

NOW = 1_800_000_000.0
SINCE = NOW - 100
PROGRESS: dict[str, Any] = {
    **Tally().as_dict(),
    "listed": 90,
    "copied": 80,
    "skipped": 10,
    "bytes": 8_000,
    "objects_per_second": 12.5,
    "bytes_per_second": 1_250,
    "in_flight": 7,
    "window": 64,
    "throttled": 1,
    "history": [[5.0, 10.0], [10.0, 12.5]],
    "source": "s3://raw/in/",
    "dest": "s3://landing/out/",
    "total_keys": 200,
    "failures": [["in/a", "denied"], ["in/b", "timed out"]],
}
COUNTS = {**Tally().as_dict(), "listed": 50, "copied": 50}
REPORT = Report(
    source="s3://raw/in/",
    dest="s3://landing/out/",
    counts={**Tally().as_dict(), "listed": 3, "copied": 2, "failed": 1, "bytes": 20},
    decisions={"missing": 2},
    verified_by={"etag": 2},
    throttled=4,
    seconds=9.0,
    failures=(Failure("in/c", Reason.DENIED, "CopyObject", "AccessDenied", "no", "id"),),
    stopped="all of the first 100 failed",
)


def kept(progress: object = None, **fields: Any) -> dict[str, Any]:
    state = STATE._replace(counts=COUNTS, reasons={"missing": 50}, seconds=30.0, throttled=3, progress=None)
    return {**to_json(state, NOW), "progress": progress, "finished": False, **fields}


def read(state: str | None = "running", **given_: Any) -> TaskProgress:
    return progress_of("copy", state, SINCE, **given_)


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (None, Status.WAITING),
        ("queued", Status.WAITING),
        ("running", Status.RUNNING),
        ("up_for_retry", Status.RETRYING),
        ("success", Status.DONE),
        ("failed", Status.FAILED),
        ("upstream_failed", Status.LEFT_OUT),
        ("skipped", Status.SKIPPED),
        ("removed", Status.LEFT_OUT),
        ("deferred", Status.ASKING),
        ("awaiting_input", Status.ASKING),
        ("a state of Airflow 4", Status.WAITING),
    ],
)
def test_what_airflow_says_of_a_task_has_a_meaning(state: str | None, status: Status) -> None:
    assert status_of(state) is status


def test_a_task_that_left_nothing_has_a_status_alone() -> None:
    one = read("queued")
    assert (one.status, one.heard, one.total_keys, one.places) == (Status.WAITING, False, None, ())


def test_a_running_copy_tells_its_progress() -> None:
    one = read(stored=kept(PROGRESS), console=CONSOLES["aws-cn"])
    assert one.heard
    assert (one.counts["listed"], one.counts["copied"], one.counts["bytes"]) == (90, 80, 8_000)
    assert one.decisions == {"missing": 50}
    assert one.current_rate == CurrentRate(12.5, 1_250, 7, 64)
    assert one.total_keys == 200
    assert one.missed == (Missed("in/a", "denied"), Missed("in/b", "timed out"))
    assert one.rates == (Rate(NOW - 10, NOW - 5, 10.0), Rate(NOW - 5, NOW, 12.5))
    assert one.places[0] == Link("source", "s3://raw/in/", f"{CONSOLES['aws-cn']}/buckets/raw?prefix=in%2F")
    assert [place.name for place in one.places] == ["source", "dest"]


def test_the_rates_of_an_ended_copy_stand_beside_its_report() -> None:
    said = {**REPORT.as_dict(), "history": [[5.0, 10.0]]}
    assert read("success", stored=kept(said)).rates == (Rate(NOW - 5, NOW, 10.0),)


def test_time_and_throttles_are_those_of_all_attempts() -> None:
    one = read(stored=kept(PROGRESS))
    assert (one.seconds, one.throttled, one.saved_at) == (30.0, 3, NOW)


def test_without_progress_what_is_settled_counts() -> None:
    one = read(stored=kept(None))
    assert (one.counts["listed"], one.counts["copied"]) == (50, 50)
    assert one.heard


@pytest.mark.parametrize(("state", "paused"), [("running", "paused: S3 answers 503"), ("up_for_retry", "")])
def test_a_running_copy_says_why_it_is_paused(state: str, paused: str) -> None:
    assert read(state, stored=kept({"listed": 1, "paused": "paused: S3 answers 503"})).paused == paused


DELETION = Deletion(3, 1, 0)


@pytest.mark.parametrize("deletion", [None, DELETION])
def test_an_ended_copy_or_shard_tells_what_only_the_destination_has(deletion: Deletion | None) -> None:
    report = replace(REPORT, extraneous=Extraneous(4, 1, at_least=True, first=("out/x",), deletion=deletion))
    ended = read("success", stored=kept(report.as_dict())).extraneous
    shard = read("success", summary=result_to_json(1, "mark", report)).extraneous

    assert ended == Extraneous(4, 1, at_least=True, deletion=deletion)
    assert ended is not None
    assert shard is not None
    assert shard[:3] == ended[:3]


@pytest.mark.parametrize(
    "damage", [{"keys": "x"}, {"keys": None}, {"deletion": {}}, {"deletion": 3}, {"keys": float("inf")}]
)
def test_damaged_numbers_of_extraneous_keys_are_not_shown(damage: dict[str, Any]) -> None:
    said = {**REPORT.as_dict(), "extraneous": {**Extraneous(4).as_dict(), **damage}}
    assert read("success", stored=kept(said)).extraneous is None


def test_a_copy_that_is_not_running_has_no_pulse() -> None:
    assert read("up_for_retry", stored=kept(PROGRESS)).current_rate == CurrentRate()


def test_an_ended_copy_tells_its_report() -> None:
    one = read("failed", stored=kept({**REPORT.as_dict(), "report": "s3://landing/reports/"}, finished=False))
    assert (one.status, one.counts["failed"], one.stopped) == (Status.FAILED, 1, "all of the first 100 failed")
    assert one.missed == (Missed("in/c", "denied", "no"),)
    assert [place.name for place in one.places] == ["source", "dest", "report"]


def test_where_no_store_is_the_summary_tells() -> None:
    one = read("success", summary=REPORT.as_dict())
    assert one.heard
    assert (one.status, one.counts["copied"], one.seconds, one.throttled) == (Status.DONE, 2, 9.0, 4)
    assert one.decisions == {"missing": 2}


def test_a_summary_has_the_place_of_the_report_in_its_run() -> None:
    run = RunInfo(report="s3://landing/reports/")
    summary = replace(REPORT, run=run).as_dict()
    assert [place.url for place in read("success", summary=summary).places][2:] == ["s3://landing/reports/"]
    failed = read("failed", end={"why": "x", "summary": summary})
    assert [place.url for place in failed.places][2:] == ["s3://landing/reports/"]


def test_what_a_shard_leaves_is_a_summary_too() -> None:
    said = result_to_json(3, "0123456789abcdef", replace(REPORT, counts={**REPORT.counts, "failed": 0}))
    assert is_summary(said)
    one = read("success", summary=said, planned={"source": "s3://raw/in/", "dest": "s3://landing/out/", "keys": 9})
    assert (one.heard, one.counts["copied"], one.counts["failed"], one.seconds) == (True, 2, 0, 9.0)
    assert [place.url for place in one.places] == ["s3://raw/in/", "s3://landing/out/"]


def test_the_store_says_more_than_the_summary() -> None:
    assert read("success", stored=kept(PROGRESS), summary=REPORT.as_dict()).counts["copied"] == 80


@pytest.mark.parametrize("value", [None, "s3://xcom-backend/key", ["copied"], {"copied": 1}])
def test_what_other_tasks_return_is_no_summary(value: object) -> None:
    assert not is_summary(value)
    assert not read("success", summary=value).heard


@pytest.mark.parametrize(
    ("state", "since", "heard"),
    [
        ("queued", SINCE, False),
        ("up_for_retry", SINCE, False),
        ("running", NOW + 1, False),
        ("running", None, False),
        ("running", SINCE, True),  # it has just ended, and Airflow does not know yet
        ("success", SINCE, True),
        ("failed", SINCE, True),
    ],
)
def test_what_a_cleared_task_had_finished_is_not_where_it_stands(state: str, since: float | None, heard: bool) -> None:
    assert progress_of("copy", state, since, kept(REPORT.as_dict(), finished=True)).heard is heard


def test_a_plan_knows_how_many_keys_a_shard_has_and_where_it_goes() -> None:
    planned = {"keys": 5_000, "source": "s3://raw/in/", "dest": "s3://landing/out/", "number": 3}
    waiting = read("queued", planned=planned)
    assert (waiting.heard, waiting.total_keys) == (False, 5_000)
    assert [place.url for place in waiting.places] == ["s3://raw/in/", "s3://landing/out/"]
    assert read(stored=kept(None), planned=planned).total_keys == 5_000


def test_keys_left_to_the_publish_task_are_counted_there() -> None:
    counts = {**COUNTS, "listed": 52, "held_back": 2}
    one = read("success", stored=kept({**REPORT.as_dict(), **counts}, reasons={LEFT_TO_PUBLISH: 2}))
    assert (one.counts["listed"], one.counts["held_back"]) == (50, 0)


END: dict[str, Any] = {"why": "the copier may not list s3://raw/in/", "summary": None}


@pytest.mark.parametrize("state", ["failed", "up_for_retry", "skipped"])
def test_a_task_that_ended_before_it_copied_tells_why_and_has_no_figures(state: str) -> None:
    one = read(state, end=END)
    assert (one.why, one.heard, one.unreadable) == (END["why"], False, False)


@pytest.mark.parametrize("state", [None, "queued", "running", "success", "upstream_failed"])
def test_a_reason_is_that_of_an_end(state: str | None) -> None:
    assert read(state, end=END).why == ""


def test_a_failed_task_without_a_store_has_the_figures_of_its_summary() -> None:
    one = read("failed", end={"why": "1 of 3 objects was not copied", "summary": REPORT.as_dict()})
    assert (one.heard, one.counts["copied"], one.counts["failed"]) == (True, 2, 1)
    # It is in the reason already.
    assert (one.why, one.stopped) == ("1 of 3 objects was not copied", "")


@pytest.mark.parametrize(("stopped", "total"), [("", 3), ("all of the first 100 failed", None)])
def test_a_copy_that_failed_at_its_end_has_listed_everything(stopped: str, total: int | None) -> None:
    report = replace(REPORT, stopped=stopped).as_dict()
    assert read("failed", end={"why": "x", "summary": report}).total_keys == total
    assert read("failed", stored=kept(PROGRESS)).total_keys == 200


def test_what_the_store_has_of_a_failed_task_is_shown_beside_the_reason() -> None:
    one = read("failed", stored=kept(PROGRESS), end=END)
    assert (one.why, one.counts["copied"]) == (END["why"], 80)


@pytest.mark.parametrize("end", [UNREADABLE, [], "text", {}, {"why": None}, {"why": ["x"] * 900, "summary": "no"}])
def test_a_damaged_end_does_no_harm(end: object) -> None:
    one = read("failed", end=end)
    assert (one.heard, len(one.why) <= LONGEST_WHY) == (False, True)


@pytest.mark.parametrize("verified", [{"etag": 70, "checksum": 10, "size": 0, "other": 3}])
def test_the_ways_of_verification_are_those_of_all_attempts(verified: dict[str, int]) -> None:
    one = read(stored=kept(PROGRESS, verified=verified))
    assert one.verified_by == {"etag": 70, "checksum": 10}
    assert read("success", summary={**REPORT.as_dict(), "checked": 9}).verified_by == {"etag": 2}
    assert read("success", summary={**REPORT.as_dict(), "checked": 9}).checked == 9
    assert read("success", summary=REPORT.as_dict()).checked is None


COST: dict[str, Any] = {"amount": 5.01234, "bound": "at most", "currency": "USD"}
PLAN: dict[str, Any] = {"requests": [{"number": 10}, {"number": 5}], "cost": COST, "duration": {"seconds": 60}}


@pytest.mark.parametrize(
    ("plan", "planned"),
    [
        (PLAN, PlannedCopy(15, "at most 5.01 USD", 60.0)),
        ({**PLAN, "cost": {**COST, "amount": 0.00314}}, PlannedCopy(15, "at most 0.0031 USD", 60.0)),
        ({**PLAN, "cost": None, "duration": None}, PlannedCopy(15, "", 0.0)),
        ({**PLAN, "requests": 5}, None),
        ({**PLAN, "cost": {}}, None),
        ({**PLAN, "cost": {**COST, "amount": "x"}}, None),
        (None, None),
        ([], None),
    ],
)
def test_a_dry_run_tells_what_the_copy_would_need(plan: object, planned: PlannedCopy | None) -> None:
    summary = {**REPORT.as_dict(), "dry_run": True, "plan": plan}
    assert read("success", summary=summary).planned == planned


def test_long_texts_keep_both_ends() -> None:
    one = read(stored=kept({**PROGRESS, "failures": [["x" * 500 + "/end.json", "denied"]]}))
    assert len(one.missed[0].key) == LONGEST_TEXT
    assert one.missed[0].key.endswith("/end.json")
    assert "…" in one.missed[0].key


def test_only_the_last_failures_are_shown() -> None:
    one = read(stored=kept({**PROGRESS, "failures": [[str(number), "denied"] for number in range(20)]}))
    assert [missed.key for missed in one.missed] == [str(number) for number in range(20 - LAST_MISSED, 20)]


def test_odd_failures_and_points_do_no_harm() -> None:
    odd = {**PROGRESS, "failures": ["text", [], ["key"], {}, 5], "history": [[5.0], "no", [5.0, None], [5.0, 1.0]]}
    one = read(stored=kept(odd))
    assert one.missed == (Missed("text", ""), Missed("", ""), Missed("key", ""), Missed("", ""), Missed("5", ""))
    assert len(one.rates) == 1


@pytest.mark.parametrize("value", [UNREADABLE, [], "text", 5, {}, {"progress": 5}, {"progress": {}, "counts": []}])
def test_what_is_no_state_of_a_copy_is_told_to_be_unreadable(value: object) -> None:
    one = read(stored=value, planned={"source": "s3://raw/in/"})
    assert (one.heard, one.unreadable, one.status) == (False, True, Status.RUNNING)
    assert [place.url for place in one.places] == ["s3://raw/in/"]


def test_a_summary_that_cannot_be_read_is_told_unless_the_store_has_more() -> None:
    assert read("success", summary=UNREADABLE).unreadable
    assert not read("success", stored=kept(PROGRESS), summary=UNREADABLE).unreadable
    assert read("success", stored=UNREADABLE, summary=REPORT.as_dict()).counts["copied"] == 2


@pytest.mark.parametrize("value", [-1, 1e308, float("nan"), float("inf"), 10**400, True, "5", None, [5]])
@pytest.mark.parametrize(
    "name", ["listed", "copied", "seconds", "throttled", "objects_per_second", "in_flight", "saved_at"]
)
def test_what_counts_nothing_is_nought(name: str, value: object) -> None:
    said = kept({**PROGRESS, name: value})
    if name in said:
        said[name] = value
    one = read(stored=said)
    told = {**one.counts, **one.current_rate._asdict(), "seconds": one.seconds, "throttled": one.throttled}
    assert {**told, "saved_at": one.saved_at}[name] == 0


@pytest.mark.parametrize("point", [[1e308, 5.0], [-5.0, 1.0], [5.0, 1e308], [float("nan"), 1.0], [5.0, -1]])
def test_points_that_nobody_measured_are_left_out(point: list[float]) -> None:
    assert len(read(stored=kept({**PROGRESS, "history": [point, [5.0, 10.0]]})).rates) == 1


def test_a_copy_that_does_not_say_when_has_no_curve() -> None:
    assert read(stored=kept(PROGRESS, saved_at=0)).rates == ()


def test_a_place_that_is_longer_than_any_is_cut_and_leads_nowhere() -> None:
    (place,) = read(stored=kept({"listed": 1, "source": "s3://raw/" + "x" * LONGEST_URL})).places
    assert (len(place.url), place.href) == (LONGEST_TEXT, "")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_no_text_of_others_turns_or_breaks_the_page(text: str) -> None:
    failures = [{"key": text, "reason": text, "message": text}, [text, text]]
    said = {
        "listed": 1,
        "failures": failures,
        "stopped": text,
        "source": f"s3://b/{text}",
        "report": text * LONGEST_URL,
    }
    found = read(stored={**kept(said), "reasons": {text: 3}})
    texts = [found.stopped, *found.decisions, *(each.url for each in found.places)]
    texts += [one for missed in found.missed for one in missed]
    assert len(texts) == 1 + 1 + 2 + 6
    assert all(one.isprintable() for one in (*texts, *(each.href for each in found.places)))


def test_of_any_number_of_reasons_the_most_frequent_are_shown_and_the_rest_as_a_sum() -> None:
    reasons = {f"r{number}": number for number in range(100)}
    shown = most_frequent({**reasons, OTHERS: 1000})
    assert (len(shown), sum(shown.values())) == (REASONS.most, sum(reasons.values()) + 1000)
    assert (shown["r99"], shown[OTHERS]) == (99, 1000 + sum(range(61)))
    assert most_frequent({"new": 1}) == {"new": 1}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*PROGRESS, *kept()]), inner),
    max_leaves=20,
)


@given(st.sampled_from([None, "running", "success", "failed", "odd"]), anything, anything, anything, anything)
def test_whatever_was_left_can_be_read(
    state: str | None, value: object, summary: object, planned: object, end: object
) -> None:
    progress_of("copy", state, SINCE, value, summary, planned, end)
