"""The value `Attempt`: the results of a run's earlier attempts that the current one resumes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from s3_crosscopy.model.checkpoint import Checking, CheckpointState, OpenUpload
from s3_crosscopy.model.mirror_state import Deleting, Looked
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.tally import NONE, Tally


class Attempt(NamedTuple):
    """The results of earlier attempts. The default describes the first attempt of a run, which resumes nothing.

    `remaining`: the key ranges that they did not finish, None for all ranges of the run.
    `counts`, `reasons`, `verified`, `etags_not_kept`: as in `CheckpointState`.
    `uploads`: open multipart uploads that this attempt can continue.
    `began`: the start of the run by S3's clock, "" if there is none yet.
    `seconds`, `throttled`: their duration in seconds, and how many requests were throttled.
    `segments`: how many report segments they wrote.
    `checking`: how far their closing check came, None if it had not begun.
    `looked`, `deleting`: the same of the look for extraneous keys, and of their deletes.
    """

    remaining: tuple[KeyRange, ...] | None = None
    counts: Mapping[str, int] = NONE
    reasons: Mapping[str, int] = NONE
    verified: Mapping[str, int] = NONE
    etags_not_kept: Mapping[str, int] = NONE
    uploads: tuple[OpenUpload, ...] = ()
    began: str = ""
    seconds: float = 0.0
    throttled: int = 0
    segments: int = 0
    checking: Checking | None = None
    looked: Looked | None = None
    deleting: Deleting | None = None

    @classmethod
    def of(cls, checkpoint: CheckpointState | None) -> Attempt:
        """Take the results from a checkpoint; None stands for a run without one."""
        if checkpoint is None:
            return FIRST_ATTEMPT
        return cls(**{name: getattr(checkpoint, name) for name in cls._fields})

    @property
    def resumes(self) -> bool:
        """True if the run resumes from a checkpoint."""
        return self.remaining is not None

    def remaining_of(self, ranges: Sequence[KeyRange]) -> Sequence[KeyRange]:
        """Return what remains of the key ranges of the run."""
        return ranges if self.remaining is None else self.remaining

    def tally(self) -> Tally:
        """Return a new tally with the counts of all keys outside `remaining`."""
        return Tally.of(self.counts, self.reasons, self.verified, self.etags_not_kept)


FIRST_ATTEMPT = Attempt()
