"""Fixtures for every test: the servers of `tests/servers`, and the Airflow of `tests/ui`."""

from __future__ import annotations

import gc
import os
import signal

import pytest
from hypothesis import settings

pytest_plugins = ["tests.servers.fixtures", "tests.ui.fixtures"]

# No time limit: a slow machine must not turn a property red.
settings.register_profile("everywhere", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("everywhere")

# A suite in the background of a script is given an ignored SIGINT, and would hand it down to what its tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# The defaults that a developer has for the command are none of a test's, nor of the processes that it starts.
os.environ["S3_CROSSCOPY_CONFIG"] = os.devnull

# What is collected stays to the end: to look for garbage in it takes a sixth of the collection, and more later.
gc.disable()

YOUNG_OBJECTS = 30_000
"""Objects after which Python looks for garbage; by its own 700 that takes a tenth of what the tests take."""

# Of those that are in no group: pytest-xdist begins with the groups, the larger ones first.
LONGEST = ("tests/memory/", "tests/kill/", "tests/engine/test_interruptible.py")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that no worker begins one of them when the others are done."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
    gc.set_threshold(YOUNG_OBJECTS, 20, 50)
