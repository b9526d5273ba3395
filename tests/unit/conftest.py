"""Every test here is of a decision. One hypothesis profile: many examples, no time limit, repeatable where CI runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A slow runner must not turn a property red, hence no deadline and no complaint about slow generation.
settings.register_profile(
    "unit",
    max_examples=200,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unit")

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before -m looks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.decision)
