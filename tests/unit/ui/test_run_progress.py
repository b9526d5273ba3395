from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from s3_crosscopy.airflow.plugin.progress_model import CurrentRate, Link, Missed, Rate, Status, TaskProgress
from s3_crosscopy.airflow.plugin.run_progress import MOST_INSTANCES, MOST_TASKS, combined_status, summarize
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
        ("l", "l"),
    ],
)
def test_what_several_tasks_are_doing_together(statuses: str, status: str) -> None:
    by_letter = {
        "w": Status.WAITING,
        "r": Status.RUNNING,
        "a": Status.RETRYING,
        "d": Status.DONE,
        "f": Status.FAILED,
    } | {"l": Status.LEFT_OUT}
    assert combined_status([by_letter[letter] for letter in statuses]) is by_letter[status]


def test_why_copies_are_paused_is_told_once() -> None:
    why = "paused: S3 answers 503"
    view = summarize([one(paused=why), one(paused=why), one(), one(paused="paused: S3 does not answer (ReadTimeout)")])
    assert view.as_dict()["paused"] == [why, "paused: S3 does not answer (ReadTimeout)"]


def test_the_view_has_what_only_the_destination_has_and_what_was_deleted() -> None:
    seen = [one(extraneous=Extraneous(2)), one(extraneous=Extraneous(3, at_least=True)), one()]
    assert summarize(seen).as_dict()["extraneous"] == {"keys": 5, "at_least": True, "deleted": None}
    publish = one(task_id="publish", extraneous=Extraneous(4, deletion=Deletion(3, 1)))
    assert summarize([*seen, publish]).as_dict()["extraneous"] == {"keys": 4, "at_least": False, "deleted": 3}
    assert summarize([one()]).as_dict()["extraneous"] is None


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
    assert summarize([one(Status.FAILED, copied=20, total_keys=50)]).total_keys == 20


def test_the_time_left_is_what_is_left_at_the_pace_so_far() -> None:
    # Five objects a second together; 150 are left.
    progresses = [one(copied=30, total_keys=100), one(copied=20, total_keys=50), waiting(total_keys=50)]
    assert summarize(progresses).eta_s == pytest.approx(30.0)


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
    assert [line["statuses"] for line in view.as_dict()["tasks"]] == ["rd", "f"]


def test_a_run_of_any_size_is_a_small_answer() -> None:
    points = tuple(Rate(NOW - 300 + 5 * at, NOW - 295 + 5 * at, 123.456) for at in range(60))
    missed = tuple(Missed("k" * 160, "server error", "m" * 160) for _ in range(5))
    places = [(Link("source", f"s3://raw/{at}/", "h"), Link("dest", f"s3://landing/{at}/", "h")) for at in range(200)]
    progresses = [
        one(
            task_id=f"task-{at % 40:02}", copied=at, rates=points, missed=missed, places=places[at], stopped=f"why {at}"
        )
        for at in range(200)
    ]
    view = summarize(sorted(progresses, key=lambda each: each.task_id))
    assert (len(view.tasks), view.more_tasks) == (MOST_TASKS, 40 - MOST_TASKS)
    assert (len(view.places), view.more_places) == (4, 396)
    assert (len(view.missed), len(view.stopped)) == (5, 3)
    assert len(json.dumps(view.as_dict())) < 8_000


def test_the_letters_of_one_task_have_an_end() -> None:
    assert len(summarize([waiting()] * (MOST_INSTANCES + 5)).tasks[0].statuses) == MOST_INSTANCES


def test_the_same_place_is_named_once_and_kinds_stay_in_order() -> None:
    view = summarize([one(places=(SOURCE, DEST)), one(places=(SOURCE, DEST))])
    assert (view.places, view.more_places) == ((SOURCE, DEST), 0)


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
    view = summarize([one(copied=20, total_keys=50, seconds=7.77, rates=(Rate(NOW - 5, NOW, 4.444),))]).as_dict()
    assert json.loads(json.dumps(view)) == view
    assert view["curve"] == {"since": NOW - 5, "until": NOW, "objects_per_second": [4.4]}
    assert (view["eta_s"], view["seconds"]) == (12, 7.8)
    assert summarize([waiting()]).as_dict()["eta_s"] is None


def test_damaged_ones_are_counted() -> None:
    view = summarize([one(copied=3), one(heard=False, unreadable=True), waiting()])
    assert (view.unreadable, view.as_dict()["unreadable"], view.instances) == (1, 1, 3)


def test_many_copies_with_reasons_of_their_own_are_a_short_list() -> None:
    view = summarize([one(decisions={f"r{number}": 1}) for number in range(500)])
    assert len(view.decisions) == 40
    assert sum(view.decisions.values()) == 500
