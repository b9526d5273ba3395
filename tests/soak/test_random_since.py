"""Whatever is drawn, a short look misses nothing that it must not: see `random_since`. `make soak` draws more."""

from __future__ import annotations

import pytest

from tests.soak.random_since import random_since

STEPS = 500


@pytest.mark.parametrize("since", ["last_success", "key"])
def test_random_histories(since: str) -> None:
    history = random_since(0, since, STEPS)

    assert history.short >= 10
    # What the page about `since` says is missed.
    assert history.missed
