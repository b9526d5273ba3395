"""Decides which pairs the last complete run has proven: both objects older, of the same size."""

from __future__ import annotations

from collections.abc import Callable

from s3_crosscopy.core.decide.comparison import PROVEN, UNCLEAR, Decide
from s3_crosscopy.core.since.look import Look
from s3_crosscopy.core.timestamps import is_newer
from s3_crosscopy.model.objects import Facts, Listed
from s3_crosscopy.model.outcomes import Action, Decision
from s3_crosscopy.model.s3_limits import ARCHIVE_CLASSES
from s3_crosscopy.model.since_result import FIRST_MISSED, SinceResult

MOST_MISSED = 10_000
"""The most missed keys that are kept, because a key may be decided about more than once."""

Note = Callable[[Listed, "Listed | Facts | None"], None]
"""Takes a pair that is to be copied."""


def is_proven(source: Listed, dest: Listed | Facts, before: str) -> bool:
    """Return True if a pair was proven by a complete run: both are older than `before`, and have the same size.

    A time that is not known may be any. An archived object may have been left out then, although it differs.
    """
    if source.size != dest.size or source.storage_class in ARCHIVE_CLASSES:
        return False
    return all(time and is_newer(before, time) for time in (source.modified, dest.modified))


def make_since(decide: Decide, look: Look) -> Decide:
    """Return the same decisions, except that a pair is skipped for which HEADs would be made and which was proven."""
    before = look.before
    if not (look.short and before):
        return decide

    def decide_since(source: Listed, dest: Listed | None) -> Decision:
        decision = decide(source, dest)
        if decision is UNCLEAR and dest is not None and is_proven(source, dest, before):
            return PROVEN
        return decision

    return decide_since


class Missed:
    """Counts what a full look copies and a short one would have passed over. `known`: a short look was possible."""

    def __init__(self, look: Look, *, resumed: bool) -> None:
        self._look = look
        self._known = not look.short and bool(look.before or look.start)
        self._keys: set[str] = set()
        self._at_least = resumed

    def watched(self, decide: Decide) -> Decide:
        """Return the same decisions; those to copy are noted."""
        if not self._known:
            return decide

        def decide_watched(source: Listed, dest: Listed | None) -> Decision:
            decision = decide(source, dest)
            if decision.action is Action.COPY:
                self.note(source, dest)
            return decision

        return decide_watched

    def note(self, source: Listed, dest: Listed | Facts | None) -> None:
        """Take a pair that is to be copied."""
        if not (self._known and self._passes(source, dest)) or source.key in self._keys:
            return
        if len(self._keys) < MOST_MISSED:
            self._keys.add(source.key)
        else:
            self._at_least = True

    def result(self, next_start: str) -> SinceResult:
        """Return what the report says of the look."""
        look = self._look
        if not self._known:
            return SinceResult(look.short, look.why, look.before, look.start, next_start=next_start)
        first = tuple(sorted(self._keys)[:FIRST_MISSED])
        missed, at_least = len(self._keys), self._at_least
        return SinceResult(False, look.why, "", "", missed, first, at_least, next_start)

    def _passes(self, source: Listed, dest: Listed | Facts | None) -> bool:
        if source.key < self._look.start:
            return True
        return self._look.before != "" and dest is not None and is_proven(source, dest, self._look.before)
