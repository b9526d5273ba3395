"""The outcomes of an object, and why it has one: every outcome carries its reason as a value."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple


class Outcome(str, Enum):
    """The outcome of a listed object: every one has exactly one. The value is the name in JSON, logs and reports.

    `label` is the name for people, `meaning` what it says of an object, `repeated` whether a later attempt of the run
    takes the object up again. Counts, texts, pages and metrics follow from this table, in its order.
    """

    label: str
    meaning: str
    repeated: bool

    COPIED = "copied", "arrived at the destination"
    WOULD_COPY = "would_copy", "would be copied"
    SKIPPED = "skipped", "needed no copy"
    FILTERED = "filtered", "left out by a filter"
    MISSING = "missing", "not at the source, or not any more"
    FAILED = "failed", "did not arrive", True
    HELD_BACK = "held_back", "of copy_last, and left to the publish task or the next run", True
    NOT_ATTEMPTED = "not_attempted", "the run ended before its turn", True

    def __new__(cls, name: str, meaning: str = "", repeated: bool = False) -> Outcome:
        outcome = str.__new__(cls, name)
        outcome._value_ = name
        outcome.label, outcome.meaning, outcome.repeated = name.replace("_", " "), meaning, repeated
        return outcome

    # So that a mapping by names is also one by outcomes; an enum's own hash is that of the member's name.
    __hash__ = str.__hash__


OUTCOME_NAMES = {outcome: outcome.value for outcome in Outcome}
"""To look an outcome up takes a fifth of the time of its `value`: for what is done for every object."""

_LABELS = {outcome.value: outcome.label for outcome in Outcome}


def outcome_label(name: str) -> str:
    """The name of an outcome, or of another count, for people."""
    return _LABELS.get(name, name)


class Reason(str, Enum):
    """Why a request failed, in the words of the report."""

    DENIED = "denied"
    CREDENTIALS = "credentials"
    MISSING = "missing"
    """S3 itself says that there is no such object, version or upload."""
    UNCONFIRMED = "unconfirmed 404"
    """A 404 in another form than S3's, or for an object that the source still has."""
    CHANGED = "changed"
    ARCHIVED = "archived"
    THROTTLED = "throttled"
    TIMED_OUT = "timed out"
    SERVER = "server error"
    INVALID = "invalid"
    UNKNOWN = "unknown"


class Verified(str, Enum):
    """The way in which a copy was verified; `SIZE` and `NONE` do not compare the content with that of the source."""

    ETAG = "etag"
    CHECKSUM = "checksum"
    SIZE = "size"
    NONE = "none"


VERIFIED_NAMES = {verified: verified.value for verified in Verified}
"""As `OUTCOME_NAMES`."""


class EtagLoss(str, Enum):
    """The reason why a copy made with `preserve_etag` does not have its source's ETag."""

    ABOVE_LIMIT = "plain ETag above 5 GiB"
    IMPOSSIBLE = "part layout that S3 refuses"
    UNEVEN = "parts of uneven sizes"
    UNKNOWN = "part sizes not reported"
    PROPERTIES = "properties that only CopyObject copies"
    SOURCE_KMS = "source encrypted with KMS"
    COPY_KMS = "copy encrypted with KMS"
    OTHER = "another ETag"


FILTERED_BY_TIME = "filtered by time"
"""Of all reasons to leave an object out the one that makes an ordinary day: nothing new, no wrong filter."""


class Action(str, Enum):
    """The next step with one source object, as a decision chooses it."""

    COPY = "copy"
    SKIP = "skip"
    FILTER = "filter"
    MISS = "miss"
    """The source does not have it."""
    EARLIER = "earlier"
    """An earlier attempt of this run has copied it."""
    REFUSE = "refuse"
    """It cannot be copied, and asking S3 would only cost a request."""
    COMPARE = "compare"
    """Not decidable from the listings: a HEAD of both sides tells."""
    UNSEEN = "unseen"
    """Not even a HEAD was answered: the retry phase looks again and decides."""


class Decision(NamedTuple):
    """An action with its reason, which is also the name under which it is counted."""

    action: Action
    reason: str


class Failure(NamedTuple):
    """One key that did not arrive. `call` and `code` are S3's names; `key` is the source key."""

    key: str
    reason: Reason
    call: str
    code: str
    message: str
    request_id: str = ""

    def as_dict(self) -> dict[str, str]:
        """As JSON."""
        return {**self._asdict(), "reason": self.reason.value}


COMPARED_BY: Mapping[str, str] = {
    "same etag": "etag",
    "etag differs": "etag",
    "same checksum": "checksum",
    "checksum differs": "checksum",
    "copy newer": "time",
    "source newer": "time",
    "multipart source, copied within a day of it": "time",
    "same as indexed": "index",
    "proven by the last complete run": "since",
}
"""The evidence that an object of the same size changed or did not, by the reason of the decision."""
