"""Finds the keys of one `copy_last` glob that were put off: their ranges are listed again when their turn comes."""

from __future__ import annotations

from collections.abc import Callable, Set

from s3_crosscopy.core.decide.comparison import Decide
from s3_crosscopy.core.merge_join import Pair
from s3_crosscopy.core.state.cursors import Cursors
from s3_crosscopy.core.state.ledger import Ledger
from s3_crosscopy.engine.listing.pair_consumer import PAIRS_A_TURN
from s3_crosscopy.engine.listing.pair_source import PairSource
from s3_crosscopy.engine.outcome_recorder import OutcomeRecorder
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.outcomes import Action, Decision

COUNTED = frozenset({Action.COPY, Action.COMPARE, Action.REFUSE})
"""The decisions about a key that was put off; with any other one it was counted when it was listed first."""


class Finder:
    """Takes the pairs of all walks, and passes over all but `wanted` keys that are not among `held`, nor failed before.

    Each is decided about anew. What is to be copied is given to `enter`, unless it is `full`.
    """

    def __init__(
        self,
        ledger: Ledger,
        recorder: OutcomeRecorder,
        choose: Decide,
        cursors: Cursors,
        wanted: Callable[[str], bool],
        held: Set[str],
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
        self._held = held
        self._enter = enter

    def take(self, number: int, walk: PairSource) -> bool:
        """Take the pairs that are known, as long as their copies would not only queue up; whether none is left."""
        pairs = walk.pairs()
        for _ in range(PAIRS_A_TURN):
            if self.full():
                return False
            pair = next(pairs, None)
            if pair is None:
                return True
            key = pair[0].key
            after = self._cursors.move(number, key).after
            error = walk.refused.pop(key, None) if walk.refused else None
            if self._wanted(key) and key not in self._held and key not in self._recorder.excused:
                self._found(pair, after, error)
        return False

    def _found(self, pair: Pair, after: str, error: S3Error | None) -> None:
        source, dest = pair
        decision = self._choose(source, dest)
        if error is not None:
            job = self._job(source, decision, after)
            # There is no second round for a look: it would come before other keys that go last.
            job.second, job.doubt = True, error
            self._recorder.failed(job, error)
        elif decision.action in COUNTED:
            job = self._job(source, decision, after)
            if not self._recorder.entered(job.batch, source, decision, after):
                self._enter(job)

    def _job(self, source: Listed, decision: Decision, after: str) -> CopyJob:
        return CopyJob(self._ledger.found_again(after, source.key), source, decision, after)
