from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from s3_crosscopy.airflow.plugin.progress_model import (
    CurrentRate,
    Link,
    Missed,
    Pair,
    PlannedCopy,
    Rate,
    Status,
    TaskProgress,
    Why,
)
from s3_crosscopy.airflow.plugin.run_progress import (
    MOST_INSTANCES,
    MOST_PAIRS,
    MOST_TASKS,
    MOST_WHYS,
    combined_status,
    summarize,
)
from s3_crosscopy.airflow.plugin.view_json import view_to_json
from s3_crosscopy.model.extraneous import Deletion, Extraneous
from s3_crosscopy.model.tally import Tally

NOW = 1_800_000_000.0
SOURCE = Link("source", "s3://raw/", "https://console/raw")
DEST = Link("dest", "s3://landing/", "https://console/landing")


def one(
    status: Status = Status.RUNNING, *, task_id: str = "copy", seconds: float = 10.0, copied: int = 0, **fields: Any
) -> TaskProgress:
    counts = {**Tally().as_dict(), "listed": copied, "copied": copied, "bytes": copied * 10}
    usual: dict[str, Any] = {"heard": True, "counts": counts, "seconds": seconds, "saved_at": NOW}
    return TaskProgress(task_id, status, **{**usual, **fields})


def waiting(**fields: Any) -> TaskProgress:
    return TaskProgress("copy", Status.WAITING, **fields)


@pytest.mark.parametrize(
    ("statuses", "status"),
    [
        ("w", "w"),
        ("ww", "w"),
        ("wd", "r"),  # between two shards the run goes on
        ("wf", "r"),
        ("rwdf", "r"),
        ("ad", "a"),
        ("df", "f"),
        ("dd", "d"),
        ("dl", "d"),
        ("ds", "d"),
        ("ls", "l"),
        ("l", "l"),
        ("s", "s"),
        ("q", "q"),
        ("rq", "r"),
        ("qd", "q"),
    ],
)
def test_what_several_tasks_are_doing_together(statuses: str, status: str) -> None:
    by_letter = {
        "w": Status.WAITING,
        "r": Status.RUNNING,
        "a": Status.RETRYING,
        "d": Status.DONE,
        "f": Status.FAILED,
        "q": Status.ASKING,
        "s": Status.SKIPPED,
        "l": Status.LEFT_OUT,
    }
    assert combined_status([by_letter[letter] for letter in statuses]) is by_letter[status]


def test_why_copies_are_paused_is_told_once() -> None:
    why = "paused: S3 answers 503"
    view = summarize([one(paused=why), one(paused=why), one(), one(paused="paused: S3 does not answer (ReadTimeout)")])
    assert view_to_json(view)["paused"] == [why, "paused: S3 does not answer (ReadTimeout)"]


def test_the_view_has_what_only_the_destination_has_and_what_was_deleted() -> None:
    seen = [one(extraneous=Extraneous(2)), one(extraneous=Extraneous(3, at_least=True)), one()]
    assert view_to_json(summarize(seen))["extraneous"] == {"keys": 5, "at_least": True, "deleted": None}
    publish = one(task_id="publish", extraneous=Extraneous(4, deletion=Deletion(3, 1)))
    assert view_to_json(summarize([*seen, publish]))["extraneous"] == {"keys": 4, "at_least": False, "deleted": 3}
    assert view_to_json(summarize([one()]))["extraneous"] is None


def test_counts_rates_and_throttles_add_up() -> None:
    view = summarize(
        [
            one(copied=30, throttled=1, current_rate=CurrentRate(3.0, 30.0, 4, 64), decisions={"missing": 30}),
            one(
                copied=12,
                throttled=2,
                current_rate=CurrentRate(1.5, 15.0, 2, 32),
                decisions={"missing": 10, "changed": 2},
            ),
            waiting(),
        ]
    )
    assert (view.counts["copied"], view.counts["bytes"], view.done, view.throttled) == (42, 420, 42, 3)
    assert view.current_rate == CurrentRate(4.5, 45.0, 6, 96)
    assert view.decisions == {"missing": 40, "changed": 2}
    assert (view.instances, view.heard, view.status) == (3, 2, Status.RUNNING)


def test_the_total_is_known_if_every_task_that_goes_on_knows_its_own() -> None:
    known = [one(Status.DONE, copied=70), one(copied=20, total_keys=50), waiting(total_keys=80)]
    assert summarize(known).total_keys == 200
    assert summarize([*known, waiting()]).total_keys is None


def test_an_estimate_that_was_too_low_is_not_believed() -> None:
    assert summarize([one(copied=60, total_keys=50)]).total_keys == 60


