"""From pairs to batches and jobs: each pair is decided once and entered; what has to be copied waits here."""

from __future__ import annotations

from collections import deque

from s3_crosscopy.engine.settling import Job, Settling
from s3_crosscopy.engine.walks import Walk
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.outcomes import Action, Decision, Reason, Verified
from s3_crosscopy.plan.decide import COPIED_EARLIER, GONE, NO_KEY, archived, make_decide
from s3_crosscopy.plan.epoch import since
from s3_crosscopy.plan.filters import make_choice, make_last
from s3_crosscopy.plan.ledger import Batch, Ledger
from s3_crosscopy.plan.resolve import Spec

PAIRS_A_TURN = 5000
"""So that an unchanged sync, which never waits, still hears a stop signal and tells its progress."""


class Placing:
    """Decides about the pairs of every walk; `closed` are the walks that came to their end.

    `backlog` holds the jobs that no request was made for yet, `last` those of the keys that go last, each with the
    number of its glob.

    `began` is the epoch of a resumed run ("" for a new one): an equal copy that is not older arrived in an earlier
    attempt and counts as copied.
    """

    def __init__(self, spec: Spec, ledger: Ledger, settling: Settling, ranges: int, began: str) -> None:
        options = spec.options
        self.backlog: deque[Job] = deque()
        self.closed: set[int] = set()
        self.last: list[tuple[int, Job]] = []
        self._turn_of = make_last(options.copy_last, len(spec.source_prefix))
        self._ledger = ledger
        self._settling = settling
        self._batches: list[Batch | None] = [None] * ranges
        self._batch_size = options.batch_size
        self._threshold = options.multipart_threshold
        self._archived = options.archived
        self._why_not = make_choice(options, len(spec.source_prefix))
        self._decide = make_decide(options.overwrite, options.compare)
        self._began = began
        # The marker `p/` of a prefix that is copied onto the root of a bucket would have no name there.
        self._rootless = spec.source_prefix if spec.dest_prefix == "" else None
        self._most_waiting = options.max_concurrency
        # A few batches open at a time keep the window full across their borders, whatever their size.
        self._most_open = 4 + 2 * options.max_concurrency // options.batch_size

    def take(self, number: int, walk: Walk) -> None:
        """Decide about the pairs that are known, as long as their copies would not only queue up."""
        left = PAIRS_A_TURN
        pairs = walk.pairs()
        while left and len(self.backlog) < self._most_waiting:
            if self._batches[number] is None and self._ledger.open_batches(number) >= self._most_open:
                return
            pair = next(pairs, None)
            if pair is None:
                break
            self._place(number, *pair)
            left -= 1
        if walk.ended:
            self._seal(number)
            self._ledger.end_range(number)
            self.closed.add(number)

    def _place(self, number: int, source: Listed, dest: Listed | None) -> None:
        batch = self._batches[number]
        if batch is None:
            batch = self._batches[number] = self._ledger.begin(number)
        decision = self._decision(source, dest)
        to_copy = decision.action in (Action.COPY, Action.COMPARE)
        turn = self._turn_of(source.key) if to_copy and self._turn_of is not None else None
        if turn is not None:
            apart = self._ledger.detach(batch.last_key, source.key)
            batch.pass_by(source.key)
            self.last.append((turn, Job(apart, source, decision.reason)))
        elif to_copy and source.size >= self._threshold:
            apart = self._ledger.detach(batch.last_key, source.key)
            batch.pass_by(source.key)
            self.backlog.append(Job(apart, source, decision.reason))
        else:
            batch.take(source.key)
            self._enter(batch, source, decision)
        if batch.keys() >= self._batch_size:
            self._seal(number)

    def _decision(self, source: Listed, dest: Listed | None) -> Decision:
        if source.storage_class == "":
            return GONE
        if source.key == self._rootless:
            return NO_KEY
        if self._why_not is not None:
            why_not = self._why_not(source)
            if why_not is not None:
                return why_not
        decision = self._decide(source, dest)
        if decision.action is Action.SKIP:
            return COPIED_EARLIER if self._began and self._of_this_run(source, dest) else decision
        return archived(source, self._archived) or decision

    def _of_this_run(self, source: Listed, dest: Listed | None) -> bool:
        """Whether an earlier attempt made the copy; whatever the comparison, only an equal ETag tells that."""
        return dest is not None and source.etag == dest.etag and since(dest.modified, self._began)

    def _enter(self, batch: Batch, source: Listed, decision: Decision) -> None:
        if decision.action is Action.SKIP:
            self._settling.skipped(batch, source, decision.reason)
        elif decision.action is Action.FILTER:
            self._settling.filtered(batch, source, decision.reason)
        elif decision is GONE:
            self._settling.missing(batch, source, decision.reason)
        elif decision is COPIED_EARLIER and source.size < self._threshold:
            self._settling.arrived(Job(batch, source, decision.reason), Verified.ETAG)
        elif decision.action is Action.REFUSE:
            said = f"the object is in {source.storage_class} and not restored; restore it, or say archived='skip'"
            job = Job(batch, source, decision.reason)
            self._settling.refused(job, Reason.ARCHIVED, "ListObjectsV2", "InvalidObjectState", said)
        else:
            self.backlog.append(Job(batch, source, decision.reason))

    def _seal(self, number: int) -> None:
        batch = self._batches[number]
        if batch is not None:
            batch.sealed = True
            self._batches[number] = None
