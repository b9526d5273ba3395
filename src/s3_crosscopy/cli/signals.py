"""SIGINT and SIGTERM: the first stops the run cleanly, a second SIGINT ends the process at once."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from s3_crosscopy.cli.exit_codes import ExitCode

_STOPPING = b"\ns3-crosscopy: stopping; Ctrl-C once more ends at once\n"
_SHOW_CURSOR = b"\x1b[?25h"


@contextmanager
def stop_signals(cancel: threading.Event, running: Callable[[], bool]) -> Iterator[None]:
    """Let the signals set `cancel` once `running()`.

    Before, there is nothing to clean up, and connecting to a server that does not answer would not hear of it: there
    they raise KeyboardInterrupt. Only a process's main thread may handle signals; elsewhere this does nothing.
    """

    def stop(number: int, _: FrameType | None) -> None:
        if not running():
            raise KeyboardInterrupt
        if cancel.is_set() and number == signal.SIGINT:
            _end_at_once()
        if not cancel.is_set():
            cancel.set()
            _tell(_STOPPING)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end_at_once() -> None:
    if os.isatty(2):
        _tell(_SHOW_CURSOR)  # The bar hid it.
    os._exit(ExitCode.INTERRUPTED)


def _tell(said: bytes) -> None:
    """Not print(): the signal may have come in the middle of one. Nobody may be there to hear it."""
    with suppress(OSError):
        os.write(2, said)
