"""The phase of `verification="listing"`: walks both sides once more, and goes on where an earlier attempt stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.state.checked_ranges import Checked
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.listing.repeat_scans import WalkingAgain
from s3_crosscopy.engine.listing_check import ListingCheck
from s3_crosscopy.engine.outcome_recorder import OutcomeRecorder
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.checkpoint import Checking, CheckpointState
from s3_crosscopy.model.events import PhaseStarted
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import Failure
from s3_crosscopy.model.run_scope import KeySubset
from s3_crosscopy.ports import EventSink


class Check:
    """Checks the ranges of a run, without those that an earlier attempt found to be as they should be.

    What this attempt did is among what is left of them.
    """

    def __init__(
        self,
        spec: CopySpec,
        recorder: OutcomeRecorder,
        sink: EventSink,
        part: KeySubset,
        ranges: Sequence[KeyRange],
        resumed: CheckpointState | None,
    ) -> None:
        self._spec = spec
        self._recorder = recorder
        self._sink = sink
        self._part = part
        self._ranges = ranges
        before = resumed.checking if resumed is not None else None
        self._checked = Checked(ranges, before, resumed.remaining) if resumed and before is not None else None
        self._audit: ListingCheck | None = None

    @property
    def compared(self) -> int | None:
        """Pairs that were compared; None if there was no check."""
        return self._audit.checked.compared if self._audit is not None else None

    @property
    def unproven(self) -> tuple[Failure, ...]:
        """The first that are not as they should be."""
        return self._audit.unproven if self._audit is not None else ()

    def snapshot(self) -> Checking | None:
        """How far it came, for a later attempt; None before it began."""
        return self._checked.snapshot() if self._checked is not None else None

    def run(self, walks: WalkingAgain, began: str, keys: int, dispatcher: Dispatcher, turn: Callable[[], None]) -> None:
        """If it was asked for, list both sides to their ends and compare every pair; about so many `keys`."""
        if self._spec.options.verification != "listing" or self._spec.options.dry_run:
            return
        self._sink.emit(PhaseStarted("check", keys))
        checked = self._checked
        if checked is None or not walks.may_begin(checked.ranges, dispatcher, turn, look=True):
            checked = Checked(self._ranges)
        self._checked = checked
        self._audit = ListingCheck(self._spec, began, self._recorder.excused, checked, self._part)
        scheduler = walks.over(checked.ranges, self._audit, checked, look=True)
        while not scheduler.ended:
            try:
                scheduler.take()
            except S3Error as error:
                self._recorder.listing_refused(error)
                return
            scheduler.pump(dispatcher)
            turn()
