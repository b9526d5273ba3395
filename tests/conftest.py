"""Fixtures for every test: the servers of `tests/servers`, and the Airflow of `tests/ui`."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

pytest_plugins = ["tests.servers.fixtures", "tests.ui.fixtures"]

# No time limit: a slow machine must not turn a property red.
settings.register_profile("everywhere", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("everywhere")

# A suite in the background of a script is given an ignored SIGINT, and would hand it down to what its tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
