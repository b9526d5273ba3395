"""A look before the run: who signs, one LIST a side, one HEAD. A denial ends it here, with everything explained.

What is not known stops nobody: the run itself will tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3_crosscopy.access.doctor import examine
from s3_crosscopy.access.examination import Examination
from s3_crosscopy.access.examination_text import examination_text, verdict
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
    """Raise PermanentFailure, with the whole screen, for what is known to be missing."""
    if mode == OFF:
        return
    if mode == FULL:
        _judge(examine(spec, copier, reader))
    else:
        denied = _look(spec, source_s3, dest_s3)
        if denied is not None:
            raise PermanentFailure(explanation(spec, denied, copier, reader))
    signs = copier.principal() or UNKNOWN_ARN
    reads = signs if reader is None else reader.principal() or UNKNOWN_ARN
    sink.emit(Preflighted(mode, signs, reads))


def explanation(spec: CopySpec, denied: S3Error, copier: S3Clients, reader: S3Clients | None) -> str:
    """What a denial means, for people: everything about the key that it happened on."""
    return examination_text(examine(spec, copier, reader, denied=denied), only_missing=True)


def _judge(found: Examination) -> None:
    if not found.ok:
        failure = PermanentFailure if found.reached else RetryableFailure
        raise failure(f"the preflight found that {verdict(found)}\n{examination_text(found, only_missing=True)}")


def _look(spec: CopySpec, source_s3: BlockingS3, dest_s3: BlockingS3) -> S3Error | None:
    """The first denial of what the run will ask for anyway; None: nothing that is known to be wrong."""
    lists = not spec.single and spec.options.manifest is None
    key = spec.source_prefix if spec.single else ""
    try:
        if lists:
            page = source_s3.list_page(ListPage(Side.SOURCE, spec.source, spec.source_prefix, max_keys=1))
            key = page.objects[0].key if page.objects else ""
        if lists and needs_destination(spec.options.overwrite):
            dest_s3.list_page(ListPage(Side.DEST, spec.dest, spec.dest_prefix, max_keys=1))
        if key:
            # The copier has to read what it copies, whoever lists it.
            dest_s3.head(spec.source, key, version=spec.options.source_version_id)
    except S3Error as error:
        return error if error.reason is Reason.DENIED else None
    return None
