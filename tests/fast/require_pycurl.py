"""Where pycurl is missing, its tests skip with a reason; under CI they fail. Imports nothing that needs it."""

from __future__ import annotations

import importlib.util
import os

import pytest


def need_pycurl() -> None:
    if importlib.util.find_spec("pycurl") is None:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("pycurl is not installed: the fast data path cannot be tested")
