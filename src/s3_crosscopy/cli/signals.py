"""Handles SIGINT and SIGTERM: the first signal stops the run cleanly, a second SIGINT ends the process at once."""

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
    """Let the signals set `cancel` while `running()` is true, and raise KeyboardInterrupt before.

    Before the run there is nothing to clean up, and connecting to a server that does not respond would not check
    `cancel`. Only a process's main thread may handle signals; in other threads this does nothing.
    """

    def stop(number: int, _: FrameType | None) -> None:
        if not running():
            raise KeyboardInterrupt
        if cancel.is_set() and number == signal.SIGINT:
            _end_at_once()
        if not cancel.is_set():
            cancel.set()
            _write_stderr(_STOPPING)

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _end_at_once() -> None:
    if os.isatty(2):
        _write_stderr(_SHOW_CURSOR)  # The bar has hidden it.
    os._exit(ExitCode.INTERRUPTED)


def _write_stderr(text: bytes) -> None:
    """Write to stderr without print(), which the signal may have interrupted. stderr may be closed."""
    with suppress(OSError):
        os.write(2, text)
