"""Keys that only the destination has: their outcomes, and their numbers in the report of a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any, NamedTuple

FIRST_EXTRANEOUS = 20
"""Number of extraneous keys in a summary, which must be small for XCom."""


class DestOutcome(str, Enum):
    """The outcome of a key that only the destination has. Not part of the sum of the listed objects.

    `label` and `meaning` as in `Outcome`.
    """

    label: str
    meaning: str

    EXTRANEOUS = "extraneous", "only at the destination: the source does not have it"
    DELETED = "deleted", "only at the destination, and deleted there"
    KEPT = "kept", "only at the destination when it was listed, and kept for the reason that is given"
    NOT_DELETED = "not_deleted", "only at the destination, and not deleted: the request failed, or was not made"

    def __new__(cls, name: str, meaning: str = "") -> DestOutcome:
        outcome = str.__new__(cls, name)
        outcome._value_ = name
        outcome.label, outcome.meaning = name.replace("_", " "), meaning
        return outcome

    __hash__ = str.__hash__


class Deletion(NamedTuple):
    """The result of the delete phase. Each extraneous key is in one of the three counts.

    why: the reason why none or not all of them were deleted, "" if none remains.
    ok: False if that makes the run a failure. retryable: a retry of the run may help.
    """

    deleted: int = 0
    kept: int = 0
    not_deleted: int = 0
    why: str = ""
    ok: bool = True
    retryable: bool = False


class Extraneous(NamedTuple):
    """The keys below the destination's prefix that the source does not have.

    filtered: more such keys, which the run's filters leave out.
    at_least: there may be more, because the destination was not listed to its end.
    first: the first destination keys; of this attempt only.
    deletion: None unless they were to be deleted.
    """

    keys: int = 0
    filtered: int = 0
    at_least: bool = False
    first: tuple[str, ...] = ()
    deletion: Deletion | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return small JSON."""
        deletion = {} if self.deletion is None else self.deletion._asdict()
        return {**self._asdict(), "first": list(self.first), "deletion": deletion or None}


FEW = 2
"""Number of keys in a shard's result: a thousand of them are read together. The run with the deletes names all."""


def extraneous_to_json(extraneous: Extraneous) -> list[Any]:
    """Return short JSON, for the result of a shard or of the publish task."""
    deletion, first = extraneous.deletion, list(extraneous.first)
    named = first[:FEW] if deletion is None else first
    return [*extraneous[:3], named, None if deletion is None else list(deletion)]


def extraneous_of(kept: Any) -> Extraneous | None:
    """Parse the result of `extraneous_to_json`. Raises ValueError or TypeError for anything else."""
    if kept is None:
        return None
    keys, filtered, at_least, first, deletion = kept
    made = None if deletion is None else _deletion_of(*deletion)
    return Extraneous(int(keys), int(filtered), bool(at_least), tuple(map(str, first)), made)


def _deletion_of(deleted: Any, kept: Any, not_deleted: Any, why: Any, ok: Any, retryable: Any) -> Deletion:
    return Deletion(int(deleted), int(kept), int(not_deleted), str(why), bool(ok), bool(retryable))


def added(parts: Iterable[Extraneous | None]) -> Extraneous | None:
    """Return the sum over the runs of one copy; None if none of them looked.

    What a run with deletes counted replaces what the others had seen: it looked at all of them, at the end.
    """
    known = [part for part in parts if part is not None]
    known = [part for part in known if part.deletion is not None] or known
    if not known:
        return None
    first = sorted(key for part in known for key in part.first)[:FIRST_EXTRANEOUS]
    deletions = [part.deletion for part in known if part.deletion is not None]
    return Extraneous(
        sum(part.keys for part in known),
        sum(part.filtered for part in known),
        any(part.at_least for part in known),
        tuple(first),
        _added(deletions) if deletions else None,
    )


def _added(deletions: Sequence[Deletion]) -> Deletion:
    return Deletion(
        sum(deletion.deleted for deletion in deletions),
        sum(deletion.kept for deletion in deletions),
        sum(deletion.not_deleted for deletion in deletions),
        "; ".join(dict.fromkeys(deletion.why for deletion in deletions if deletion.why)),
        all(deletion.ok for deletion in deletions),
        any(deletion.retryable for deletion in deletions),
    )
