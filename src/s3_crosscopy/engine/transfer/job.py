"""Holds the state of one source object that is to be copied. Makes no request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from s3_crosscopy.core.state.batch import Batch
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Facts, Listed
from s3_crosscopy.model.outcomes import Action, Decision, EtagLoss, Verified


class PendingTags(NamedTuple):
    """The tags that still have to be set at a copy. `tags=None`: those of its source.

    `verified`: how the content of the copy was verified. `etag`: the ETag of the copy, "" if unknown.
    """

    tags: Mapping[str, str] | None
    verified: Verified
    etag: str = ""


UNSEEN = Decision(Action.UNSEEN, "unseen")


class CopyJob:
    """One source object that is to be copied: its batch, the `decision` to copy it, and what a HEAD answered, if any.

    `after`: the listed key before it, where its interval begins if it gets its own batch.
    `facts`: the response of a HEAD, None without one.
    `second`: the retry phase has begun for it.
    `outcome_unknown`: the first try may have been applied although its response was lost.
    `doubt`: the 404 that it met in the retry phase; only the source's answer to that is still missing.
    `pending_tags`: its copy exists, only these tags are missing.
    `before`: it is only copied if its source was written before this time, "" for any.
    `etag_loss`: the reason, known before its copy, why that cannot have its source's ETag.
    `copy_etag`: the ETag of its copy, once that is known to be equal; "" if it is not known.
    `began_s`: when its first request began, in seconds of the run; 0 if none did.
    `expected`: what its copy is to expect at the destination, as in `core.transfer.preconditions`.
    `rounds`: how often its copy was refused because another writer was faster.
    """

    __slots__ = (
        "after",
        "batch",
        "before",
        "began_s",
        "copy_etag",
        "decision",
        "doubt",
        "etag_loss",
        "expected",
        "facts",
        "outcome_unknown",
        "pending_tags",
        "rounds",
        "second",
        "source",
    )

    def __init__(self, batch: Batch, source: Listed, decision: Decision, after: str, expected: str = "") -> None:
        self.after = after
        self.batch = batch
        self.source = source
        self.decision = decision
        self.facts: Facts | None = None
        self.second = False
        self.outcome_unknown = False
        self.doubt: S3Error | None = None
        self.pending_tags: PendingTags | None = None
        self.before = ""
        self.etag_loss: EtagLoss | None = None
        self.began_s = 0.0
        self.copy_etag = ""
        self.expected = expected
        self.rounds = 0

    @property
    def reason(self) -> str:
        """The name under which its outcome is counted."""
        return self.decision.reason

    def detach(self) -> CopyJob:
        """Count its key alone from now on, so that it delays no other key of its batch."""
        self.batch = self.batch.detach(self.after, self.source.key)
        return self
