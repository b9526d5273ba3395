"""Compares every pair of both sides after the copy, for `verification="listing"`. Copies nothing."""

from __future__ import annotations

from itertools import islice

from s3_crosscopy.core.decide.decision import make_out_of_scope, make_uncopyable
from s3_crosscopy.core.decide.filters import make_last
from s3_crosscopy.core.excused_keys import Excused
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.state.checked_ranges import Checked
from s3_crosscopy.core.transfer.verification import listed_as_it_should_be
from s3_crosscopy.engine.listing.pair_consumer import PAIRS_A_TURN
from s3_crosscopy.engine.listing.pair_source import PairSource
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.outcomes import Failure, Reason
from s3_crosscopy.model.report import FIRST_FAILURES
from s3_crosscopy.model.run_scope import KeySubset

LISTING = "ListObjectsV2"


class ListingCheck:
    """Compares the pairs of all scans, and records in `checked` how many and up to which key.

    `excused` are keys that the run itself reported as not copied: they failed within `max_failures`, or were held back.
    A run for `DATA` excuses every marker that does not match, a run for `MARKERS` compares nothing else.
    """

    def __init__(
        self, spec: CopySpec, began: str, excused: Excused, checked: Checked, part: KeySubset = KeySubset.WHOLE
    ) -> None:
        self.checked = checked
        self._unproven: list[Failure] = []
        self._doubtful: list[Failure] = []
        self._doubts = 0
        self._out_of_scope = make_out_of_scope(spec)
        self._uncopyable = make_uncopyable(spec)
        self._excused = excused
        self._only_there = spec.options.overwrite == "never"
        self._began = began
        self._part = part
        self._glob_of = make_last(spec)

    @property
    def unproven(self) -> tuple[Failure, ...]:
        """The first pairs that do not match.

        Without known keys the run excuses a number: up to that many mismatches may be just those.
        """
        doubtful = self._doubtful if self._doubts > self._excused.unknown else []
        return tuple(sorted((*self._unproven, *doubtful))[:FIRST_FAILURES])

    def full(self) -> bool:
        """Return False: a comparison makes nothing wait."""
        return False

    def take(self, number: int, scan: PairSource) -> bool:
        """Compare the known pairs, or the first of them. Returns True if none remains."""
        taken = compared = 0
        last, good, known = "", True, self._excused
        for source, dest in islice(scan.pairs(), PAIRS_A_TURN):
            taken += 1
            last = source.key
            error = scan.refused.pop(last, None) if scan.refused else None
            if (known and last in known) or not self._is_checked(source):
                continue
            mismatch = self._mismatch(source, dest, error)
            if mismatch and self._part is KeySubset.DATA and self._is_marker(last):
                continue
            compared += 1
            if mismatch:
                good = False
                self._add_mismatch(last, mismatch)
        if taken:
            self.checked.passed(number, last, compared, good=good)
        if taken == PAIRS_A_TURN:
            return False
        if scan.ended:
            self.checked.ended(number)
        return True

    def _mismatch(self, source: Listed, dest: Listed | None, error: S3Error | None) -> str:
        if error is not None:
            return f"could not be compared: {error}"
        if self._only_there and dest is not None:
            return ""
        return listed_as_it_should_be(source, dest, self._began)

    def _add_mismatch(self, key: str, mismatch: str) -> None:
        failure = Failure(key, Reason.CHANGED, LISTING, "NotVerified", mismatch)
        first = self._unproven
        if self._excused.unknown:
            self._doubts += 1
            first = self._doubtful
        if len(first) < FIRST_FAILURES:
            first.append(failure)

    def _is_checked(self, source: Listed) -> bool:
        if self._part is KeySubset.MARKERS and not self._is_marker(source.key):
            return False
        # The run has reported what cannot be copied, each by its key.
        return self._out_of_scope(source) is None and self._uncopyable(source) is None

    def _is_marker(self, key: str) -> bool:
        return self._glob_of is not None and self._glob_of(key) is not None
