"""Deletes one key that only the destination has: asks the source once more, and then deletes what was listed."""

from __future__ import annotations

from typing import NamedTuple

from s3_crosscopy.core.error_codes import not_found
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.timestamps import may_be_since
from s3_crosscopy.engine.transfer.source_check import confirm_404
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.extraneous import DestOutcome
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.ports import S3

AGAIN_AT_SOURCE = "the source has it again"
CHANGED = "changed since it was listed"
GONE = "gone before it was deleted"

UNCLEAR = frozenset({Reason.TIMED_OUT, Reason.SERVER, Reason.UNKNOWN})
"""Errors after which the delete may have been made."""


class DeleteSides(NamedTuple):
    """Both sides of the deletes. `began`: start of the phase in S3's time. `versioned`: deletes make markers."""

    spec: CopySpec
    source: S3
    dest: S3
    began: str
    versioned: bool


class MarkerFinder:
    """A job that finds out if an earlier attempt deleted the object of a candidate `row`. Deletes nothing.

    Returns the row, with the outcome `deleted` if it finds its delete marker. Raises S3Error.
    """

    def __init__(self, sides: DeleteSides, row: ReportRow) -> None:
        self._sides = sides
        self._row = row

    def __call__(self) -> ReportRow:
        marker = own_marker(self._sides, self._row)
        return self._row._replace(outcome=DestOutcome.DELETED.value, marker=marker) if marker else self._row


class KeyDeleter:
    """A job that deletes the object of a candidate `row`, and returns the row with its outcome. Raises S3Error.

    `repeated`: an earlier attempt may have deleted it. True also for the second call: the first one's answer was lost.
    """

    def __init__(self, sides: DeleteSides, row: ReportRow, *, repeated: bool = False) -> None:
        self._sides = sides
        self._row = row
        self._repeated = repeated

    def __call__(self) -> ReportRow:
        if self._row.outcome == DestOutcome.KEPT.value:
            return self._row
        repeated, self._repeated = self._repeated, True
        if repeated and (marker := self._own_marker()):
            return self._deleted(marker)
        if self._is_at_source():
            return self._kept(AGAIN_AT_SOURCE)
        return self._delete(repeated=repeated)

    def _is_at_source(self) -> bool:
        """Ask the source. After a 404 that is not S3's own a LIST of exactly this key has to confirm it."""
        spec, source, key = self._sides.spec, self._sides.source, self._row.key
        try:
            source.head(spec.source, key, version=spec.options.source_version_id)
        except S3Error as error:
            if not not_found(error.reason):
                raise
            confirm_404(spec, source, key, error, listed=False)
            return False
        return True

    def _delete(self, *, repeated: bool) -> ReportRow:
        dest, row = self._sides.dest, self._row
        try:
            marker = dest.delete_object(self._sides.spec.dest, row.dest_key, row.etag)
        except S3Error as error:
            if error.reason in UNCLEAR and (made := self._own_marker()):
                return self._deleted(made)
            if error.reason not in (Reason.CHANGED, Reason.MISSING):
                raise
            if not self._is_gone():
                return self._kept(CHANGED)
            return self._deleted("") if repeated and not self._sides.versioned else self._kept(GONE)
        if not self._sides.versioned:
            # The marker of a suspended bucket has replaced the content: removing it would bring back something older.
            return self._deleted("")
        return self._deleted(marker) if marker else self._kept(GONE)

    def _own_marker(self) -> str:
        return own_marker(self._sides, self._row)

    def _is_gone(self) -> bool:
        try:
            self._sides.dest.head(self._sides.spec.dest, self._row.dest_key)
        except S3Error as error:
            if not_found(error.reason):
                return True
            raise
        return False

    def _deleted(self, marker: str) -> ReportRow:
        return self._row._replace(outcome=DestOutcome.DELETED.value, marker=marker)

    def _kept(self, reason: str) -> ReportRow:
        return self._row._replace(outcome=DestOutcome.KEPT.value, reason=reason)


def own_marker(sides: DeleteSides, row: ReportRow) -> str:
    """Return the version id of a delete marker that is not older than the phase, "" if the key has none."""
    if not sides.versioned:
        return ""
    newest = sides.dest.newest_version(sides.spec.dest, row.dest_key)
    if newest is None or not newest.is_marker or not may_be_since(newest.modified, sides.began):
        return ""
    return newest.version
