"""What Airflow's metrics are told: every metric of the table, right in sum, and never at the cost of the copy."""

from __future__ import annotations

import atexit
import logging
import sys
import time
from dataclasses import replace
from datetime import timedelta
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest

from s3_crosscopy.airflow import compat, metrics
from s3_crosscopy.airflow.compat import AirflowSkipException
from s3_crosscopy.airflow.metrics import COUNTED, GAUGES, METRICS, TAGS, Kind, StatsSink, measured
from s3_crosscopy.api.resuming import resumed_from
from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.errors import ListingBroken
from s3_crosscopy.model.events import BatchSettled, Event, Progress, Resumed, RunEnded, RunStarted
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.tally import Tally
from tests.airflow.observed_run import BYTES, COLD_BYTES, KEYS, Observed, Served, total
from tests.airflow.versions import OTEL_TIMING
from tests.unit.state_strategies import STATE

# The run of the DAG needs the migrated home, of which one worker has one.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("airflow")]

STARTED = RunStarted("s3://src/p/", "s3://dst/q/", "prefix", "boto3", dry_run=False)
CONTEXT: Any = {"ti": SimpleNamespace(dag_id="d", task_id="t", map_index=7)}
NAMES = {one.name for one in METRICS}


class Recorded:
    """A metrics client that writes down what it is told; a broken one raises."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, Any, dict[str, str]]] = []
        self.broken = False

    def __getattr__(self, method: str) -> Any:
        def call(name: str, value: Any, *, tags: dict[str, str]) -> None:
            self.calls.append((method, name.removeprefix("s3_crosscopy."), value, tags))
            if self.broken:
                raise OSError("no route to host")

        return call

    def told(self, name: str) -> list[Any]:
        return [value for _, told, value, _ in self.calls if told == name]


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Recorded:
    client = Recorded()
    monkeypatch.setattr(metrics, "stats", lambda: client)
    return client


def settled(**counts: int) -> BatchSettled:
    return BatchSettled(1, "p/k", {**Tally().as_dict(), **counts})


def progress(throttled: int) -> Progress:
    return Progress(Tally().as_dict(), 5.0, 80.0, 2.0**20, 60, throttled, 64)


def ended(throttled: int = 0, seconds: float = 3.0) -> RunEnded:
    return RunEnded(Report("s3://src/p/", "s3://dst/q/", Tally().as_dict(), {}, {}, throttled, seconds))


def test_every_count_that_a_batch_tells_is_a_counter_and_zeros_are_not_sent(recorded: Recorded) -> None:
    assert set(Tally().as_dict()) - set(COUNTED) == {"would_copy", "not_attempted"}
    sink = StatsSink({"dag_id": "d"})
    sink.emit(STARTED)
    sink.emit(settled(listed=3, copied=2, failed=1, bytes=50))

    tags = {"dag_id": "d", "source_bucket": "src", "dest_bucket": "dst"}
    assert recorded.calls == [
        ("incr", name, value, tags) for name, value in (("listed", 3), ("copied", 2), ("failed", 1), ("bytes", 50))
    ]


def test_what_was_throttled_is_counted_once_each_try_its_own(recorded: Recorded) -> None:
    sink = StatsSink({})
    sink.emit(Resumed(50, 20.0, throttled=100))
    for event in (STARTED, progress(2), progress(2), progress(5), ended(throttled=100 + 6)):
        sink.emit(event)
    # Another pair of the same task, which goes on from nothing.
    for event in (STARTED, progress(1), ended(throttled=1)):
        sink.emit(event)
    assert recorded.told("throttled") == [2, 3, 1, 1]


def test_a_run_that_goes_on_tells_what_was_throttled_before() -> None:
    told: list[Event] = []
    sink: Any = SimpleNamespace(emit=told.append)
    spec = resolve_spec("s3://src/p/", "s3://dst/q/", {})
    state = STATE._replace(deleting=None)
    resumed_from((state, time.time()), STATE.fingerprint, spec, [KeyRange()], sink)
    assert told == [Resumed(STATE.counts["listed"], STATE.seconds, STATE.throttled)]


def test_gauges_show_the_progress_and_nothing_when_the_task_is_over(recorded: Recorded) -> None:
    with measured(CONTEXT) as sink:
        sink.emit(progress(0))
    shown = {"window": 64, "in_flight": 60, "objects_per_second": 80.0, "bytes_per_second": 2**20}
    assert {name: recorded.told(name) for name in GAUGES} == {name: [value, 0] for name, value in shown.items()}


def test_the_duration_is_that_of_the_whole_copy(recorded: Recorded) -> None:
    StatsSink({}).emit(ended(seconds=61.5))
    assert recorded.calls == [("timing", "duration", timedelta(seconds=61.5), {})]


@pytest.mark.parametrize(
    ("error", "outcome"), [(None, "ok"), (AirflowSkipException("empty"), "ok"), (ListingBroken("cut off"), "failed")]
)
def test_however_a_task_ends_it_is_counted_once(recorded: Recorded, error: Exception | None, outcome: str) -> None:
    def run() -> None:
        with measured(CONTEXT) as sink:
            sink.emit(STARTED)
            sink.emit(ended())
            if error is not None:
                raise error

    if error is None:
        run()
    else:
        with pytest.raises(type(error)):
            run()
    tags = {"dag_id": "d", "task_id": "t", "source_bucket": "src", "dest_bucket": "dst", "outcome": outcome}
    assert [call for call in recorded.calls if call[1] == "runs"] == [("incr", "runs", 1, tags)]


def test_a_dry_run_tells_no_metrics(recorded: Recorded) -> None:
    with measured(CONTEXT) as sink:
        for event in (replace(STARTED, dry_run=True), settled(listed=3, would_copy=3, bytes=9), progress(1), ended()):
            sink.emit(event)
    assert recorded.calls == []


def test_a_failure_of_the_metrics_is_one_warning_and_the_copy_goes_on(
    recorded: Recorded, caplog: pytest.LogCaptureFixture
) -> None:
    recorded.broken = True
    with caplog.at_level(logging.WARNING), measured(CONTEXT) as sink:
        for event in (STARTED, settled(listed=1, copied=1), progress(1), ended()):
            sink.emit(event)
    assert len(recorded.calls) == 1
    assert [record.getMessage() for record in caplog.records] == [
        "no more metrics of this copy are sent: sending listed failed: no route to host"
    ]


def test_the_team_of_a_dag_is_a_tag_where_airflow_has_teams(recorded: Recorded) -> None:
    context: Any = {"ti": SimpleNamespace(stats_tags={"dag_id": "d", "task_id": "t", "team_name": "lake"})}
    with measured(context):
        pass
    assert recorded.calls == [
        ("incr", "runs", 1, {"dag_id": "d", "task_id": "t", "team_name": "lake", "outcome": "ok"})
    ]


class NoSerde:
    """An importer without Airflow's serializers, as before 3.2."""

    asked: ClassVar[list[str]] = []

    @classmethod
    def find_spec(cls, name: str, *_: object) -> None:
        if name == "airflow.sdk.serde":
            cls.asked.append(name)
            raise ModuleNotFoundError(name)


