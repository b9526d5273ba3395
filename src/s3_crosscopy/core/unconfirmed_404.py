"""Decides the next step after a 404: check the source again, start the copy over, or fail with a reason."""

from __future__ import annotations

from enum import Enum

from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.outcomes import Reason

STILL_THERE = "the source still has the key"
"""Reason why a key is not missing: the source was checked again after a 404."""

WHOSE = (
    "such a 404 is most often a proxy's, a wrong endpoint's, or that of a server that does not decode x-amz-copy-source"
)


class After404(Enum):
    """The next step after a 404. The value of a failure is the text for its message."""

    ANEW = "anew"
    """The upload or the copy was removed: a retry starts over."""
    ASK = "ask"
    """The key waits for a request that checks if it is still at the source."""
    UNCONFIRMED = "nothing confirms that the source does not have the key any more"
    NOT_THE_SOURCE = "it is not about the source, and S3 did not answer it"
    TOO_MANY = "too many keys wait already to ask the source again for this one; a retry lists it anew"


def after_404(*, own: bool, at_source: bool, second: bool, asked: bool, room: bool) -> After404:
    """Return the next step after a 404 for a key.

    own: True for a response of S3 itself. at_source: it is about the source object.
    second: the key is in the retry phase, whose first request checks the source.
    asked: the source was checked again after that too, or must not be. room: more keys may wait.
    """
    if own and not at_source:
        return After404.ANEW
    if second and not at_source:
        return After404.NOT_THE_SOURCE
    if asked:
        return After404.UNCONFIRMED
    return After404.ASK if room else After404.TOO_MANY


def unconfirmed(error: S3Error, but: str) -> S3Error:
    """Return the error for a 404 that does not show that the key is missing; `but` is the reason why it does not."""
    message = error.message.rstrip(".")
    message = f"{message}; " if message else ""
    return S3Error(
        call=error.call, bucket=error.bucket, key=error.key, code=error.code, status=error.status,
        message=f"{message}{but}: {WHOSE}", reason=Reason.UNCONFIRMED, request_id=error.request_id,
    )  # fmt: skip
