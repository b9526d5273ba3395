"""Refuses objects without a request if S3's error response is known in advance, with S3's code and our message."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from s3_crosscopy.core.decide.comparison import TOO_LONG
from s3_crosscopy.core.spec import CopySpec, key_bytes, too_long
from s3_crosscopy.model.location import MAX_KEY_BYTES
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.outcomes import Decision, Reason


class Refusal(NamedTuple):
    """Reason for a refused object. `code` is the error code that S3 would respond with."""

    reason: Reason
    code: str
    message: str


def refusal(decision: Decision, source: Listed, spec: CopySpec) -> Refusal:
    """Return reason, code and message of a decision to refuse this object."""
    if decision is TOO_LONG:
        return Refusal(Reason.INVALID, "KeyTooLongError", too_long(spec.dest_key(source.key)))
    message = f"the object is in {source.storage_class} and not restored; restore it, or set archived='skip'"
    return Refusal(Reason.ARCHIVED, "InvalidObjectState", message)


def make_too_long(spec: CopySpec) -> Callable[[str], bool] | None:
    """Return a test for source keys whose destination key is longer than S3 allows, or None if there can be none.

    Source keys are within the limit, so that only a longer destination prefix can exceed it.
    """
    more = key_bytes(spec.dest_prefix) - key_bytes(spec.source_prefix)
    if spec.single or more <= 0:
        return None
    most = MAX_KEY_BYTES - more
    return lambda key: key_bytes(key) > most
