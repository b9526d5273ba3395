"""One hypothesis profile for all properties here: many examples, no time limit each, repeatable where CI runs."""

from __future__ import annotations

import os

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
