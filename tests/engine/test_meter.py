from __future__ import annotations

import json

from s3_crosscopy.engine.progress import LAST_FAILURES, Meter
from s3_crosscopy.model.outcomes import Failure, Reason
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.plan.curve import MOST_POINTS
from s3_crosscopy.plan.window import Window


def tally(copied: int) -> Tally:
    return Tally.of({"listed": copied, "copied": copied, "bytes": copied * 10}, {}, {})


def test_what_is_kept_of_the_progress_tells_the_rates_so_far() -> None:
    meter = Meter(100.0, already=tally(50))
    meter.read(105.0, tally(100), 3, Window(8))
    progress = meter.read(110.0, tally(200), 3, Window(8), total_keys=500)
    assert progress.objects_per_second == 20.0
    assert meter.last == {**progress.fields(), "history": [[5.0, 10.0], [10.0, 20.0]], "total_keys": 500}


def test_the_last_failures_are_kept_by_key_and_reason() -> None:
    failures = [Failure(f"k{at}", Reason.DENIED, "CopyObject", "AccessDenied", "no") for at in range(LAST_FAILURES + 2)]
    meter = Meter(0.0)
    meter.read(5.0, tally(1), 0, Window(8), failures)
    assert meter.last["failures"] == [[f"k{at}", "denied"] for at in range(2, LAST_FAILURES + 2)]
    assert "total_keys" not in meter.last


def test_a_run_of_days_keeps_no_more_than_a_chart_shows() -> None:
    meter = Meter(0.0)
    for at in range(1, 20_000):
        meter.read(at * 5.0, tally(at * 100), 3, Window(8))
    kept = meter.history
    assert len(kept) <= MOST_POINTS
    assert all(rate == 20.0 for _, rate in kept)
    assert len(json.dumps(kept)) < 1_500