def test_what_ended_has_no_more_than_it_settled() -> None:
    assert summarize([one(Status.DONE, copied=20, total_keys=50)]).total_keys == 20


def test_what_failed_left_the_rest_and_nobody_knows_how_much_if_it_did_not_say() -> None:
    assert summarize([one(Status.FAILED, copied=20, total_keys=50)]).total_keys == 50
    assert summarize([one(Status.FAILED), one(Status.DONE, copied=9)]).total_keys is None


def test_the_time_left_is_what_is_left_at_the_pace_so_far() -> None:
    # Five objects a second together; 150 are left.
    progresses = [one(copied=30, total_keys=100), one(copied=20, total_keys=50), waiting(total_keys=50)]
    assert summarize(progresses).eta_s == pytest.approx(30.0)


def test_an_estimate_tells_the_time_left_and_no_total() -> None:
    view = summarize([one(copied=30, estimated_keys=100), one(copied=20, total_keys=50)])
    assert view.total_keys is None
    assert view.eta_s == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("progresses", "total"),
    [
        ([one(copied=10)], None),
        ([one(copied=0)], 100),
        ([one(copied=10, seconds=0.0)], 100),
        ([one(Status.RETRYING, copied=10)], 100),
        ([one(copied=100)], 100),
    ],
)
def test_nobody_can_tell_the_time_left_without_a_total_a_pace_or_something_left(
    progresses: list[TaskProgress], total: int | None
) -> None:
    assert summarize([replace(progress, total_keys=total) for progress in progresses]).eta_s is None


def test_the_time_taken_is_that_of_a_clock_on_the_wall() -> None:
    progresses = [one(saved_at=NOW - 60, seconds=30), one(saved_at=NOW, seconds=40)]
    assert summarize(progresses).seconds == 90
    assert summarize(progresses[:1]).seconds == 30
    # A summary does not tell when it was made.
    assert summarize([one(saved_at=0.0, seconds=30), one(saved_at=0.0, seconds=40)]).seconds == 40


def test_a_task_is_a_line_and_a_mapped_instance_a_letter_of_it() -> None:
    view = summarize(
        [one(task_id="a", copied=1), one(Status.DONE, task_id="a", copied=2), one(Status.FAILED, task_id="b", copied=4)]
    )
    assert [(line.task_id, line.statuses, line.counts["copied"]) for line in view.tasks] == [
        ("a", (Status.RUNNING, Status.DONE), 3),
        ("b", (Status.FAILED,), 4),
    ]
    assert [line["statuses"] for line in view_to_json(view)["tasks"]] == ["rd", "f"]


def test_a_run_of_any_size_is_a_small_answer() -> None:
    points = tuple(Rate(NOW - 300 + 5 * at, NOW - 295 + 5 * at, 123.456) for at in range(60))
    missed = tuple(Missed("k" * 160, "server error", "m" * 160) for _ in range(5))
    places = [(Link("source", f"s3://raw/{at}/", "h"), Link("dest", f"s3://landing/{at}/", "h")) for at in range(200)]
    progresses = [
        one(
            task_id=f"task-{at % 40:02}",
            copied=at,
            rates=points,
            missed=missed,
            places=places[at],
            stopped=f"why {at}",
            why="w" * 500 + str(at),
        )
        for at in range(200)
    ]
    view = summarize(sorted(progresses, key=lambda each: each.task_id))
    assert (len(view.tasks), view.more_tasks) == (MOST_TASKS, 40 - MOST_TASKS)
    assert (len(view.pairs), view.more_pairs) == (MOST_PAIRS, 200 - MOST_PAIRS)
    assert len(view.whys) == MOST_WHYS
    assert (len(view.missed), len(view.stopped)) == (5, 3)
    assert len(json.dumps(view_to_json(view))) < 9_000


def test_the_letters_of_one_task_have_an_end() -> None:
    assert len(summarize([waiting()] * (MOST_INSTANCES + 5)).tasks[0].statuses) == MOST_INSTANCES


def test_a_source_stands_beside_its_destination_and_each_pair_is_named_once() -> None:
    other = Link("dest", "s3://elsewhere/", "")
    report = Link("report", "s3://reports/", "")
    view = summarize(
        [one(places=(SOURCE, DEST, report)), one(places=(SOURCE, other, report)), one(places=(SOURCE, DEST))]
    )
    assert (view.pairs, view.more_pairs, view.reports) == ((Pair(SOURCE, DEST), Pair(SOURCE, other)), 0, (report,))
    assert summarize([one(places=(report,)), waiting()]).pairs == ()
    assert view_to_json(summarize([one(places=(DEST,))]))["pairs"] == [
        {"source": None, "dest": {"url": DEST.url, "href": DEST.href}}
    ]


