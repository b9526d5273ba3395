"""The property: a value or an error of ours, within a bound of time and of memory for each input."""

from __future__ import annotations

import gc
import resource
import sys
import time
from collections.abc import Callable
from typing import TypeVar

MOST_S = 2.0
"""Of the processor, so that a busy machine makes no difference; inputs are some kilobytes, and take microseconds.

Of this thread, without the garbage collector: it looks through all that other tests left in this process.
"""

MOST_GROWTH = 64 * 2**20

Value = TypeVar("Value")


def parsed(parse: Callable[[], Value], *errors: type[Exception]) -> Value | None:
    """What it returns; None where it raises one of these errors, each with one line of a readable length."""
    value, said = None, ""
    gc.disable()
    began, before = time.thread_time(), _peak()
    try:
        value = parse()
    except errors as error:
        said = str(error)
    finally:
        took_s = time.thread_time() - began
        gc.enable()
    assert "\n" not in said
    assert len(said) < 1_000
    assert took_s < MOST_S
    assert _peak() - before < MOST_GROWTH
    return value


def _peak() -> int:
    """The most memory that this process ever had."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
