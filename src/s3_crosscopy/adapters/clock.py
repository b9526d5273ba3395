"""The real clock."""

from __future__ import annotations

import time


class SystemClock:
    """Monotonic seconds of this machine."""

    now = staticmethod(time.monotonic)
