"""Counts the keys that only the destination has, as far as the listings of the main phase pass them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from s3_crosscopy.core.mirror.dest_only import as_source, make_protected
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.state.look_progress import LookProgress
from s3_crosscopy.engine.listing.pair_consumer import PairConsumer
from s3_crosscopy.engine.listing.pair_source import PairSource
from s3_crosscopy.engine.listing.range_scan import RangeScan
from s3_crosscopy.model.extraneous import DestOutcome, Extraneous, first_of
from s3_crosscopy.model.mirror_state import Looked
from s3_crosscopy.model.objects import KeyRange, Listed
from s3_crosscopy.model.report_row import ReportRow

NOT_AT_SOURCE = "not at the source"


class ExtraneousLook:
    """Takes the pairs for `consumer`, and then what the scan passed of the destination alone.

    `keep_rows` gets a row for each extraneous key; None: there is no report.
    """

    def __init__(
        self,
        spec: CopySpec,
        consumer: PairConsumer,
        progress: LookProgress,
        keep_rows: Callable[[Sequence[ReportRow]], None] | None,
        now: Callable[[], float],
    ) -> None:
        self.full = consumer.full
        self._spec = spec
        self._consumer = consumer
        self._progress = progress
        self._keep_rows = keep_rows
        self._now = now
        self._protected = make_protected(spec)
        self._first: list[str] = []

    def take(self, number: int, scan: PairSource) -> bool:
        """Take known pairs as the consumer does, and note the keys that are at the destination only."""
        done = self._consumer.take(number, scan)
        assert isinstance(scan, RangeScan), "keys that are looked up have no neighbours"
        if objects := scan.take_dest_only():
            self._note(number, scan, [as_source(self._spec, listed) for listed in objects])
        if done and scan.ended:
            self._progress.at_least |= scan.cut_short
            self._progress.passed(number, scan.range, 0, 0)
        return done

    def result(self) -> Extraneous:
        """Return the counts of all attempts."""
        keys, filtered = self._progress.counts
        return Extraneous(keys, filtered, self._progress.at_least, tuple(self._first))

    def snapshot(self) -> Looked | None:
        """Return the progress for a later attempt."""
        return self._progress.snapshot()

    def _note(self, number: int, scan: RangeScan, objects: Sequence[Listed]) -> None:
        new = [listed for listed in objects if self._progress.is_new(listed.key)]
        extraneous = [listed for listed in new if not self._protected(listed)]
        self._first = first_of(self._first, [self._spec.dest_key(listed.key) for listed in extraneous])
        if self._keep_rows is not None and extraneous:
            self._keep_rows([self._row(listed) for listed in extraneous])
        passed = KeyRange(scan.range.after, objects[-1].key)
        self._progress.passed(number, passed, len(extraneous), len(new) - len(extraneous))

    def _row(self, listed: Listed) -> ReportRow:
        outcome, dest_key = DestOutcome.EXTRANEOUS.value, self._spec.dest_key(listed.key)
        row = ReportRow(listed.key, dest_key, outcome, NOT_AT_SOURCE, listed.size, listed.etag)
        return row._replace(at_s=self._now())
