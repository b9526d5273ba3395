"""`verification="listing"`: both sides are listed once more at the end, and every pair is compared. Copies nothing."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet

from s3_crosscopy.engine.io import Io
from s3_crosscopy.engine.walks import Walk
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.outcomes import Failure, Reason
from s3_crosscopy.model.report import FIRST_FAILURES
from s3_crosscopy.model.shard import Part
from s3_crosscopy.plan.decide import archived
from s3_crosscopy.plan.filters import make_choice, make_last
from s3_crosscopy.plan.refusals import make_too_long
from s3_crosscopy.plan.resolve import Spec
from s3_crosscopy.plan.verify import listed_as_it_should_be

LISTING = "ListObjectsV2"


class Audit:
    """Compares all pairs of a walk. `checked` counts them, `unproven` are the first that are not as they should be.

    `excused` are keys that the run itself told not to have copied: they failed within the budget, or were held back. A
    run for `DATA` excuses every marker that is not as it should be, one for `MARKERS` looks at nothing else.
    """

    def __init__(self, spec: Spec, began: str, excused: AbstractSet[str], part: Part = Part.WHOLE) -> None:
        options = spec.options
        self.checked = 0
        self.unproven: list[Failure] = []
        self._why_not = make_choice(spec)
        self._excused = excused
        self._archived = options.archived
        self._too_long = make_too_long(spec)
        self._only_there = options.overwrite == "never"
        self._rootless = spec.source_prefix if spec.dest_prefix == "" else None
        self._began = began
        self._part = part
        self._turn_of = make_last(spec)

    def run(self, walk: Walk, io: Io, turn: Callable[[], None]) -> None:
        """Walk to the end; `turn` waits for answers and may stop the run."""
        while not walk.ended:
            walk.pump(io)
            for source, dest in walk.pairs():
                if not self._meant(source):
                    continue
                wrong = ""
                if not (self._only_there and dest is not None):
                    wrong = listed_as_it_should_be(source, dest, self._began)
                if wrong and self._part is Part.DATA and self._is_marker(source.key):
                    continue
                self.checked += 1
                if wrong and len(self.unproven) < FIRST_FAILURES:
                    self.unproven.append(Failure(source.key, Reason.CHANGED, LISTING, "NotVerified", wrong))
            if not walk.ended:
                turn()

    def _meant(self, source: Listed) -> bool:
        if source.storage_class == "" or source.key == self._rootless or source.key in self._excused:
            return False
        if self._part is Part.MARKERS and not self._is_marker(source.key):
            return False
        if self._why_not is not None and self._why_not(source) is not None:
            return False
        # What cannot be copied was told by its own name.
        return archived(source, self._archived) is None and not (self._too_long and self._too_long(source.key))

    def _is_marker(self, key: str) -> bool:
        return self._turn_of is not None and self._turn_of(key) is not None
