"""Preconditions of writes: the destination must still have for a key what it had when the copy was decided.

S3 checks `If-None-Match: *` and `If-Match` of CopyObject and CompleteMultipartUpload against the destination, at no
extra request. An expectation is one string: the ETag that the destination had, `ABSENT`, or `UNKNOWN`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from s3_crosscopy.core.decide.comparison import ALWAYS
from s3_crosscopy.model.objects import Facts, Listed
from s3_crosscopy.model.operations import ABSENT
from s3_crosscopy.model.outcomes import Decision

UNKNOWN = ""
"""Nothing is known of the destination, so that the write has no precondition."""

MOST_ROUNDS = 5
"""The limit of new decisions about a key because another writer was faster; then it fails, for a later run."""
TOO_OFTEN = f"another writer keeps writing this key at the destination: it was faster more than {MOST_ROUNDS} times"

_NO_ARGS: Mapping[str, object] = {}


def expected_of(decision: Decision, dest: Listed | Facts | None) -> str:
    """Return what a write is to expect at the destination, of which `dest` is known. Called for every copy.

    With `overwrite="always"` the destination is not asked, and anything may be there. A server without ETags allows no
    precondition either.
    """
    if dest is not None:
        return UNKNOWN if decision is ALWAYS else dest.etag
    return UNKNOWN if decision is ALWAYS else ABSENT


def precondition(expected: str) -> Mapping[str, object]:
    """Return the parameter of a write, by S3's API name."""
    if expected == UNKNOWN:
        return _NO_ARGS
    # In quotes (RFC 9110, 8.8.3): some servers never match an ETag without them.
    return {"IfNoneMatch": "*"} if expected == ABSENT else {"IfMatch": f'"{expected}"'}


def is_expected(expected: str, dest: Facts | None) -> bool:
    """Return True if the destination has what the write expected."""
    return expected == (ABSENT if dest is None else dest.etag)


class Refusal(Enum):
    """The reason why a write with a precondition was refused."""

    CHANGED = "one of its preconditions did not hold"
    CONFLICT = "another write of the same key was in progress"
    NOT_ACCEPTED = "the server does not accept the header"


_CONFLICT = "ConditionalRequestConflict"
# A request that has only the precondition in excess is refused with one of these.
_OF_HEADERS = frozenset({"InvalidArgument", "InvalidRequest", "NotImplemented", "UnsupportedOperation", "400"})


def refusal(expected: str, code: str, status: int) -> Refusal | None:
    """Return the reason why a write was refused that expected this, or None if another one is certain.

    If the destination's object was deleted, S3 may answer 404 to `If-Match`, and so it does if the source's was.
    """
    if expected == UNKNOWN:
        return None
    if status == 412 or (code == "NoSuchKey" and expected != ABSENT):
        return Refusal.CHANGED
    if code == _CONFLICT:
        return Refusal.CONFLICT
    return Refusal.NOT_ACCEPTED if status == 501 or (status == 400 and code in _OF_HEADERS) else None


class Then(Enum):
    """The next step after a refused write, once a HEAD has shown the destination."""

    DECIDE = "the destination changed: decide about the key again"
    AGAIN = "the destination did not change: send it again"
    SOURCE = "the destination did not change, so the source did: report the error"
    WITHOUT = "neither changed: the server takes the precondition for something else, send it without"


def after_refusal(refusal: Refusal, *, as_expected: bool, source_known: bool, required: bool) -> Then:
    """Return the next step.

    source_known: the source was asked right before the write. required: the write must not be sent without it.
    """
    if not as_expected:
        return Then.DECIDE
    if refusal is Refusal.CONFLICT:
        return Then.AGAIN
    return Then.WITHOUT if source_known and not required else Then.SOURCE
