"""Whatever is drawn, no key goes that must stay: see `random_mirror`. `make soak` draws a hundred thousand."""

from __future__ import annotations

import pytest

from tests.soak.random_mirror import random_mirror

SEEDS, TOGETHER = 300, 50


@pytest.mark.parametrize("first", range(0, SEEDS, TOGETHER))
def test_random_mirrors(first: int) -> None:
    mirrors = [random_mirror(seed) for seed in range(first, first + TOGETHER)]

    assert sum(mirror.deleted for mirror in mirrors) > TOGETHER
    assert sum(mirror.kills for mirror in mirrors) > TOGETHER // 10
