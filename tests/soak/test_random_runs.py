"""Whatever is drawn, a copy ends whole: see `random_run`. `make soak` draws as many as an hour takes."""

from __future__ import annotations

import pytest

from tests.soak.random_run import random_run

SEEDS = 120


@pytest.mark.parametrize("seed", range(SEEDS), ids=lambda seed: f"seed-{seed}")
def test_a_random_run(seed: int) -> None:
    random_run(seed)
