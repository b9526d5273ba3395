"""Checks the access before a run. Access denied ends the run here, with the explanation and suggested policies.

`light` sends one LIST a side and one HEAD; `full` is the doctor without writes. What is unknown does not end the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3_crosscopy.core.decide.comparison import needs_destination
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import PermanentFailure, RetryableFailure, S3Error
from s3_crosscopy.model.events import UNKNOWN_ARN, Preflighted
from s3_crosscopy.model.operations import ListPage, Side
from s3_crosscopy.model.outcomes import Reason

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.ports import BlockingS3, EventSink

OFF, LIGHT, FULL = MODES = ("off", "light", "full")


def look_first(
    mode: str,
    spec: CopySpec,
    copier: S3Clients,
    reader: S3Clients | None,
    source_s3: BlockingS3,
    dest_s3: BlockingS3,
    sink: EventSink,
) -> None:
    """Raise PermanentFailure, with the whole examination, if a permission is known to be missing.

    `full` raises RetryableFailure if a bucket was not reached. `mode` is one of `MODES`.
    """
    if mode == OFF:
        return
    if mode == FULL:
        _raise_unless_ok(spec, copier, reader)
    else:
        denied = _first_denied(spec, source_s3, dest_s3)
        if denied is not None:
            raise PermanentFailure(explanation(spec, denied, copier, reader))
    copier_arn = copier.principal() or UNKNOWN_ARN
    reader_arn = copier_arn if reader is None else reader.principal() or UNKNOWN_ARN
    sink.emit(Preflighted(mode, copier_arn, reader_arn))


def explanation(spec: CopySpec, denied: S3Error, copier: S3Clients, reader: S3Clients | None) -> str:
    """Examine the key that a request was denied for; the text for people."""
    from s3_crosscopy.access.doctor import examine
    from s3_crosscopy.access.examination_text import examination_text

    return examination_text(examine(spec, copier, reader, denied=denied), only_missing=True)


def _raise_unless_ok(spec: CopySpec, copier: S3Clients, reader: S3Clients | None) -> None:
    from s3_crosscopy.access.doctor import examine
    from s3_crosscopy.access.examination_text import examination_text, verdict

    examination = examine(spec, copier, reader)
    if not examination.ok:
        failure = PermanentFailure if examination.reached else RetryableFailure
        text = examination_text(examination, only_missing=True)
        raise failure(f"the preflight found that {verdict(examination)}\n{text}")


def _first_denied(spec: CopySpec, source_s3: BlockingS3, dest_s3: BlockingS3) -> S3Error | None:
    """The first access denied of requests that the run sends anyway; None if nothing is known to be wrong."""
    lists = not spec.single and spec.options.manifest is None
    key = spec.source_prefix if spec.single else ""
    try:
        if lists:
            page = source_s3.list_page(ListPage(Side.SOURCE, spec.source, spec.source_prefix, max_keys=1))
            key = page.objects[0].key if page.objects else ""
        if lists and needs_destination(spec.options.overwrite):
            dest_s3.list_page(ListPage(Side.DEST, spec.dest, spec.dest_prefix, max_keys=1))
        if key:
            # The copier reads what it copies, also where the reader lists it.
            dest_s3.head(spec.source, key, version=spec.options.source_version_id)
    except S3Error as error:
        return error if error.reason is Reason.DENIED else None
    return None
