"""The end of a run, in time or before it: what is in flight ends within a grace, uploads are aborted or kept."""

from __future__ import annotations

from collections.abc import Callable

from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.transfer.multipart import MultipartCopier
from s3_crosscopy.model.events import Warned
from s3_crosscopy.ports import Clock, EventSink

TURN_S = 0.2
"""How long one turn waits at most: what a stop signal has to wait for."""
STOP_GRACE_S = 3.0
"""Airflow kills five seconds after SIGTERM: the rest is for the checkpoint and the way out."""


NOT_IN_ORDER = "the run could not end in order ({}: {}); a retry goes on from the last save"


def leave(sink: EventSink, *steps: Callable[[], None]) -> None:
    """Take all the steps out of a run that is left before its end. What fails in one does not hide why it is left."""
    for step in steps:
        try:
            step()
        except Exception as error:  # noqa: BLE001 - told
            sink.emit(Warned(NOT_IN_ORDER.format(type(error).__name__, error)))


def shut_down(dispatcher: Dispatcher, large: MultipartCopier, clock: Clock, *, keep: bool) -> None:
    """Begin nothing more but aborts (none with `keep`), let go of what does not end, and close.

    Parts get half of the grace to end; their uploads are aborted then all the same, because a part may take minutes.
    """
    began = clock.now()
    dispatcher.outage.let_go()
    large.abandon(keep=keep)
    dispatcher.give_up_waiting()
    try:
        _wait(dispatcher, clock, began + STOP_GRACE_S / 2)
        large.abort_unended()
        _wait(dispatcher, clock, began + STOP_GRACE_S)
    finally:
        dispatcher.close(max(0.0, began + STOP_GRACE_S - clock.now()))
        large.tell_unended()


def _wait(dispatcher: Dispatcher, clock: Clock, until: float) -> None:
    while dispatcher.in_flight() and (left := until - clock.now()) > 0:
        dispatcher.reap(min(TURN_S, left))