def test_a_reason_is_told_once_with_the_first_task_that_has_it() -> None:
    said = [one(Status.FAILED, why="denied", map_index=at) for at in (3, 4, 5)] + [one(task_id="summary", why="2 left")]
    assert summarize(said).whys == (Why("denied", "copy", 3, 2), Why("2 left", "summary", -1))


def test_the_ways_of_verification_add_up() -> None:
    view = summarize([one(verified_by={"etag": 2}), one(verified_by={"etag": 1, "size": 4}), waiting()])
    assert view.verified_by == {"etag": 3, "size": 4}


@pytest.mark.parametrize(("numbers", "checked"), [([5, 7], 12), ([5, None], None), ([None], None), ([], None)])
def test_the_listings_were_compared_if_every_copy_did(numbers: list[int | None], checked: int | None) -> None:
    assert summarize([*(one(checked=number) for number in numbers), waiting()]).checked == checked


def test_so_many_have_ended() -> None:
    ended = [one(status) for status in (Status.DONE, Status.FAILED, Status.SKIPPED, Status.LEFT_OUT)]
    assert view_to_json(summarize([*ended, one(), waiting()]))["ended"] == 4


@pytest.mark.parametrize(
    ("progresses", "text", "tone"),
    [
        ([waiting()], "Waiting to start", "waiting"),
        ([one()], "Copying", "running"),
        ([one(dry_run=True)], "Planning a dry run", "running"),
        ([one(Status.ASKING)], "Waiting for approval", "warning"),
        ([one(Status.RETRYING)], "Waiting for its next try", "warning"),
        ([one(Status.DONE, copied=3)], "Done", "done"),
        ([one(Status.DONE, counts={"copied": 1, "failed": 1_134})], "Done with 1,134 failed", "warning"),
        ([one(Status.DONE, dry_run=True)], "Dry run done: nothing was copied", "done"),
        ([one(Status.DONE, dry_run=True, counts={"failed": 2})], "Dry run done with 2 failed", "warning"),
        ([one(Status.FAILED, counts={"failed": 2})], "Failed", "failed"),
        ([one(Status.FAILED, dry_run=True)], "Dry run failed", "failed"),
        ([one(Status.SKIPPED)], "Skipped", "waiting"),
        ([one(Status.LEFT_OUT)], "Not run", "waiting"),
    ],
)
def test_a_headline_says_the_state_in_a_few_words(progresses: list[TaskProgress], text: str, tone: str) -> None:
    assert view_to_json(summarize(progresses))["headline"] == {"text": text, "tone": tone}


def test_the_plans_of_several_dry_runs_add_up_to_requests_alone() -> None:
    plan = PlannedCopy(10, "about 5 USD", 3.0)
    assert summarize([one(planned=plan), waiting()]).planned == plan
    assert summarize([one(planned=plan)] * 2).planned == PlannedCopy(20, "", 0.0)
    assert view_to_json(summarize([one(planned=plan)]))["planned"] == plan._asdict()


def test_the_last_failures_are_of_those_who_spoke_last() -> None:
    early = one(missed=tuple(Missed(str(at), "denied") for at in range(5)), saved_at=NOW)
    late = one(missed=(Missed("late", "denied"),), saved_at=NOW + 1)
    assert [each.key for each in summarize([late, early]).missed] == ["1", "2", "3", "4", "late"]


@pytest.mark.parametrize(
    ("progresses", "dry"),
    [
        ([one(dry_run=True), waiting()], True),
        ([one(dry_run=True), one()], False),
        ([waiting()], False),
    ],
)
def test_a_dry_run_is_one_whose_tasks_all_say_so(progresses: list[TaskProgress], dry: bool) -> None:
    assert summarize(progresses).dry_run is dry


def test_the_answer_is_json_and_rounds_what_nobody_reads() -> None:
    view = view_to_json(summarize([one(copied=20, total_keys=50, seconds=7.77, rates=(Rate(NOW - 5, NOW, 4.444),))]))
    assert json.loads(json.dumps(view)) == view
    assert view["curve"] == {"since": NOW - 5, "until": NOW, "objects_per_second": [4.4]}
    assert (view["eta_s"], view["seconds"]) == (12, 7.8)
    assert view_to_json(summarize([waiting()]))["eta_s"] is None


def test_damaged_ones_are_counted() -> None:
    view = summarize([one(copied=3), one(heard=False, unreadable=True), waiting()])
    assert (view.unreadable, view_to_json(view)["unreadable"], view.instances) == (1, 1, 3)


def test_many_copies_with_reasons_of_their_own_are_a_short_list() -> None:
    view = summarize([one(decisions={f"r{number}": 1}) for number in range(500)])
    assert len(view.decisions) == 40
    assert sum(view.decisions.values()) == 500
