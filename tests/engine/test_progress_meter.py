from __future__ import annotations

import json
from itertools import pairwise

from s3_crosscopy.core.concurrency_window import Window
from s3_crosscopy.core.rate_history import MOST_POINTS
from s3_crosscopy.engine.progress import ProgressMeter
from s3_crosscopy.model.outcomes import Failure, Reason
from s3_crosscopy.model.tally import Tally


def tally(copied: int) -> Tally:
    return Tally.of({"listed": copied, "copied": copied, "bytes": copied * 10}, {}, {})


def test_what_is_kept_of_the_progress_tells_the_rates_so_far() -> None:
    meter = ProgressMeter(100.0, already=tally(50))
    meter.read(105.0, tally(100), 3, Window(8))
    progress = meter.read(110.0, tally(200), 3, Window(8), total_keys=500)
    assert progress.objects_per_second == 20.0
    assert meter.last == {**progress.fields(), "history": [[5.0, 10.0], [10.0, 20.0]], "total_keys": 500}


FAILURES = [Failure(f"k{at}", Reason.DENIED, "CopyObject", "AccessDenied", "no") for at in range(2)]


def test_the_last_failures_are_kept_by_key_and_reason() -> None:
    meter = ProgressMeter(0.0)
    meter.read(5.0, tally(1), 0, Window(8), FAILURES)
    assert meter.last["failures"] == [["k0", "denied"], ["k1", "denied"]]
    assert "total_keys" not in meter.last


def test_what_is_kept_at_the_end_has_the_rates_up_to_then_and_the_last_failures_at_length() -> None:
    meter = ProgressMeter(0.0)
    meter.read(5.0, tally(100), 3, Window(8))
    kept = meter.at_end(7.0, tally(110), Window(8), FAILURES, None)
    assert kept == {"history": [[5.0, 20.0], [7.0, 5.0]], "failures": [one.as_dict() for one in FAILURES]}


def test_the_rates_have_no_empty_span_at_the_end() -> None:
    meter = ProgressMeter(0.0)
    meter.read(5.0, tally(100), 3, Window(8))
    assert meter.at_end(5.0, tally(100), Window(8), (), None) == {"history": [[5.0, 20.0]]}


def test_a_run_of_days_keeps_no_more_than_a_chart_shows() -> None:
    meter = ProgressMeter(0.0)
    for at in range(1, 20_000):
        meter.read(at * 5.0, tally(at * 100), 3, Window(8))
    kept = meter.history
    assert len(kept) <= MOST_POINTS
    assert all(rate == 20.0 for _, rate in kept)
    assert len(json.dumps(kept)) < 1_500


def test_the_first_event_is_due_after_a_second_and_later_ones_every_five() -> None:
    meter, seen = ProgressMeter(100.0), []
    for tenth in range(1, 400):
        now = 100.0 + tenth / 10
        if meter.due(now):
            meter.read(now, tally(tenth), 3, Window(8))
            seen.append(tenth / 10)
    assert seen[:4] == [1.0, 2.0, 3.0, 4.5]
    assert [round(later - sooner, 1) for sooner, later in pairwise(seen)][-3:] == [5.0, 5.0, 5.0]


def test_the_remaining_time_is_estimated_at_the_rate_of_this_attempt() -> None:
    meter = ProgressMeter(0.0, already=tally(100))
    progress = meter.read(10.0, tally(200), 0, Window(8), estimated_keys=500)
    assert (progress.total_keys, progress.estimated_keys, progress.eta_s) == (None, 500, 30.0)
    assert (meter.last["estimated_keys"], meter.last["eta_s"]) == (500, 30)


def test_a_known_total_replaces_the_estimate() -> None:
    progress = ProgressMeter(0.0).read(10.0, tally(200), 0, Window(8), total_keys=400, estimated_keys=500)
    assert (progress.total_keys, progress.estimated_keys, progress.eta_s) == (400, None, 10.0)


def test_nothing_is_estimated_of_an_unknown_total() -> None:
    fields = ProgressMeter(0.0).read(10.0, tally(200), 0, Window(8)).fields()
    assert not {"estimated_keys", "eta_s"} & set(fields)
