"""The keys that go last (`copy_last`): commit markers must never be seen before the data that they vouch for."""

from __future__ import annotations

from s3_crosscopy.engine.job import Job
from s3_crosscopy.engine.settling import TOO_NEW, Settling
from s3_crosscopy.plan.epoch import since

INCOMPLETE = "held back: not everything else arrived"


class LastPhase:
    """Gives out the jobs one at a time: globs in their order, keys in key order; the rest is held back.

    Held back is what may have been written since the run began (`began`, S3's clock): it may vouch for data that was
    not there when its prefix was listed. Without `whole`, or as soon as one of the markers fails, everything is.
    """

    def __init__(self, last: list[tuple[int, Job]], settling: Settling, began: str, *, whole: bool) -> None:
        self._jobs = iter(sorted(last, key=lambda one: (one[0], one[1].source.key)))
        self._settling = settling
        self._began = began
        self._whole = whole

    def next(self, failed: int) -> Job | None:
        """The next job to copy, None at the end; `failed` is how many objects of the run have failed so far."""
        for _, job in self._jobs:
            if not self._whole or failed:
                self._settling.held_back(job, INCOMPLETE)
            elif since(job.source.modified, self._began):
                self._settling.held_back(job, TOO_NEW)
            else:
                job.before = self._began
                return job
        return None
