"""The log lines of a really executed task, read back through Airflow's log API: their fields are fields."""

from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.model.tally import Tally
from tests.airflow.observed_run import BYTES, DEST, KEYS, SOURCE, Served
from tests.airflow.versions import needs_structured_logs

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("airflow"), needs_structured_logs]

COUNTS = set(Tally().as_dict())
RATES = {"objects_per_second", "bytes_per_second", "in_flight", "window", "throttled"}


def lines(served: Served, message: str) -> list[dict[str, Any]]:
    return [line for line in served.log if str(line.get("event", "")).startswith(message)]


def test_the_lines_of_a_copy_come_in_their_order(served: Served) -> None:
    messages = ("preflight passed", f"copying {SOURCE}/p/ to {DEST}/slowly/", "batch settled", "Done in ")
    ours = [line["event"] for line in served.log if str(line.get("event", "")).startswith(messages)]
    assert [event[:8] for event in ours if event != "progress"] == [message[:8] for message in messages]


def test_the_line_of_a_settled_batch_has_its_counts(served: Served) -> None:
    (line,) = lines(served, "batch settled")
    assert {"batch", "last_key", *COUNTS} <= set(line)
    assert (line["listed"], line["copied"], line["bytes"], line["last_key"]) == (KEYS, KEYS, BYTES, f"p/{KEYS - 1}")


def test_a_line_every_few_seconds_has_rates_and_window(served: Served) -> None:
    progress = lines(served, "progress")
    assert progress
    for line in progress:
        assert set(line) >= RATES | COUNTS
        assert all(isinstance(line[name], (int, float)) for name in RATES | COUNTS)


def test_the_last_line_has_the_counts_and_the_time(served: Served) -> None:
    (line,) = lines(served, "Done in ")
    assert (line["copied"], line["failed"], line["level"]) == (KEYS, 0, "info")
    assert line["seconds"] > 0
