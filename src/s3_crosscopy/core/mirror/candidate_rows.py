"""Makes candidates of the objects that only the destination has, as rows of a report, in the order of their deletes."""

from __future__ import annotations

from typing import NamedTuple

from s3_crosscopy.core.decide.filters import METADATA_TURN, make_last
from s3_crosscopy.core.decide.table_markers import LAST
from s3_crosscopy.core.mirror.dest_only import ITSELF, as_source, make_protected
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.timestamps import may_be_since
from s3_crosscopy.model.extraneous import DestOutcome
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.option_parsers import AUTO
from s3_crosscopy.model.report_row import ReportRow

NOT_AT_SOURCE = "not at the source"
TOO_NEW = "written since the run began"


class Candidate(NamedTuple):
    """A candidate. Groups are deleted one after the other. A row with the outcome `kept` is not to be deleted."""

    group: int
    row: ReportRow


class CandidateRows:
    """Makes the rows. `began`: start of the run in S3's time; what was written since then is kept."""

    def __init__(self, spec: CopySpec, began: str) -> None:
        last = spec.options.copy_last
        turns = LAST + 1 if last == AUTO else len(last)
        # One before the turns for the metadata of Iceberg tables, one behind them for what is not copied last.
        self.groups = turns + 2
        self._spec = spec
        self._began = began
        self._turn_of = make_last(spec)
        self._protected = make_protected(spec)

    def of(self, listed: Listed) -> Candidate | None:
        """Return the candidate for an object of the destination; None for one that a filter protects."""
        source = as_source(self._spec, listed)
        reason = self._protected(source)
        if reason and (reason == ITSELF or not self._spec.options.delete_filtered):
            return None
        outcome = DestOutcome.EXTRANEOUS
        if may_be_since(listed.modified, self._began):
            outcome, reason = DestOutcome.KEPT, TOO_NEW
        row = ReportRow(source.key, listed.key, outcome.value, reason or NOT_AT_SOURCE, listed.size, listed.etag)
        return Candidate(self._group(source.key), row)

    def fits(self, row: ReportRow) -> bool:
        """Return True if a row can have been made here: its keys belong together, and to this copy."""
        starts = row.key.startswith(self._spec.source_prefix) and row.key != self._spec.source_prefix
        return starts and row.dest_key == self._spec.dest_key(row.key)

    def _group(self, key: str) -> int:
        """Return the place in the order of the deletes: markers in reverse order of `copy_last`, then all others."""
        turn = self._turn_of(key) if self._turn_of is not None else None
        if turn is None:
            return self.groups - 1
        return 0 if turn == METADATA_TURN else self.groups - 2 - turn
