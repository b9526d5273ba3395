"""The property: a value or an error of ours, within a bound of time and of memory for each input."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from typing import TypeVar

MOST_S = 2.0
"""Of the processor, so that a busy machine makes no difference; inputs are some kilobytes, and take microseconds."""

MOST_GROWTH = 64 * 2**20

Value = TypeVar("Value")


def parsed(parse: Callable[[], Value], *errors: type[Exception]) -> Value | None:
    """What it returns; None where it raises one of these errors, each with one line of a readable length."""
    began, before = time.process_time(), _peak()
    value, said = None, ""
    try:
        value = parse()
    except errors as error:
        said = str(error)
    assert "\n" not in said
    assert len(said) < 1_000
    assert time.process_time() - began < MOST_S
    assert _peak() - before < MOST_GROWTH
    return value


def _peak() -> int:
    """The most memory that this process ever had."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
