"""The table, the page and the plot say what the figures say."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from bench import results as records
from bench.bounds import BOUNDS
from bench.cases.case import Measured
from bench.cases_table import ROWS
from bench.figures import UNITS
from bench.plot import plot
from bench.results_page import page, table

from tests.bench.result_samples import copies, record

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "bench" / "results" / "latest.json"


def test_a_record_survives_its_file(tmp_path: Path) -> None:
    made = record({"copies-plain": copies(7.0, fast=(0.98, 0.12))._replace(notes=("rclone: is not installed",))})
    file = tmp_path / "latest.json"
    file.write_text(records.dump(made), encoding="utf-8")
    assert records.load(file) == made


def test_the_page_says_what_was_reached_and_how_sure_that_is() -> None:
    assert "| copies per CPU-second against s5cmd, plain | 8x |  | 9x (8.5x to 9.5x) | met |" in page(
        record({"copies-plain": copies(9.0)})
    )


def test_the_page_says_what_bounds_a_figure_that_is_missed() -> None:
    text = page(record({"copies-plain": copies(5.0, fast=(0.98, 0.12))}))
    assert "| missed |" in text
    assert "## What bounds it" in text
    assert "the client's core was 98 % busy, the server's 12 %" in text


def test_the_page_has_nothing_to_say_about_bounds_where_all_is_met(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(BOUNDS, ("copies-plain", "fast"), raising=False)
    assert "What bounds" not in page(record({"copies-plain": copies(9.0)}))


def test_the_page_says_what_somebody_found_out_about_a_figure_that_is_met(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BOUNDS, ("copies-plain", "fast"), "half of it is Python")
    assert "(fast): half of it is Python" in page(record({"copies-plain": copies(9.0)}))


def test_a_row_that_nobody_could_measure_says_so() -> None:
    made = record({"copies-plain": Measured({}, notes=("s5cmd: is not installed",))})
    assert "| 8x |  |  | not measured |" in page(made)
    assert "- s5cmd: is not installed" in page(made)
    assert "    not measured" in table(made)


def test_the_page_names_the_rows_that_were_not_measured_yet() -> None:
    text = page(record({"copies-plain": copies(9.0)}))
    assert "| copies per CPU-second against s5cmd, TLS | 10x |  |  | not measured |" in text
    assert "- copies per CPU-second against s5cmd, TLS: not measured yet" in text
    assert "against s5cmd, plain: not measured" not in text


def test_the_terminal_gets_every_figure() -> None:
    text = "\n".join(table(record({"copies-plain": copies(7.0)})))
    assert "7x (6.5x to 7.5x)" in text
    assert "s5cmd: CPU a copy: 401 us (400 us to 420 us)" in text


def test_the_plot_is_a_drawing_with_a_bar_for_each_client() -> None:
    drawing = ElementTree.fromstring(plot(record({"copies-plain": copies(7.0)})))
    texts = [one.text for one in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["CPU of a copy, plain HTTP (less is better)", "s3-crosscopy, fast", "61 us", "s5cmd", "401 us"]


def test_the_plot_of_nothing_is_empty_and_well_formed() -> None:
    assert ElementTree.fromstring(plot(record({}))).tag.endswith("svg")


def test_rows_have_names_of_their_own_and_known_units() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert {row.unit for row in ROWS} <= set(UNITS)


def test_what_is_known_about_bounds_is_about_rows_that_are_there() -> None:
    assert {name for name, _ in BOUNDS} <= {row.name for row in ROWS}


@pytest.mark.skipif(not KEPT.exists(), reason="make bench has not run here yet")
def test_the_committed_page_and_plot_are_those_of_the_committed_figures() -> None:
    kept = records.load(KEPT)
    assert (ROOT / "docs" / "performance.md").read_text(encoding="utf-8") == page(kept), "run python -m bench --page"
    assert (ROOT / "docs" / "performance.svg").read_text(encoding="utf-8") == plot(kept)


@pytest.mark.skipif(not KEPT.exists(), reason="make bench has not run here yet")
def test_the_committed_figures_are_those_of_a_whole_run() -> None:
    raw = json.loads(KEPT.read_text(encoding="utf-8"))
    assert raw["quick"] is False
    assert [row.name for row in ROWS if row.name not in raw["measured"]] == []
