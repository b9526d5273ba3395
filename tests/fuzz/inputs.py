"""How many inputs a test here gets: `@MANY @given(...)`. `FUZZ_INPUTS` says it (`make fuzz`: forty times as many).

Not a profile: that would hold for every folder that is collected after this one.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

MANY = settings(
    max_examples=int(os.environ.get("FUZZ_INPUTS", "500")),
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
