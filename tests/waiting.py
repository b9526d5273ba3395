"""How a test waits for what a thread or another process does."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(holds: Callable[[], object], timeout_s: float, told: Callable[[], str], *, poll_s: float = 0.25) -> None:
    """Ask every `poll_s`; AssertionError with what `told` says if it does not hold within `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not holds():
        assert time.monotonic() < deadline, told()
        time.sleep(poll_s)
