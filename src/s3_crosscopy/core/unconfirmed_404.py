"""What to do about a 404: wait for what the source says of the key, make the copy anew, or fail and say why."""

from __future__ import annotations

from enum import Enum

from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.outcomes import Reason

STILL_THERE = "the source still has the key"
"""What the source said when it was asked after a 404: then the key is not missing."""

WHOSE = (
    "such a 404 is most often a proxy's, a wrong endpoint's, or that of a server that does not decode x-amz-copy-source"
)


class After404(Enum):
    """The next step after a 404. The value of a failure is what its message says."""

    ANEW = "anew"
    """Somebody removed the upload or the copy: another try makes it anew."""
    ASK = "ask"
    """The key waits until the source is asked whether it still has it."""
    UNCONFIRMED = "nothing confirms that the source does not have the key any more"
    NOT_THE_SOURCE = "it is not about the source, and S3 did not answer it"
    TOO_MANY = "too many keys wait already to ask the source again for this one; a retry lists it anew"


def after_404(*, own: bool, at_source: bool, second: bool, asked: bool, room: bool) -> After404:
    """Chooses the next step after a 404 for a key.

    `own`: S3 itself gave it, in its own form. `at_source`: it is about the source object. `second`: the key is in its
    second round, whose first request asks the source. `asked`: the source was asked again after that too, or must not
    be. `room`: more keys may wait.
    """
    if own and not at_source:
        return After404.ANEW
    if second and not at_source:
        return After404.NOT_THE_SOURCE
    if asked:
        return After404.UNCONFIRMED
    return After404.ASK if room else After404.TOO_MANY


def unconfirmed(error: S3Error, but: str) -> S3Error:
    """A 404 as the failure that it is when it does not mean that the key is gone; `but` says what is known instead."""
    said = error.message.rstrip(".")
    said = f"{said}; " if said else ""
    return S3Error(
        call=error.call, bucket=error.bucket, key=error.key, code=error.code, status=error.status,
        message=f"{said}{but}: {WHOSE}", reason=Reason.UNCONFIRMED, request_id=error.request_id,
    )  # fmt: skip
