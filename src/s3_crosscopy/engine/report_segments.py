"""Writes the report rows of a run: segments of committed rows, and the rows of keys that a later attempt does again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

from s3_crosscopy.core.error_codes import failure_for, retryable
from s3_crosscopy.core.state.ledger import Ledger
from s3_crosscopy.engine.store_writer import StopDeadline, StoreWriter, Then
from s3_crosscopy.errors import CopyFailed, PermanentFailure, RetryableFailure, S3Error
from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.open_uploads import OpenUploads
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.report_row import ReportRow, SegmentRows
from s3_crosscopy.ports import EventSink, ReportStore

REST_ROWS = 10_000
"""Rows of keys that a retry does again that are written before the end; fewer wait for it, and are one file."""

ENCODED_AT_ONCE = 1000
"""Committed rows that are encoded together, which takes a millisecond. More of them take new memory, page by page: with
25,000 a copy with a report took 4 % more CPU."""

SEGMENT_ROWS = 25_000
"""Rows that are written without waiting for the next save."""

MOST_ROWS = 100_000
"""Rows that may wait for a slow report, about 50 MB before they are encoded; no more keys are taken then until some are
written."""

AGAIN_S = 10.0
AWAY_S = 600.0
"""Seconds after which a report that cannot be written ends the run: rows cannot wait without end, and without them
nothing verifies the copy. A checkpoint is not needed for a copy to be right: if its store is away, the run goes on."""

LONGEST_S = 3600.0
"""Seconds that one write at the end of a run may take: that of millions of failed keys takes minutes."""

TOO_MANY = (
    "{:,} rows wait for the report, which is written more slowly than objects are copied:"
    " no more keys are taken until some are written"
)
TOO_LONG = (
    "the report could not be written for {:.0f} minutes, a warning above says why;"
    " a retry resumes with the remaining keys"
)


class SegmentWriter:
    """The report segments of one run; `number` counts them, with those of earlier attempts. `report=None`: no rows."""

    def __init__(
        self, report: ReportStore | None, ledger: Ledger, number: int, sink: EventSink, wake: Callable[[], None]
    ) -> None:
        self.number = number
        self.report = report
        self._ledger = ledger
        self._sink = sink
        # The committed rows since the last segment, and all segments and rest that are not written yet.
        self._begun: SegmentRows | None = None
        self._unwritten: deque[tuple[int, SegmentRows] | list[ReportRow]] = deque()
        self._warned = False
        self._tried_at = 0.0
        self._writing = StoreWriter("s3-report", "the report", sink, wake, lambda error: not retryable(error.reason))

    @property
    def busy(self) -> bool:
        """True while a write is under way."""
        return self._writing.busy

    @property
    def refused(self) -> bool:
        """True if the report refused a write: nothing can be written any more."""
        return self._writing.refused

    def encode(self, least: int = ENCODED_AT_ONCE) -> None:
        """Encode the rows that were committed since the last call, unless there are fewer than `least`."""
        if self.report is not None and (rows := self._ledger.rows.take_committed(least)):
            if self._begun is None:
                self._begun = self.report.new_segment()
            self._begun.extend(rows)

    def take(self) -> None:
        """Take the rows so far as a segment, and those of the rest if they are many."""
        if self.report is None:
            return
        self.encode(least=1)
        if self._begun is not None:
            self._unwritten.append((self.number, self._begun))
            self._begun = None
            self.number += 1
        if rest := self._ledger.rows.take_uncommitted(REST_ROWS):
            self._unwritten.append(rest)

    def waiting(self) -> int:
        """Return the number of rows that are not written."""
        if self.report is None:
            return 0
        begun = 0 if self._begun is None else len(self._begun)
        unwritten = (part if isinstance(part, list) else part[1] for part in tuple(self._unwritten))
        return len(self._ledger.rows) + begun + sum(map(len, unwritten))

    def too_many(self) -> bool:
        """Return True if too many rows wait; the first time also emits a warning."""
        many = (waiting := self.waiting()) >= MOST_ROWS
        if many and not self._warned:
            self._warned = True
            self._sink.emit(Warned(TOO_MANY.format(waiting)))
        return many

    def due(self, now: float) -> bool:
        """Return True if rows are to be written before the next save."""
        if self.waiting() < SEGMENT_ROWS:
            return False
        return not self._unwritten or now - self._tried_at >= AGAIN_S

    def begin(self, unfinished: OpenUploads | None, then: Then, now: float) -> None:
        """Begin to write the taken rows, and the list of `unfinished` uploads (None: not the list)."""
        self._tried_at = now
        self._writing.begin(partial(self._write, unfinished), then, now)

    def handle_ended(self, now: float) -> None:
        """Handle the end of a write. Raises the error of the run if the report cannot be written."""
        try:
            self._writing.handle_ended(now)
        except S3Error as error:
            raise no_report(error) from error
        self._check_away(now)

    def write(self, unfinished: OpenUploads, deadline: StopDeadline, now: float) -> None:
        """Write the taken rows at the end of a run, and wait for it."""
        self._at_end(partial(self._write, unfinished), deadline, now)

    def finish(self, report: Report, deadline: StopDeadline, now: float) -> None:
        """Write the end of the report, and wait for it."""
        assert self.report is not None
        job = partial(self.report.finish, self.number, self._ledger.rows.take_uncommitted(), report)
        self._at_end(job, deadline, now)

    def close(self) -> None:
        """Begin no more writes."""
        self._writing.close()

    def _check_away(self, now: float) -> None:
        if self._writing.away_s(now) >= AWAY_S:
            raise RetryableFailure(TOO_LONG.format(AWAY_S / 60))

    def _at_end(self, job: Callable[[], None], deadline: StopDeadline, now: float) -> None:
        self._check_away(now)
        try:
            self._writing.finish(job, deadline, now, within_s=LONGEST_S)
        except (S3Error, CopyFailed) as error:
            raise no_report(error) from error

    def _write(self, unfinished: OpenUploads | None) -> None:
        """Write every segment, also one that could not be written before."""
        assert self.report is not None
        while self._unwritten:
            first = self._unwritten[0]
            if isinstance(first, list):
                self.report.write_rest(first)
            else:
                self.report.write_segment(*first)
            self._unwritten.popleft()
        if unfinished is not None:
            self.report.write_uploads(unfinished)


def no_report(error: S3Error | CopyFailed) -> CopyFailed:
    """Return the error of a run whose report cannot be written: nothing verifies it, so it fails."""
    if isinstance(error, S3Error):
        failure: type[CopyFailed] = failure_for(error.reason)
    else:
        failure = PermanentFailure if isinstance(error, PermanentFailure) else RetryableFailure
    return failure(f"the report could not be written: {error}")
