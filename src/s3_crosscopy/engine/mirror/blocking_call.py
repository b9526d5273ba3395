"""Waits for one blocking call on the dispatcher's threads, and keeps the loop turning."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.errors import S3Error

T = TypeVar("T")


def call_and_wait(dispatcher: Dispatcher, turn: Callable[[], None], job: Callable[[], T], *, requests: int = 1) -> T:
    """Return the value of the job. `turn`: one turn of the engine's loop. Raises the job's S3Error."""
    ended: list[tuple[T, S3Error | None]] = []
    dispatcher.call(job, lambda subject, value, error: ended.append((value, error)), None, requests=requests)
    while not ended:
        turn()
    value, error = ended[0]
    if error is not None:
        raise error
    return value
