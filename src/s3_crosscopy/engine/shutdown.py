"""Shuts a run down: requests in flight end within a grace period, uploads are aborted or kept."""

from __future__ import annotations

from collections.abc import Callable

from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.transfer.multipart import MultipartCopier
from s3_crosscopy.model.events import Warned
from s3_crosscopy.ports import Clock, EventSink

TURN_S = 0.2
"""The longest wait of one turn of the loop in seconds, and so of a stop signal."""
STOP_GRACE_S = 3.0
"""Seconds for requests to end. Airflow kills five seconds after SIGTERM: the rest is for the checkpoint."""


NOT_IN_ORDER = "the run could not end in order ({}: {}); a retry resumes from the last save"


def leave(sink: EventSink, *steps: Callable[[], None]) -> None:
    """Take all steps to leave a run early. An error in a step is emitted; it does not hide why the run is left."""
    for step in steps:
        try:
            step()
        except Exception as error:  # noqa: BLE001 - emitted
            sink.emit(Warned(NOT_IN_ORDER.format(type(error).__name__, error)))


def shut_down(dispatcher: Dispatcher, multipart: MultipartCopier, clock: Clock, *, keep: bool) -> None:
    """Begin nothing more but aborts (none with `keep`), abandon what does not end, and close.

    Parts have half of the grace period to end; then their uploads are aborted anyway, because a part may take minutes.
    """
    began = clock.now()
    dispatcher.outage.let_go()
    multipart.abandon(keep=keep)
    dispatcher.give_up_waiting()
    try:
        _wait(dispatcher, clock, began + STOP_GRACE_S / 2)
        multipart.abort_unended()
        _wait(dispatcher, clock, began + STOP_GRACE_S)
    finally:
        dispatcher.close(max(0.0, began + STOP_GRACE_S - clock.now()))
        multipart.warn_unended()


def _wait(dispatcher: Dispatcher, clock: Clock, until: float) -> None:
    while dispatcher.in_flight() and (left_s := until - clock.now()) > 0:
        dispatcher.reap(min(TURN_S, left_s))
