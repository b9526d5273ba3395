"""Copies the keys of `copy_last` at the end: a commit marker must never be visible before the data it stands for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence

from s3_crosscopy.core.decide.comparison import needs_destination
from s3_crosscopy.core.decide.filters import glob_start, make_last
from s3_crosscopy.core.decide.table_markers import IN_ORDER
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.state.cursors import Cursors
from s3_crosscopy.core.timestamps import may_be_since
from s3_crosscopy.engine.listing.scheduler import ScanScheduler
from s3_crosscopy.engine.outcome_recorder import TOO_NEW
from s3_crosscopy.engine.parts import Parts
from s3_crosscopy.engine.transfer.copy_last_finder import CopyLastFinder
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.engine.transfer.log_queues import LogQueues
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.events import PhaseStarted
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.option_parsers import AUTO

INCOMPLETE = "held back: not everything else arrived"


class CopyLastPhase:
    """Copies glob by glob. The keys of one glob are copied side by side; the next begins when all have an outcome.

    For `copy_last="auto"` a glob is a rank of `table_markers`, and the held keys of one log are copied in their order.

    A key written since `began` (S3's clock) is held back: it may stand for data that was not there when its prefix was
    listed. As soon as a key failed, or if not all runs were `complete`, every key is held back that no request was made
    for. `turn` is one turn of the engine's loop, `run_start` as in `RetryCopier.begin`.
    """

    def __init__(
        self, spec: CopySpec, parts: Parts, turn: Callable[[], None], began: str, run_start: str, *, complete: bool
    ) -> None:
        self._spec = spec
        self._parts = parts
        self._loop_turn = turn
        self._began = began
        self._run_start = run_start
        self._complete = complete
        self._backlog = parts.decider.backlog

    def run(self) -> None:
        """Copy the keys of all globs, in the order of the globs."""
        parts = self._parts
        number = len(parts.decider.last) + parts.ledger.deferred
        if not number:
            return
        parts.sink.emit(PhaseStarted("last", number))
        self._note_failures()
        jobs_by_glob = self._take_jobs()
        if parts.early.why:
            self._hold_back(job for jobs in jobs_by_glob.values() for job in jobs)
            return
        for glob in sorted({*jobs_by_glob, *parts.decider.put_off}):
            self._copy_glob(glob, jobs_by_glob.get(glob, []))
        if not parts.early.why:
            parts.ledger.not_found_again()

    def _hold_back(self, jobs: Iterable[CopyJob]) -> None:
        for job in jobs:
            self._parts.recorder.held_back(job, INCOMPLETE)

    def _take_jobs(self) -> dict[int, list[CopyJob]]:
        jobs_by_glob: dict[int, list[CopyJob]] = {}
        for glob, job in sorted(self._parts.decider.last, key=lambda entry: (entry[0], entry[1].source.key)):
            jobs_by_glob.setdefault(glob, []).append(job)
        self._parts.decider.last.clear()
        return jobs_by_glob

    def _copy_glob(self, glob: int, jobs: Sequence[CopyJob]) -> None:
        parts = self._parts
        others = parts.ledger.open_keys() - len(jobs)
        put_off = glob in parts.decider.put_off
        if self._spec.options.copy_last == AUTO and glob in IN_ORDER:
            if put_off:
                self._copy_in_pieces(glob, jobs)
            else:
                self._copy_logs(jobs)
        else:
            for job in jobs:
                self._enter(job)
            if put_off:
                for scheduler in self._listings(glob, jobs, self._enter, self._full):
                    self._take(scheduler)
        self._finish(others)

    def _copy_logs(self, jobs: Sequence[CopyJob]) -> None:
        """Copy the entries of each log in their order: a reader never finds one without those before it."""
        parts, postponed = self._parts, self._parts.recorder.postponed
        others = parts.ledger.open_keys() - len(jobs)
        queues = LogQueues(jobs, glob_start(self._spec), parts.dispatcher.window.limit, self._enter)
        for job in queues.apart:
            self._enter(job)
        self._finish(others + queues.number)
        while queues.pump():
            if queues.stuck and postponed:
                parts.retry.begin(postponed.popleft(), self._run_start)
            self._turn()

    def _copy_in_pieces(self, glob: int, jobs: Sequence[CopyJob]) -> None:
        """Copy more entries of logs than can be held: one piece after the other, in the order of their keys."""
        most, held, piece = self._parts.decider.most_held, deque(jobs), list[CopyJob]()

        def full() -> bool:
            return len(piece) >= most

        for scheduler in self._listings(glob, jobs, piece.append, full, in_order=True):
            while self._take(scheduler, full):
                last = _key_of(piece[-1])
                while held and _key_of(held[0]) < last:
                    piece.append(held.popleft())
                self._copy_logs(sorted(piece, key=_key_of))
                piece.clear()
        self._copy_logs(sorted([*piece, *held], key=_key_of))

    def _finish(self, others: int) -> None:
        """Wait until only so many keys are open, with the second attempts of those that need one."""
        parts, postponed = self._parts, self._parts.recorder.postponed
        while parts.ledger.open_keys() > others + len(postponed):
            self._turn()
        while parts.ledger.open_keys() > others:
            for _ in range(min(len(postponed), parts.dispatcher.room())):
                parts.retry.begin(postponed.popleft(), self._run_start)
            self._loop_turn()

    def _listings(
        self,
        glob: int,
        jobs: Sequence[CopyJob],
        enter: Callable[[CopyJob], None],
        full: Callable[[], bool],
        *,
        in_order: bool = False,
    ) -> Iterator[ScanScheduler]:
        """Begin the listings of the keys of which only their ranges were kept, and that have no jobs yet.

        `in_order`: one after the other, in the order of the keys. `enter` gets a job for each key, unless `full`.
        """
        parts, glob_of, scans = self._parts, make_last(self._spec), self._parts.repeat_scans
        assert glob_of is not None
        list_dest = needs_destination(self._spec.options.overwrite)
        ranges: Sequence[KeyRange] = parts.decider.put_off[glob].ranges()
        if not scans.may_begin(ranges, parts.dispatcher, self._turn, list_dest=list_dest):
            ranges = scans.ranges
        copied = frozenset(map(_key_of, jobs))

        def wanted(key: str) -> bool:
            return glob_of(key) == glob and scans.remaining.holds(key)

        for together in [[key_range] for key_range in ranges] if in_order else [ranges]:
            cursors = Cursors(together)
            finder = CopyLastFinder(
                parts.ledger, parts.recorder, parts.choose, cursors, wanted, copied, enter=enter, full=full
            )
            yield scans.over(together, finder, cursors, list_dest=list_dest, wanted=wanted, splits=not in_order)

    def _take(self, scheduler: ScanScheduler, full: Callable[[], bool] = lambda: False) -> bool:
        """Take the pairs of a listing. Returns True as soon as it is `full`, else False at the end or a stop."""
        while not (scheduler.ended or self._parts.early.why):
            try:
                scheduler.take()
            except S3Error as error:
                self._parts.recorder.listing_refused(error)
            if full():
                return True
            scheduler.pump(self._parts.dispatcher)
            self._turn()
        return False

    def _full(self) -> bool:
        return len(self._backlog) >= self._parts.dispatcher.window.limit or self._parts.multipart.full()

    def _turn(self) -> None:
        """Make one turn of the loop; before it begins anything, a failure holds back the remaining keys."""
        self._note_failures()
        while self._backlog and not self._complete:
            self._parts.recorder.held_back(self._backlog.popleft(), INCOMPLETE)
        self._loop_turn()

    def _note_failures(self) -> None:
        if self._parts.early.why or self._parts.ledger.total().failed:
            self._complete = False

    def _enter(self, job: CopyJob) -> None:
        """Copy the object when there is room, or hold it back."""
        if not self._complete:
            self._parts.recorder.held_back(job, INCOMPLETE)
        elif may_be_since(job.source.modified, self._began):
            self._parts.recorder.held_back(job, TOO_NEW)
        else:
            job.before = self._began
            self._backlog.append(job)


def _key_of(job: CopyJob) -> str:
    return job.source.key
