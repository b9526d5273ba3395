"""How these programs end before their time: everything that they started belongs to a `with`, and is unwound."""

from __future__ import annotations

import signal
from typing import NoReturn


def unwind_on_signals() -> None:
    """SIGTERM and SIGHUP end the program as Ctrl-C does."""
    for wanted in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(wanted, _stop)


def _stop(number: int, _: object) -> NoReturn:
    raise SystemExit(128 + number)
