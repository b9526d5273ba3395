from __future__ import annotations

import pytest

from s3_crosscopy.airflow.plugin.progress_model import Status, TaskProgress
from s3_crosscopy.airflow.plugin.run_progress import summarize
from s3_crosscopy.cli.run_text import eta_text
from s3_crosscopy.model.events import Progress
from s3_crosscopy.model.humanize import about_seconds
from s3_crosscopy.model.tally import Tally, eta_s


def test_a_key_with_any_outcome_is_settled() -> None:
    counts = dict(zip(Tally.OUTCOMES, range(1, 9), strict=True))
    assert Tally.ended_in({"listed": 100, **counts, "bytes": 1}) == 36
    assert Tally.ended_in({"copied": 2}) == 2


@pytest.mark.parametrize(
    ("remaining", "keys_per_second", "seconds"),
    [(100, 10.0, 10.0), (0, 10.0, None), (-1, 10.0, None), (100, 0.0, None)],
)
def test_the_time_left_follows_from_the_rate(remaining: int, keys_per_second: float, seconds: float | None) -> None:
    assert eta_s(remaining, keys_per_second) == seconds


@pytest.mark.parametrize("seconds", [0.0, 2.0])
@pytest.mark.parametrize("copied", [0, 30, 100, 120])
def test_the_command_and_the_tab_tell_the_same_remaining_time(copied: int, seconds: float) -> None:
    counts = {"listed": copied, "copied": copied}
    view = summarize([TaskProgress("copy", Status.RUNNING, counts=counts, seconds=seconds, total_keys=100)])
    text = eta_text(Progress(counts, seconds, 0.0, 0.0, 1, 0, 1, total_keys=100))
    assert text == f"{min(100, copied)} %" + (
        "" if view.eta_s is None else f", about {about_seconds(view.eta_s)} remaining"
    )


@pytest.mark.parametrize(
    ("estimated", "remaining_s", "text"),
    [
        (None, None, ""),
        (1_234_567, None, "about 8 % of an estimated 1,200,000 keys"),
        (1_234_567, 90.0, "about 8 % of an estimated 1,200,000 keys, about 1 min 30 s remaining"),
        (50_000, None, "about 99 % of an estimated 50,000 keys"),
    ],
)
def test_the_command_calls_an_estimate_one(estimated: int | None, remaining_s: float | None, text: str) -> None:
    counts = {"listed": 100_000, "copied": 100_000}
    assert eta_text(Progress(counts, 5.0, 0.0, 0.0, 1, 0, 1, estimated_keys=estimated, eta_s=remaining_s)) == text