def test_what_would_replace_the_client_is_imported_before_anything_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "airflow.sdk.serde", raising=False)
    monkeypatch.setattr(sys, "meta_path", [NoSerde, *sys.meta_path])
    assert callable(compat.stats().incr)
    assert NoSerde.asked == ["airflow.sdk.serde"]


@pytest.mark.parametrize(("flushes", "times"), [(True, 0), (False, 1)])
def test_otel_is_flushed_once_where_airflow_does_not(
    monkeypatch: pytest.MonkeyPatch, flushes: bool, times: int
) -> None:
    at_exit: list[Any] = []
    monkeypatch.setattr(atexit, "register", at_exit.append)
    monkeypatch.setattr(atexit, "unregister", lambda _: at_exit.clear())
    flushed: list[str] = []
    provider = SimpleNamespace(force_flush=lambda: flushed.append("all"))
    monkeypatch.setattr("opentelemetry.metrics.get_meter_provider", lambda: provider)
    logger = ModuleType("otel_logger")
    if flushes:
        logger.flush_otel_metrics = print  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "airflow.metrics.otel_logger", logger)

    for _ in range(2):
        compat.stats()
    for hook in at_exit:
        hook()
    assert len(flushed) == times


def test_statsd_gets_what_a_really_executed_task_did(observed: Observed) -> None:
    sent = observed.metrics
    assert {one.name for one in sent} <= NAMES
    assert {(one.name, one.kind) for one in sent} <= {(one.name, one.kind.value) for one in METRICS}
    told = {name: total(sent, name, task_id="copy") for name in ("listed", "copied", "bytes", "runs")}
    assert told == {"listed": KEYS, "copied": KEYS, "bytes": BYTES, "runs": 1}
    # In batches of four.
    assert [one.value for one in sent if (one.name, one.tags["task_id"]) == ("copied", "copy")] == [4, 4, 2]
    assert 0 < total(sent, "duration", task_id="copy") < 60_000
    assert all(one.tags["dag_id"] == "observed" for one in sent)
    assert {name for one in sent for name in one.tags} == {*TAGS, "outcome"}


def test_a_failed_task_tells_what_it_did_and_that_it_failed(observed: Observed) -> None:
    def of(name: str, **tags: str) -> float:
        return total(observed.metrics, name, task_id="fail", **tags)

    assert (of("copied"), of("failed"), of("bytes")) == (1, 1, COLD_BYTES)
    assert (of("runs", outcome="failed"), of("runs", outcome="ok")) == (1, 0)


def test_a_dry_run_and_the_tasks_that_copy_nothing_are_silent(observed: Observed) -> None:
    assert {one.tags["task_id"] for one in observed.metrics} == {"copy", "fail", "lake.copy", "lake.publish"}


def test_the_tasks_of_a_group_together_count_each_copy_once(observed: Observed) -> None:
    of_group = [one for one in observed.metrics if one.tags["task_id"].startswith("lake.")]
    assert (total(of_group, "copied"), total(of_group, "bytes")) == (KEYS + 1, BYTES + 1)
    # Two shards, and the markers of one pair.
    assert total(of_group, "runs", outcome="ok") == 3


def test_otel_gets_what_a_task_in_a_process_of_its_own_did(served: Served) -> None:
    last = {one.name: one for one in served.metrics}
    kinds = {**{kind: kind.value for kind in Kind}, Kind.TIMING: OTEL_TIMING}
    assert {(one.name, one.kind) for one in served.metrics} <= {(one.name, kinds[one.kind]) for one in METRICS}
    # Cumulative, so the last export says it all.
    assert {name: last[name].value for name in ("listed", "copied", "bytes")} == {
        "listed": KEYS, "copied": KEYS, "bytes": BYTES,
    }  # fmt: skip
    assert last["duration"].value > 0
    assert last["runs"].tags == {
        "dag_id": "observed_slowly",
        "task_id": "copy",
        "source_bucket": "src-observed",
        "dest_bucket": "dst-observed",
        "outcome": "ok",
    }
    # It took longer than five seconds, so that there was progress; and then it was over.
    assert {last[name].value for name in GAUGES} == {0}


def test_the_table_describes_each_metric_in_one_line() -> None:
    assert len(NAMES) == len(METRICS)
    for one in METRICS:
        assert one.meaning
        assert "\n" not in one.meaning
        assert one.kind in Kind
