"""The keys that go last (`copy_last`): commit markers must never be seen before the data that they vouch for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from s3_crosscopy.core.decide.comparison import Decide, needs_destination
from s3_crosscopy.core.decide.filters import make_last
from s3_crosscopy.core.early_stop import EarlyStop
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.state.cursors import Cursors
from s3_crosscopy.core.state.ledger import Ledger
from s3_crosscopy.core.timestamps import may_be_since
from s3_crosscopy.engine.decider import Decider
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.listing.repeat_scans import WalkingAgain
from s3_crosscopy.engine.outcome_recorder import TOO_NEW, OutcomeRecorder
from s3_crosscopy.engine.transfer.copy_last_finder import Finder
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.engine.transfer.multipart import MultipartCopier
from s3_crosscopy.engine.transfer.single import SingleCopier
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.events import PhaseStarted
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.ports import EventSink

INCOMPLETE = "held back: not everything else arrived"


class Parts(NamedTuple):
    """The parts of the engine that copy; `turn` is one turn of its loop."""

    decider: Decider
    ledger: Ledger
    recorder: OutcomeRecorder
    copying: SingleCopier
    large: MultipartCopier
    choose: Decide
    walks: WalkingAgain
    dispatcher: Dispatcher
    early: EarlyStop
    sink: EventSink
    turn: Callable[[], None]


class CopyLastPhase:
    """Copies glob by glob. The keys of one go side by side, and the next one begins when all of them have their end.

    Held back is what may have been written since the run began (`began`, S3's clock): it may vouch for data that was
    not there when its prefix was listed. As soon as something failed, or if not all runs were `complete`, everything is
    that no request was made for. `second_began` is as in `SingleCopier.begin_again`.
    """

    def __init__(self, spec: CopySpec, parts: Parts, began: str, second_began: str, *, complete: bool) -> None:
        self._spec = spec
        self._parts = parts
        self._began = began
        self._second_began = second_began
        self._whole = complete
        self._backlog = parts.decider.backlog

    def run(self) -> None:
        """All globs, in their order."""
        parts = self._parts
        number = len(parts.decider.last) + parts.ledger.put_off
        if not number:
            return
        parts.sink.emit(PhaseStarted("last", number))
        self._judge()
        held = self._held_by_glob()
        if parts.early.why:
            for job in (job for jobs in held.values() for job in jobs):
                parts.recorder.held_back(job, INCOMPLETE)
            return
        for glob in sorted({*held, *parts.decider.put_off}):
            self._glob(glob, held.get(glob, []))
        if not parts.early.why:
            parts.ledger.not_found_again()

    def _held_by_glob(self) -> dict[int, list[CopyJob]]:
        held: dict[int, list[CopyJob]] = {}
        for glob, job in sorted(self._parts.decider.last, key=lambda one: (one[0], one[1].source.key)):
            held.setdefault(glob, []).append(job)
        self._parts.decider.last.clear()
        return held

    def _glob(self, glob: int, held: Sequence[CopyJob]) -> None:
        parts = self._parts
        others = parts.ledger.open_keys() - len(held)
        for job in held:
            self._enter(job)
        if glob in parts.decider.put_off:
            self._list_again(glob, frozenset(job.source.key for job in held))
        again = parts.recorder.postponed
        while parts.ledger.open_keys() > others + len(again):
            self._turn()
        while parts.ledger.open_keys() > others:
            for _ in range(min(len(again), parts.dispatcher.room())):
                parts.copying.begin_again(again.popleft(), self._second_began)
            parts.turn()

    def _list_again(self, glob: int, held: frozenset[str]) -> None:
        """Keys that were only remembered by where they are."""
        parts, turn_of = self._parts, make_last(self._spec)
        assert turn_of is not None
        look = needs_destination(self._spec.options.overwrite)
        ranges: Sequence[KeyRange] = parts.decider.put_off[glob].ranges()
        if not parts.walks.may_begin(ranges, parts.dispatcher, self._turn, look=look):
            ranges = parts.walks.ranges

        def wanted(key: str) -> bool:
            return turn_of(key) == glob and parts.walks.left.holds(key)

        cursors = Cursors(ranges)
        finder = Finder(
            parts.ledger, parts.recorder, parts.choose, cursors, wanted, held, enter=self._enter, full=self._full
        )
        scheduler = parts.walks.over(ranges, finder, cursors, look=look, wanted=wanted)
        while not (scheduler.ended or parts.early.why):
            try:
                scheduler.take()
            except S3Error as error:
                parts.recorder.listing_refused(error)
            scheduler.pump(parts.dispatcher)
            self._turn()

    def _full(self) -> bool:
        return len(self._backlog) >= self._parts.dispatcher.window.limit or self._parts.large.full()

    def _turn(self) -> None:
        """One turn of the loop; before it begins anything, a failure holds back what is left."""
        self._judge()
        while self._backlog and not self._whole:
            self._parts.recorder.held_back(self._backlog.popleft(), INCOMPLETE)
        self._parts.turn()

    def _judge(self) -> None:
        if self._parts.early.why or self._parts.ledger.total().failed:
            self._whole = False

    def _enter(self, job: CopyJob) -> None:
        """Copy it when there is room, or hold it back."""
        if not self._whole:
            self._parts.recorder.held_back(job, INCOMPLETE)
        elif may_be_since(job.source.modified, self._began):
            self._parts.recorder.held_back(job, TOO_NEW)
        else:
            job.before = self._began
            self._backlog.append(job)
