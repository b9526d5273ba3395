"""Runs the closing check of `verification="listing"`, and resumes it where an earlier attempt stopped."""

from __future__ import annotations

from collections.abc import Callable

from s3_crosscopy.core.state.checked_ranges import Checked
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.listing.repeat_scans import RepeatScans
from s3_crosscopy.engine.listing_check import ListingCheck
from s3_crosscopy.engine.outcome_recorder import OutcomeRecorder
from s3_crosscopy.engine.run_config import RunConfig
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.checkpoint import Checking
from s3_crosscopy.model.events import PhaseStarted
from s3_crosscopy.model.outcomes import Failure
from s3_crosscopy.ports import EventSink


class ListingCheckPhase:
    """Compares the ranges of a run on both sides, without those that an earlier attempt found to be equal.

    What this attempt copied is compared again.
    """

    def __init__(self, config: RunConfig, recorder: OutcomeRecorder, sink: EventSink) -> None:
        self._config = config
        self._recorder = recorder
        self._sink = sink
        attempt, ranges = config.attempt, config.ranges
        self._checked: Checked | None = None
        if attempt.checking is not None:
            self._checked = Checked(ranges, attempt.checking, attempt.remaining_of(ranges))
        self._check: ListingCheck | None = None

    @property
    def compared(self) -> int | None:
        """The number of compared pairs; None if there was no check."""
        return self._check.checked.compared if self._check is not None else None

    @property
    def unproven(self) -> tuple[Failure, ...]:
        """The first pairs that do not match."""
        return self._check.unproven if self._check is not None else ()

    def snapshot(self) -> Checking | None:
        """The progress of the check, for a later attempt; None before it began."""
        return self._checked.snapshot() if self._checked is not None else None

    def run(
        self, scans: RepeatScans, run_start: str, keys: int, dispatcher: Dispatcher, turn: Callable[[], None]
    ) -> None:
        """List both sides to their ends and compare every pair, if that was requested.

        `run_start` is by S3's clock, `keys` about how many keys there are, `turn` one turn of the engine's loop.
        """
        spec = self._config.spec
        if spec.options.verification != "listing" or spec.options.dry_run:
            return
        self._sink.emit(PhaseStarted("check", keys))
        checked = self._checked
        if checked is None or not scans.may_begin(checked.ranges, dispatcher, turn, list_dest=True):
            checked = Checked(self._config.ranges)
        self._checked = checked
        self._check = ListingCheck(spec, run_start, self._recorder.excused, checked, self._config.role.part)
        scheduler = scans.over(checked.ranges, self._check, checked, list_dest=True)
        while not scheduler.ended:
            try:
                scheduler.take()
            except S3Error as error:
                self._recorder.listing_refused(error)
                return
            scheduler.pump(dispatcher)
            turn()
