"""The real clock."""

from __future__ import annotations

import time


class SystemClock:
    """See `ports.Clock`."""

    now = staticmethod(time.monotonic)
    utc = staticmethod(time.time)
