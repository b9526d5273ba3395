"""Deletes the judged candidates, a file of them at a time, and records what became of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from s3_crosscopy.core.error_codes import better_later, retryable
from s3_crosscopy.core.mirror.candidate_rows import CandidateRows
from s3_crosscopy.engine.mirror.blocking_call import call_and_wait
from s3_crosscopy.engine.mirror.candidate_store import CandidateStore, files_of
from s3_crosscopy.engine.mirror.delete_record import DeleteRecord
from s3_crosscopy.engine.mirror.key_deleter import GONE, DeleteSides, KeyDeleter, MarkerFinder
from s3_crosscopy.engine.parts import Parts
from s3_crosscopy.errors import CrossCopyError, S3Error
from s3_crosscopy.model.extraneous import DestOutcome
from s3_crosscopy.model.mirror_state import Deleting
from s3_crosscopy.model.report_row import ReportRow

Job = Callable[[], ReportRow]

REQUESTS = 2
"""Requests of one candidate: HEAD at the source, and DeleteObject."""


class CandidatesDeleter:
    """Deletes file by file, and keeps the progress in `record`, whose state counts files that are done."""

    def __init__(
        self,
        sides: DeleteSides,
        store: CandidateStore,
        state: Deleting,
        record: DeleteRecord,
        parts: Parts,
        turn: Callable[[], None],
    ) -> None:
        self._sides = sides
        self._store = store
        self._state = state
        self._record = record
        self._parts = parts
        self._turn = turn
        self._rows = CandidateRows(sides.spec, "")

    def run(self, *, resumed: bool) -> str:
        """Delete all files that are not committed. Returns why it stopped before the end, "" if it did not.

        `resumed`: an earlier attempt may have deleted more than was saved, so each key is looked at first.
        """
        first = self._state.committed
        for index, (group, number) in list(enumerate(files_of(self._state)))[first:]:
            try:
                rows = self._read(group, number)
                ended = self._each(rows, partial(KeyDeleter, self._sides, repeated=resumed), requests=REQUESTS)
            except CrossCopyError as error:
                if not isinstance(error, S3Error | _Unfit):
                    raise
                self._record.failed = True
                self._record.retryable |= isinstance(error, S3Error) and retryable(error.reason)
                return f"the candidates could not be read ({error})"
            if why := self._commit(ended, last_group=group == len(self._state.files) - 1):
                self.leave(index + 1, why, resumed=resumed)
                return why
        return ""

    def leave(self, first: int, why: str, *, resumed: bool = False) -> None:
        """Write a row for each candidate of the files from this one on, which are not deleted any more.

        `resumed`: an earlier attempt may have deleted some of them, whose delete markers belong into the report.
        """
        for group, number in files_of(self._state)[first:]:
            rows = self._read(group, number)
            if resumed:
                rows = self._each(rows, lambda row: MarkerFinder(self._sides, row), requests=1)
            left = [row if row.outcome in _ENDED else _not_deleted(row, why) for row in rows]
            self._parts.ledger.add_rows(left, committed=False)
            self._count_uncommitted(left)
            self._turn()

    def _read(self, group: int, number: int) -> Sequence[ReportRow]:
        read = partial(self._store.read, group, number)
        rows = call_and_wait(self._parts.dispatcher, self._turn, read, requests=0)
        if not all(map(self._rows.fits, rows)):
            raise _Unfit("a file of candidates names keys of another copy")
        return rows

    def _each(self, rows: Sequence[ReportRow], job_of: Callable[[ReportRow], Job], *, requests: int) -> list[ReportRow]:
        """Run a job for each candidate of a file, side by side. Returns each with its outcome."""
        dispatcher, waiting, ended = self._parts.dispatcher, deque(rows), list[ReportRow]()
        while len(ended) < len(rows):
            for _ in range(min(len(waiting), dispatcher.room())):
                row = waiting.popleft()
                dispatcher.call(job_of(row), partial(self._ended, ended), row, requests=requests)
            self._turn()
        return ended

    def _count_uncommitted(self, rows: Sequence[ReportRow]) -> None:
        deleted, kept = self._record.uncommitted
        deleted += sum(row.outcome == DestOutcome.DELETED.value for row in rows)
        kept += sum(row.outcome == DestOutcome.KEPT.value for row in rows)
        self._record.uncommitted = (deleted, kept)

    def _ended(self, ended: list[ReportRow], row: ReportRow, outcome: ReportRow | None, error: S3Error | None) -> None:
        if error is not None or outcome is None:
            assert error is not None
            self._parts.recorder.failures.note_denied(error)
            self._record.failed = True
            self._record.retryable |= retryable(error.reason) or better_later(error.code)
            outcome = row._replace(
                outcome=DestOutcome.NOT_DELETED.value,
                reason=error.reason.value,
                call=error.call,
                code=error.code,
                message=error.message,
                request_id=error.request_id,
            )
        ended.append(outcome._replace(at_s=self._parts.run_seconds()))

    def _commit(self, rows: Sequence[ReportRow], *, last_group: bool) -> str:
        """Record the outcomes of a file. Returns why nothing more may be deleted, "" if it may."""
        deleted = sum(row.outcome == DestOutcome.DELETED.value for row in rows)
        kept = sum(row.outcome == DestOutcome.KEPT.value for row in rows)
        failures = [row for row in rows if row.outcome == DestOutcome.NOT_DELETED.value]
        self._parts.ledger.add_rows(rows, committed=not failures)
        if failures:
            self._count_uncommitted(rows)
            return _failure(failures[0])
        state = self._state
        committed, deleted, kept = state.committed + 1, state.deleted + deleted, state.kept + kept
        self._state = self._record.state = state._replace(committed=committed, deleted=deleted, kept=kept)
        stays = [row for row in rows if row.outcome == DestOutcome.KEPT.value and row.reason != GONE]
        return "" if last_group or not stays else _marker(stays[0])


_ENDED = frozenset({DestOutcome.DELETED.value})


def _not_deleted(row: ReportRow, why: str) -> ReportRow:
    if row.outcome == DestOutcome.NOT_DELETED.value:
        return row
    return row._replace(outcome=DestOutcome.NOT_DELETED.value, reason=why)


class _Unfit(CrossCopyError):
    """A file of candidates is not of this copy."""


def _failure(row: ReportRow) -> str:
    return f"stopped at {row.dest_key!r}, which could not be deleted ({row.call}: {row.code} {row.message})"


def _marker(row: ReportRow) -> str:
    return f"{row.dest_key!r} of copy_last was kept ({row.reason}), so what it stands for was kept too"
