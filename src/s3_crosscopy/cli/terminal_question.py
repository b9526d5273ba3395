"""Asks on a terminal if a plan is approved."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from s3_crosscopy.cli.spelling import in_flags
from s3_crosscopy.errors import InvalidInput

if TYPE_CHECKING:
    from s3_crosscopy.api.approving import Question

NO_TERMINAL = "approve: there is no terminal to ask on; run s3-crosscopy plan, and leave approve out if it may be done"


def check_terminal() -> None:
    """Raise InvalidInput without a terminal: nobody could answer."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InvalidInput(NO_TERMINAL)


def ask_on_terminal(question: Question) -> bool:
    """Show the plan on stderr; return True after "yes"."""
    print(f"\n{in_flags(question.text)}\n\nApprove? [yes/no] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
