"""How far a run looked, as the tab shows it."""

from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.airflow.plugin.look_values import look_in, looks
from s3_crosscopy.model.since_result import SinceResult


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, ""),
        ({"since": None}, ""),
        ({"since": "short"}, ""),
        ({"since": SinceResult(True).as_dict()}, "short: only what is new"),
        ({"since": SinceResult(False, "it is due").as_dict()}, "full"),
        ({"since": {"missed": True}}, "full"),
        ({"since": SinceResult(False, missed=0).as_dict()}, "full: the short way had missed 0"),
        (
            {"since": SinceResult(False, missed=1000, at_least=True).as_dict()},
            "full: the short way had missed at least 1,000",
        ),
    ],
)
def test_the_look_of_a_summary(values: dict[str, Any], text: str) -> None:
    assert look_in(values) == text


def test_different_looks_of_several_tasks_are_shown_once() -> None:
    assert looks(["", "a", "b", "a", "c", "d"]) == ("a", "b", "c")
