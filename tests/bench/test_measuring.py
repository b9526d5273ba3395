"""Rows are measured one by one: what is measured is kept, whatever happens to the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from bench import measuring
from bench import results as records
from bench.cases.case import Measured, Row, Taken
from bench.cases.options import worst
from bench.figures import Spread
from bench.measuring import Ended, measure
from bench.other_load import Busy
from bench.results import Record, comparable, with_row
from bench.results_page import page
from bench.runner import Bench
from bench.timing import CORES, Failed, Run

from tests.bench.result_samples import copies, record


def row(name: str, measure_it: Callable[[Bench], Measured]) -> Row:
    return Row(name, f"what {name} is", "times", None, measure_it)


def broken(bench: Bench) -> Measured:
    raise Failed("the server does not start")


def fine(bench: Bench) -> Measured:
    bench.runs.append(Run(1.0, 2.0, 60_000, 0.0, 0.02 * 2.0 * CORES, ""))
    return copies(9.0)


def disturbed(bench: Bench) -> Measured:
    bench.runs.append(Run(1.0, 2.0, 60_000, 0.0, 0.5 * 2.0 * CORES, ""))
    return copies(9.0)


def busy(bench: Bench) -> Measured:
    raise Busy("other processes have 37 % of the machine")


def interrupted(bench: Bench) -> Measured:
    raise KeyboardInterrupt


@pytest.fixture
def run_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Ended, list[Record]]]:
    monkeypatch.setattr(measuring, "_transports", lambda bench: ("boto3", "fast"))

    def run(*rows: Row, base: Record | None = None) -> tuple[Ended, list[Record]]:
        bench, kept = Bench(tmp_path, quick=False), list[Record]()
        monkeypatch.setattr(bench.patience, "wait_for_quiet", lambda: None)
        return measure(bench, rows, base or record({}), (), kept.append), kept

    return run


def test_every_row_is_kept_as_soon_as_it_is_measured(run_rows: Callable[..., tuple[Ended, list[Record]]]) -> None:
    ended, kept = run_rows(row("one", fine), row("two", fine))
    assert [list(each.measured) for each in kept] == [["one"], ["one", "two"]]
    assert ended.failures == {}
    taken = ended.record.measured["two"].taken
    assert taken is not None
    assert taken.noise == {"median": 0.02, "most": 0.02}


def test_a_row_that_breaks_or_was_disturbed_does_not_end_the_others(
    run_rows: Callable[..., tuple[Ended, list[Record]]],
) -> None:
    ended, _ = run_rows(row("one", broken), row("two", disturbed), row("three", fine))
    assert list(ended.record.measured) == ["three"]
    assert ended.failures == {
        "one": "the server does not start",
        "two": "other processes had 50 % of the machine in its median run",
    }


@pytest.mark.parametrize(
    ("end", "why"), [(busy, "other processes have 37 % of the machine"), (interrupted, "interrupted")]
)
def test_an_end_names_the_rows_that_are_left(
    run_rows: Callable[..., tuple[Ended, list[Record]]], end: Callable[[Bench], Measured], why: str
) -> None:
    ended, kept = run_rows(row("one", fine), row("two", end), row("three", fine))
    assert list(ended.record.measured) == ["one"]
    assert kept == [ended.record]
    assert ended.failures == {"two": why, "three": why}


def test_a_row_measured_anew_takes_the_place_of_the_old_one(
    run_rows: Callable[..., tuple[Ended, list[Record]]],
) -> None:
    base = record({"copies-plain": copies(5.0), "plan": copies(4.0)})
    ended, _ = run_rows(row("copies-plain", fine), base=base)
    assert ended.record.measured["copies-plain"].reached["fast"].median == 9.0
    assert ended.record.measured["plan"] == base.measured["plan"]


def test_the_notes_of_a_row_go_when_it_is_measured_anew(
    run_rows: Callable[..., tuple[Ended, list[Record]]],
) -> None:
    absent = copies(5.0)._replace(notes=("rclone: is not installed",))
    base = record(
        {"copies-plain": absent._replace(notes=(*absent.notes, "one large object is missing")), "plan": absent}
    )
    assert base.notes == ("rclone: is not installed", "one large object is missing")
    ended, _ = run_rows(row("copies-plain", fine), base=base)
    assert ended.record.notes == ("rclone: is not installed",)


def test_the_page_says_when_a_row_was_measured_anew(tmp_path: Path) -> None:
    measured = copies(9.0)._replace(taken=Taken("2026-11-30", 12.5, {"median": 0.01, "most": 0.05}))
    file = tmp_path / "latest.json"
    file.write_text(records.dump(record({"copies-plain": measured})), encoding="utf-8")
    text = page(records.load(file))
    assert "Measured anew since: copies per CPU-second against s5cmd, plain (2026-11-30)." in text


def test_the_noise_of_a_record_is_that_of_its_rows() -> None:
    one, two = (Taken("2026-11-24", 10.0, {"median": share, "most": 2 * share}) for share in (0.01, 0.03))
    merged = with_row(record({})._replace(noise={}), row("one", fine), copies(9.0)._replace(taken=one))
    merged = with_row(merged, row("two", fine), copies(9.0)._replace(taken=two))
    assert merged.noise == {"median": 0.02, "most": 0.06}
    assert merged.seconds == 920.0


def test_rows_of_other_versions_do_not_go_together() -> None:
    assert comparable(record({}), record({}))
    assert not comparable(record({}), record({})._replace(versions={"boto3": "9.9"}))


def test_of_some_options_the_one_that_costs_most_counts() -> None:
    dear = Spread(1.0, 1.2, 1.3)
    assert worst({"a report": Spread(0.9, 1.0, 2.0), "tags": dear}) == dear
