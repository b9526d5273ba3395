"""Every test here is of a decision. Hypothesis has no time limit: many examples, or few under the tracer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

# A slow runner must not turn a property red, hence no deadline and no complaint about slow generation.
settings.register_profile(
    "unit",
    max_examples=200,
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("unit")
# Under the tracer an example takes three times as long. What the coverage needs of them is always the same few.
settings.register_profile("traced", settings.get_profile("unit"), max_examples=25, derandomize=True)

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)  # before -m looks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.decision)
            if is_hypothesis_test(getattr(item, "obj", None)):
                item.add_marker(pytest.mark.examples)
