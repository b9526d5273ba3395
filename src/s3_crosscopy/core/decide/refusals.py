"""Objects that are not even tried, because it is known what S3 would answer: why, in S3's words and in ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from s3_crosscopy.core.decide.comparison import TOO_LONG
from s3_crosscopy.core.spec import CopySpec, key_bytes, too_long
from s3_crosscopy.model.location import MAX_KEY_BYTES
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.outcomes import Decision, Reason


class Refusal(NamedTuple):
    """Why an object is not tried; `code` is S3's own for it."""

    reason: Reason
    code: str
    message: str


def refusal(decision: Decision, source: Listed, spec: CopySpec) -> Refusal:
    """The reason, code and message of a decision to refuse this object."""
    if decision is TOO_LONG:
        return Refusal(Reason.INVALID, "KeyTooLongError", too_long(spec.dest_key(source.key)))
    said = f"the object is in {source.storage_class} and not restored; restore it, or set archived='skip'"
    return Refusal(Reason.ARCHIVED, "InvalidObjectState", said)


def make_too_long(spec: CopySpec) -> Callable[[str], bool] | None:
    """A test for source keys whose copies would have a longer key than S3 allows; None where there can be none.

    No key of the source is longer, so that of a copy is only where the destination prefix is the longer one.
    """
    more = key_bytes(spec.dest_prefix) - key_bytes(spec.source_prefix)
    if spec.single or more <= 0:
        return None
    most = MAX_KEY_BYTES - more
    return lambda key: key_bytes(key) > most
