"""A soak's result is judged: every bound that does not hold is a line, and the page says the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from bench.soak.judge import broken
from bench.soak.results_page import block, picture, put_in
from bench.soak.run_shape import Amounts, Shape, amounts, moments
from bench.soak.script import Kill, Result, Sample

SHAPE = Shape(10_000, fresh=1, kills=3)
MACHINE = {"processor": "a CPU", "cores": 2, "memory_gib": 8, "system": "Linux", "python": "3.12"}
ENDED: dict[str, Any] = {"listed": 10_000, "copied": 1500, "skipped": 8500, "failed": 0, "held_back": 0}


def result(**changed: Any) -> Result:
    status = {"counts": {"copied": 1500}, "requests": {"ListObjectsV2, src": 10}, "lacks": {"data": 0}, "uploads": 0}
    status |= changed.pop("status", {})
    samples = [Sample(float(i), 1, 80_000, i * 10, 5000) for i in range(40)]
    made = Result(SHAPE, amounts(SHAPE), 60.0, True, [Kill(5.0, 500, 100)], samples, [], {}, None, ENDED, status, 0)
    return made._replace(**changed)


def test_what_is_copied_and_what_fails_is_counted_before_it_begins() -> None:
    assert amounts(SHAPE) == Amounts(copies=1500, failing=1, markers=2, lost=0, unlike=1)
    assert amounts(SHAPE._replace(fresh=10)) == Amounts(copies=10_000, failing=5, markers=10, lost=1, unlike=10)


def test_the_last_two_kills_are_among_what_was_mended_and_the_markers() -> None:
    assert moments(SHAPE) == [748, 1498, 1499]
    assert moments(SHAPE._replace(kills=None)) == []


def test_a_result_in_which_all_holds_has_no_line() -> None:
    assert broken(result()) == []
    assert broken(result(report={**ENDED, "copied": 1499, "skipped": 8501})) == []
    lost = result(status={"counts": {"again, small": 65}}, amounts=amounts(SHAPE)._replace(lost=1))
    assert broken(lost) == []
    assert "Every bound below held" in block(result(), "2026-01-01", MACHINE)


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"finished": False}, "given up"),
        ({"status": {"lacks": {"data": 3}}}, "lost: {'data': 3}"),
        ({"status": {"uploads": 2}}, "2 uploads are left open"),
        ({"leftovers": 1}, "temporary files"),
        ({"ended": ["exit 1: S3 is away"]}, "S3 is away"),
        ({"status": {"counts": {"markers too early": 1}}}, "1 copies: markers too early"),
        ({"report": {**ENDED, "listed": 9_999}}, "end: 9999 listed, not 10000"),
        ({"first_end": {"failed": 0, "held_back": 2}}, "first end: 0 failed, not 1"),
        ({"status": {"counts": {"again, large": 165}}}, "165 copies were made again; 164 were in flight"),
        ({"status": {"counts": {"again, small": 65}}}, "65 small copies were made again that a listing shows"),
        (
            {"report": {**ENDED, "copied": 1498, "skipped": 8502}},
            "1498 copied, not 1500, of which 1 may count as skipped",
        ),
        ({"report": {**ENDED, "skipped": 8499}}, "end: 8499 skipped, not 8500"),
        ({"samples": [Sample(float(i), 1, i * 2000, 0, 0) for i in range(40)]}, "memory grew"),
        ({"samples": [Sample(0.0, 1, 300_000, 0, 0)]}, "300,000 KiB were resident"),
        ({"samples": [Sample(0.0, 1, 0, 0, 9_000_000)]}, "the checkpoint had 9,000,000 bytes"),
    ],
    ids=lambda value: value.replace(" ", "-")[:30] if isinstance(value, str) else "",
)
def test_a_bound_that_does_not_hold_is_a_line(changed: dict[str, Any], line: str) -> None:
    assert [one for one in broken(result(**changed)) if line in one]
    assert line in block(result(**changed), "2026-01-01", MACHINE)


def test_the_results_take_the_place_of_those_before_and_leave_the_rest_of_the_page(tmp_path: Path) -> None:
    page = tmp_path / "endurance.md"
    page.write_text("before\n<!-- results: written by make soak -->\nold\n<!-- end of the results -->\nafter\n")
    put_in(page, "new")
    put_in(page, "newest")
    text = page.read_text()
    assert text.startswith("before\n<!-- results")
    assert text.endswith("<!-- end of the results -->\nafter\n")
    assert "newest" in text
    assert "old" not in text


def test_the_page_has_a_place_for_results() -> None:
    text = (Path(__file__).parents[2] / "docs" / "endurance.md").read_text()
    assert text.count("<!-- results: written by make soak -->") == text.count("<!-- end of the results -->") == 1


def test_the_picture_is_a_drawing_of_the_samples() -> None:
    drawn = ElementTree.fromstring(picture(result().samples))
    line = drawn.find("{http://www.w3.org/2000/svg}polyline")
    assert line is not None
    assert len(line.attrib["points"].split()) == 40
