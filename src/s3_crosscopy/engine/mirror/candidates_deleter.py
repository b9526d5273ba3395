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
from s3_crosscopy.errors import InvalidInput, S3Error
from s3_crosscopy.model.extraneous import DestOutcome
from s3_crosscopy.model.mirror_state import Deleting
from s3_crosscopy.model.report_row import ReportRow

Job = Callable[[], ReportRow]

NOT_TRIED = "not tried, because another delete failed"
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
        self._unread = ""

    def run(self, *, resumed: bool) -> str:
        """Delete all files that are not committed. Returns why it stopped before the end, "" if it did not.

        `resumed`: an earlier attempt may have deleted more than was saved, so each key is looked at first.
        """
        first = self._state.committed
        for index, (group, number) in list(enumerate(files_of(self._state)))[first:]:
            rows = self._read(group, number)
            if rows is None:
                return self._unread
            ended = self._each(rows, partial(KeyDeleter, self._sides, repeated=resumed), requests=REQUESTS)
            if resumed:
                ended = self._with_markers(rows, ended)
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
            if rows is None:
                return
            rows = self._markers(rows) if resumed else rows
            left = [row if row.outcome in _ENDED else _not_deleted(row, why) for row in rows]
            self._parts.ledger.rows.add(left, committed=False)
            self._count_uncommitted(left)
            self._turn()

    def _read(self, group: int, number: int) -> Sequence[ReportRow] | None:
        """Return the candidates of a file; None if it cannot be read, or is of another copy."""
        read = partial(self._store.read, group, number)
        try:
            rows = call_and_wait(self._parts.dispatcher, self._turn, read, requests=0)
        except (InvalidInput, S3Error) as error:
            self._record.retryable |= isinstance(error, S3Error) and retryable(error.reason)
            self._not_read(str(error))
            return None
        if all(map(self._rows.fits, rows)):
            return rows
        self._not_read("a file of them names keys of another copy")
        return None

    def _not_read(self, why: str) -> None:
        self._record.failed, self._unread = True, f"the candidates could not be read: {why}"

    def _each(
        self,
        rows: Sequence[ReportRow],
        job_of: Callable[[ReportRow], Job],
        *,
        requests: int,
        all_of_them: bool = False,
    ) -> list[ReportRow]:
        """Run a job for each candidate of a file, side by side. Returns each with its outcome.

        After a failure no other begins, unless `all_of_them` are wanted.
        """
        dispatcher, waiting, ended = self._parts.dispatcher, deque(rows), list[ReportRow]()
        while len(ended) < len(rows):
            if self._record.failed and not all_of_them:
                ended += [_not_deleted(row, NOT_TRIED) for row in waiting]
                waiting.clear()
            for _ in range(min(len(waiting), dispatcher.room())):
                row = waiting.popleft()
                dispatcher.call(job_of(row), partial(self._ended, ended), row, requests=requests)
            self._turn()
        return ended

    def _with_markers(self, rows: Sequence[ReportRow], ended: list[ReportRow]) -> list[ReportRow]:
        """Return the outcomes, with those candidates deleted before that were not tried again."""
        tried = {row.dest_key for row in ended if row.call or row.outcome != DestOutcome.NOT_DELETED.value}
        looked = self._markers([row for row in rows if row.dest_key not in tried])
        left = [row if row.outcome in _ENDED else _not_deleted(row, NOT_TRIED) for row in looked]
        return [row for row in ended if row.dest_key in tried] + left

    def _markers(self, rows: Sequence[ReportRow]) -> list[ReportRow]:
        return self._each(rows, partial(MarkerFinder, self._sides), requests=1, all_of_them=True)

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
        self._parts.ledger.rows.add(rows, committed=not failures)
        if failures:
            self._count_uncommitted(rows)
            return _failure(next(row for row in failures if row.call))
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


def _failure(row: ReportRow) -> str:
    return f"stopped at {row.dest_key!r}, which could not be deleted ({row.call}: {row.code} {row.message})"


def _marker(row: ReportRow) -> str:
    return f"{row.dest_key!r} of copy_last was kept ({row.reason}), so what it stands for was kept too"
