"""The progress and the result of a delete phase: what the checkpoint and the report record of it."""

from __future__ import annotations

from collections.abc import Sequence

from s3_crosscopy.core.mirror.judgement import NOTHING, NOTHING_MORE, Verdict, postponed
from s3_crosscopy.model.approval import PlannedDeletes
from s3_crosscopy.model.extraneous import Deletion, Extraneous
from s3_crosscopy.model.mirror_state import Deleting

DRY_RUN = "a dry run deletes nothing"


class DeleteRecord:
    """The record of one run.

    `state`: the judged candidates, and how many of their files are done; None before they were judged.
    `verdict`: why nothing, or no more, was deleted. `uncommitted`: deleted and kept keys of a file that is not done.
    `collected`: the numbers of extraneous and of filtered keys, None before both sides were listed.
    `planned`: the deletes that a dry run has judged, None before, and if they were refused.
    """

    def __init__(self, before: Deleting | None, *, dry_run: bool) -> None:
        self.state = before
        self.verdict = Verdict(True, DRY_RUN) if dry_run else postponed("the run ended before")
        self.uncommitted = (0, 0)
        self.failed = self.retryable = False
        self.collected: tuple[int, int] | None = None
        self.planned: PlannedDeletes | None = None
        self._first: Sequence[str] = ()

    @property
    def counts(self) -> tuple[int, int]:
        """The number of deleted and of kept keys."""
        state = (0, 0) if self.state is None else (self.state.deleted, self.state.kept)
        return state[0] + self.uncommitted[0], state[1] + self.uncommitted[1]

    def collect(self, keys: int, filtered: int, first: Sequence[str]) -> None:
        """Record what both listings showed."""
        self.collected, self._first = (keys, filtered), first

    def snapshot(self) -> Deleting | None:
        """Return the progress for a later attempt."""
        return self.state

    def result(self, seen: Extraneous | None) -> Extraneous:
        """Return the counts for the report. `seen`: those of the main phase."""
        seen = seen or Extraneous()
        state, first = self.state, tuple(self._first) or seen.first
        if state is not None:
            seen = Extraneous(state.keys, state.filtered, False, first)
        elif self.collected is not None:
            seen = Extraneous(*self.collected, False, first)
        deleted, kept = self.counts
        verdict, rest = self.verdict, seen.keys - deleted - kept
        why = verdict.why if state is None else verdict.why.replace(NOTHING, NOTHING_MORE, 1)
        return seen._replace(deletion=Deletion(deleted, kept, rest, why, verdict.ok, self.retryable))
