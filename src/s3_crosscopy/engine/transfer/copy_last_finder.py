"""Finds the keys of one `copy_last` glob of which only their ranges were kept: these are listed again."""

from __future__ import annotations

from collections.abc import Callable, Set

from s3_crosscopy.core.decide.comparison import Decide
from s3_crosscopy.core.merge_join import Pair
from s3_crosscopy.core.state.cursors import Cursors
from s3_crosscopy.core.state.ledger import Ledger
from s3_crosscopy.core.transfer.preconditions import expected_of
from s3_crosscopy.engine.listing.pair_consumer import PAIRS_A_TURN
from s3_crosscopy.engine.listing.pair_source import PairSource
from s3_crosscopy.engine.outcome_recorder import OutcomeRecorder
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.outcomes import Action, Decision

COUNTED = frozenset({Action.COPY, Action.COMPARE, Action.REFUSE})
"""The decisions that count a deferred key; with any other decision it was counted when it was first listed."""


class CopyLastFinder:
    """Takes the pairs of all scans, and passes over all but `wanted` keys without a job (`copied`) that never failed.

    Each is decided about again. What is to be copied is given to `enter`, unless `full` returns True.
    """

    def __init__(
        self,
        ledger: Ledger,
        recorder: OutcomeRecorder,
        choose: Decide,
        cursors: Cursors,
        wanted: Callable[[str], bool],
        copied: Set[str],
        *,
        enter: Callable[[CopyJob], None],
        full: Callable[[], bool],
    ) -> None:
        self.full = full
        self._ledger = ledger
        self._recorder = recorder
        self._choose = choose
        self._cursors = cursors
        self._wanted = wanted
        self._copied = copied
        self._enter = enter

    def take(self, number: int, scan: PairSource) -> bool:
        """Take known pairs until the backlog is full. Returns True if none remains."""
        pairs = scan.pairs()
        for _ in range(PAIRS_A_TURN):
            if self.full():
                return False
            pair = next(pairs, None)
            if pair is None:
                return True
            key = pair[0].key
            after = self._cursors.move(number, key).after
            error = scan.refused.pop(key, None) if scan.refused else None
            if self._wanted(key) and key not in self._copied and key not in self._recorder.excused:
                self._found(pair, after, error)
        return False

    def _found(self, pair: Pair, after: str, error: S3Error | None) -> None:
        source, dest = pair
        decision = self._choose(source, dest)
        if error is not None:
            job = self._job(pair, decision, after)
            # No retry phase for an error of a lookup: it would come before other keys of `copy_last`.
            job.second, job.doubt = True, error
            self._recorder.failed(job, error)
        elif decision.action in COUNTED:
            job = self._job(pair, decision, after)
            if not self._recorder.entered(job.batch, source, decision, after):
                self._enter(job)

    def _job(self, pair: Pair, decision: Decision, after: str) -> CopyJob:
        source, dest = pair
        batch = self._ledger.found_again(after, source.key)
        return CopyJob(batch, source, decision, after, expected_of(decision, dest))
