"""One source object on its way to its copy: what is known of it, and in which round it is. Makes no request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from s3_crosscopy.core.state.batch import Batch
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Facts, Listed
from s3_crosscopy.model.outcomes import Action, Decision, Verified


class PendingTags(NamedTuple):
    """The rest that a copy still needs: its `tags` (None: whatever its source's are), and what proves its content.

    `etag` is the copy's own, "" if it is not known.
    """

    tags: Mapping[str, str] | None
    verified: Verified
    etag: str = ""


UNSEEN = Decision(Action.UNSEEN, "unseen")


class CopyJob:
    """One source object that is to be copied: its decision, its batch, and what a HEAD answered, if there was one.

    `after` is the listed key before it, where its interval begins if it gets a batch of its own.
    `second`: this is its second round. `outcome_unknown`: the first may have been applied although no answer said so.
    `doubt`: the 404 that its second round met; nothing but what the source says to that is waited for any more.
    `pending_tags`: its copy is there and only its tags are not. `before`: only a source written before this is to be
    copied ("" for any).
    """

    __slots__ = (
        "after",
        "batch",
        "before",
        "began_s",
        "decision",
        "doubt",
        "facts",
        "outcome_unknown",
        "pending_tags",
        "second",
        "source",
    )

    def __init__(self, batch: Batch, source: Listed, decision: Decision, after: str) -> None:
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
        self.began_s = 0.0

    @property
    def reason(self) -> str:
        """The name under which its outcome is counted."""
        return self.decision.reason

    def detach(self) -> CopyJob:
        """From now on its key is counted alone, and holds up no other one of its batch."""
        self.batch = self.batch.detach(self.after, self.source.key)
        return self
