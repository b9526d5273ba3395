"""Asks on a terminal if a plan is approved."""

from __future__ import annotations

import select
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from s3_crosscopy.errors import Interrupted, InvalidInput

if TYPE_CHECKING:
    from s3_crosscopy.api.approving import Question

NO_TERMINAL = "approve: there is no terminal to ask on; run s3-crosscopy plan, and leave approve out if it may be done"
STOPPED = "stopped by request, before the plan was approved; nothing was copied or deleted"
_POLL_S = 0.1


def check_terminal() -> None:
    """Raise InvalidInput without a terminal: nobody could answer."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InvalidInput(NO_TERMINAL)


def ask_on_terminal(
    question: Question, cancel: threading.Event, alone: Callable[[], AbstractContextManager[None]] = nullcontext
) -> bool:
    """Show the plan on stderr; return True after "yes". Raises Interrupted when `cancel` is set.

    `alone`: makes a context manager in which nothing else is written to the terminal.
    """
    with alone():
        print(f"\n{question.text}\n\nApprove? [yes/no] ", end="", file=sys.stderr, flush=True)
        # This is no main thread: a signal would not end readline(), nor could the process end while it waits.
        # Windows' select takes sockets only.
        while sys.platform != "win32" and not select.select([sys.stdin], [], [], _POLL_S)[0]:
            if cancel.is_set():
                raise Interrupted(STOPPED)
        return sys.stdin.readline().strip().lower() in ("y", "yes")
