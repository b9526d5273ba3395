"""The small sister of `make soak`: 200,000 keys, eight kills, and nothing is lost, wrong or copied twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.soak.judge import again, broken, may_be_again
from bench.soak.run_shape import Shape
from bench.soak.script import soak

# Groups are begun before single tests: else one worker would be left with these at the end.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("soak")]

MINUTES = 20.0
"""It takes a quarter of one on two quiet cores."""


def test_200_000_keys_killed_eight_times_are_all_there_and_none_is_copied_for_nothing(tmp_path: Path) -> None:
    # Most keys are there already, so that listing and joining have most to do, as in every later run of a copy.
    shape = Shape(200_000, fresh=0, kills=8, save_every_s=0.5, sample_s=0.1, minutes=MINUTES)
    told: list[str] = []
    result = soak(shape, tmp_path, told.append)
    assert broken(result) == [], "\n".join(told)
    assert len(result.kills) == 8


def test_where_no_listing_tells_what_arrived_a_killed_run_copies_again_only_what_was_not_saved(tmp_path: Path) -> None:
    shape = Shape(20_000, fresh=10, kills=4, save_every_s=0.5, sample_s=0.1, minutes=MINUTES, overwrite="always")
    told: list[str] = []
    result = soak(shape, tmp_path, told.append)
    assert broken(result) == [], "\n".join([*told, f"{again(result)} of {may_be_again(result)}"])
