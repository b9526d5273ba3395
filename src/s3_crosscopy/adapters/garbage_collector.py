"""Lets Python's garbage collector run less often while a command starts or a run copies."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager

YOUNG_OBJECTS = 20_000
"""New objects after which the garbage collector runs. Python's own 700 or 2,000 are less than one listed page has."""


@contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """Exclude the existing objects from garbage collection, and collect less often.

    boto3 and Airflow are hundreds of thousands of objects, which the collector would go through again and again while
    they are imported, and while the run makes its short-lived ones.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def end_without_collection() -> None:
    """Let the process end without a last garbage collection, which takes a fifth of the time of a copy of one object.

    The memory goes back with the process, and files are closed by who opened them.
    """
    atexit.register(gc.freeze)
