"""The rows of a report on their way to it: segments of what settled, and a rest of what a later attempt does again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

from s3_crosscopy.core.error_codes import failure_for, retryable
from s3_crosscopy.core.state.ledger import Ledger
from s3_crosscopy.engine.store_writer import Patience, Then, Writing
from s3_crosscopy.errors import CopyFailed, PermanentFailure, RetryableFailure, S3Error
from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.open_uploads import OpenUploads
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.ports import EventSink, ReportStore

REST_ROWS = 10_000
"""So many rows of what a retry does again are written before the end; fewer wait for it, and are one file then."""

SEGMENT_ROWS = 25_000
"""So many rows are written without waiting for the next save."""

MOST_ROWS = 100_000
"""So many rows, some 50 MB, wait for a slow report; nothing more is taken then until some are written."""

AGAIN_S = 10.0
AWAY_S = 600.0
"""A report that cannot be written for so long ends the run: rows cannot wait without end, and without them there is no
proof. State need not be saved for a copy to be right, and a store of it that is away ends none."""

LONGEST_S = 3600.0
"""So long one write at the end of a run may take: that of millions of failed keys takes minutes."""

TOO_MANY = (
    "{:,} rows wait for the report, which is written more slowly than objects are copied:"
    " nothing more is taken until some are written"
)
TOO_LONG = (
    "the report could not be written for {:.0f} minutes, a warning above says why; a retry goes on with what is left"
)


class Segments:
    """Those of one run; `number` counts those that an earlier attempt wrote too. Without a report nothing waits."""

    def __init__(self, report: ReportStore | None, number: int, sink: EventSink, wake: Callable[[], None]) -> None:
        self.number = number
        self.report = report
        self._sink = sink
        # Rows by the number of their segment; None for the rest.
        self._unwritten: deque[tuple[int | None, list[ReportRow]]] = deque()
        self._told = False
        self._tried_at = 0.0
        self._writing = Writing("s3-report", "the report", sink, wake, lambda error: not retryable(error.reason))

    @property
    def busy(self) -> bool:
        """Tells whether something is being written."""
        return self._writing.busy

    @property
    def refused(self) -> bool:
        """Tells whether nothing can be written any more."""
        return self._writing.refused

    def take(self, ledger: Ledger) -> None:
        """Make segments of the rows so far."""
        if self.report is None:
            return
        if rows := ledger.settled_rows():
            self._unwritten.append((self.number, rows))
            self.number += 1
        if rest := ledger.unsettled_rows(REST_ROWS):
            self._unwritten.append((None, rest))

    def waiting(self, ledger: Ledger) -> int:
        """How many rows are not written."""
        if self.report is None:
            return 0
        return ledger.rows_waiting() + sum(len(rows) for _, rows in tuple(self._unwritten))

    def too_many(self, ledger: Ledger) -> bool:
        """Tell whether more rows wait than may."""
        many = (waiting := self.waiting(ledger)) >= MOST_ROWS
        if many and not self._told:
            self._told = True
            self._sink.emit(Warned(TOO_MANY.format(waiting)))
        return many

    def due(self, ledger: Ledger, now: float) -> bool:
        """Tell whether rows are to be written before the next save."""
        if self.waiting(ledger) < SEGMENT_ROWS:
            return False
        return not self._unwritten or now - self._tried_at >= AGAIN_S

    def begin(self, unfinished: OpenUploads | None, then: Then, now: float) -> None:
        """Begin to write what was taken, and which uploads are `unfinished`."""
        self._tried_at = now
        self._writing.begin(partial(self._write, unfinished), then, now)

    def hear(self, now: float) -> None:
        """Tell of what was written. Raises what a report that cannot be written means for the run."""
        try:
            self._writing.hear(now)
        except S3Error as error:
            raise no_report(error) from error
        self._check_away(now)

    def write(self, unfinished: OpenUploads, patience: Patience, now: float) -> None:
        """Write what was taken, now, at the end of a run."""
        self._at_end(partial(self._write, unfinished), patience, now)

    def finish(self, ledger: Ledger, report: Report, patience: Patience, now: float) -> None:
        """Write the end of the report."""
        assert self.report is not None
        job = partial(self.report.finish, self.number, ledger.unsettled_rows(), report)
        self._at_end(job, patience, now)

    def close(self) -> None:
        """The run is over."""
        self._writing.close()

    def _check_away(self, now: float) -> None:
        if self._writing.away_s(now) >= AWAY_S:
            raise RetryableFailure(TOO_LONG.format(AWAY_S / 60))

    def _at_end(self, job: Callable[[], None], patience: Patience, now: float) -> None:
        self._check_away(now)
        try:
            self._writing.finish(job, patience, now, within_s=LONGEST_S)
        except (S3Error, CopyFailed) as error:
            raise no_report(error) from error

    def _write(self, unfinished: OpenUploads | None) -> None:
        """Every segment, also one that could not be written before."""
        assert self.report is not None
        while self._unwritten:
            number, rows = self._unwritten[0]
            if number is None:
                self.report.write_rest(rows)
            else:
                self.report.write_segment(number, rows)
            self._unwritten.popleft()
        if unfinished is not None:
            self.report.write_uploads(unfinished)


def no_report(error: S3Error | CopyFailed) -> CopyFailed:
    """A run whose report cannot be written has no proof: it fails."""
    if isinstance(error, S3Error):
        failure: type[CopyFailed] = failure_for(error.reason)
    else:
        failure = PermanentFailure if isinstance(error, PermanentFailure) else RetryableFailure
    return failure(f"the report could not be written: {error}")
