"""`abort_uploads()` aborts the multipart uploads that a run recorded, and no others."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from s3_crosscopy.adapters.checkpoint_file import FileCheckpoint
from s3_crosscopy.api.inputs import expected_at
from s3_crosscopy.api.signers import make_signer
from s3_crosscopy.engine.transfer.upload_calls import abort_until_gone
from s3_crosscopy.errors import InvalidInput, S3Error
from s3_crosscopy.model.checkpoint import CheckpointState, OpenUpload
from s3_crosscopy.model.location import parse_location
from s3_crosscopy.model.open_uploads import OpenUploads, lie_below
from s3_crosscopy.report.files import files_at
from s3_crosscopy.report.report_reader import read_dest, read_uploads

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients

WHAT = "place"
FEW = 4
"""Connections. One run has only few open uploads, which are aborted one after the other."""


class Aborted(NamedTuple):
    """The result of `abort_uploads`: uploads that are gone now, and those that S3 refused to abort, with its error."""

    bucket: str
    gone: tuple[OpenUpload, ...]
    refused: tuple[tuple[OpenUpload, S3Error], ...]


def abort_uploads(
    place: str | os.PathLike[str],
    *,
    bucket: str | None = None,
    session: Any = None,
    profile: str | None = None,
    endpoint_url: str | None = None,
    region_name: str | None = None,
    verify: bool | str | None = None,
    botocore_config: Mapping[str, Any] | None = None,
    expected_bucket_owner: str | None = None,
) -> Aborted:
    """Abort the multipart uploads that a run recorded in its checkpoint or its report.

    Uploads are never selected by prefix or age, because other writers have uploads too. Aborted uploads are removed
    from a checkpoint, whose time does not change; a report stays as it is.

    Args:
        place: checkpoint file, or the folder or `s3://` URL of a report.
        bucket: bucket of all the uploads. Needed if a report records uploads outside of the destination that its index
            names: whoever can write the report could name anybody's uploads. None: those are refused.
        session: `boto3.Session` that signs the requests. None: one made from `profile`.
        profile: name of an AWS profile, in place of `session`. None: boto3's own credential chain.
        endpoint_url: URL of an S3-compatible server. None: AWS.
        region_name: Region in which to ask for the bucket's own Region. None: that of the session.
        verify: False: TLS certificates are not verified; a path: the CA bundle to verify them with. None: boto3's
            default, which verifies them.
        botocore_config: settings of `botocore.config.Config` by name. None: no settings.
        expected_bucket_owner: account id that must own the report's bucket. None: any account. The account that must
            own the bucket of the uploads was recorded with them.

    Returns:
        The uploads that are gone, and those that S3 refused to abort.

    Raises:
        InvalidInput: there is no checkpoint or report, or its uploads are not where they are expected.
        S3Error: the report cannot be read.
    """
    signer = make_signer(
        session,
        profile,
        endpoint_url=endpoint_url,
        region_name=region_name,
        verify=verify,
        botocore_config=botocore_config,
    )
    name = os.fspath(place)
    report_bucket = expected_at(name, expected_bucket_owner)
    if "://" in name or os.path.isdir(name):
        files = files_at(name, lambda bucket: signer().client(bucket), WHAT, bucket=report_bucket)
        files.check()
        unfinished = read_uploads(files, WHAT)
        _check(unfinished, bucket, read_dest(files, WHAT))
        return _abort(unfinished, signer)
    file = FileCheckpoint(name)
    state, saved_at = _saved(file, name)
    unfinished = OpenUploads(state.dest_bucket, state.uploads)
    _check(unfinished, bucket, None)
    aborted = _abort(unfinished, signer)
    file.amend(state._replace(uploads=tuple(upload for upload, _ in aborted.refused)), saved_at)
    return aborted


def _check(unfinished: OpenUploads, bucket: str | None, dest: str | None) -> None:
    """Raise InvalidInput for uploads outside of the expected place. `dest=None`: a checkpoint, which names no place."""
    if not unfinished.uploads:
        return
    name = parse_location(f"s3://{unfinished.bucket.name}/", WHAT).bucket
    if bucket is not None and bucket != name:
        raise InvalidInput(f"bucket: the uploads are recorded in {name!r}, not in {bucket!r}; nothing was aborted")
    if bucket is None and dest is not None and not lie_below(unfinished, dest):
        copied = f"is of a copy to {dest}" if dest else "does not say where its run copied to"
        raise InvalidInput(
            f"{WHAT}: the report {copied}, and records uploads elsewhere; nothing was aborted, but if they are that"
            f" run's own, set bucket={name!r}"
        )


def _saved(file: FileCheckpoint, name: str) -> tuple[CheckpointState, float]:
    saved = file.load()
    if saved is None:
        raise InvalidInput(f"{WHAT}: there is no {name!r}; name the checkpoint file or the report of the run")
    return saved


def _abort(unfinished: OpenUploads, signer: Callable[[], S3Clients]) -> Aborted:
    """Abort each upload until it is gone: the last requests of a run that died may arrive only now."""
    bucket, uploads = unfinished
    if not uploads:
        return Aborted(bucket.name, (), ())
    s3 = signer().s3(bucket, FEW)
    gone: list[OpenUpload] = []
    refused: list[tuple[OpenUpload, S3Error]] = []
    for upload in uploads:
        try:
            abort_until_gone(s3, bucket, upload.dest_key, upload.upload_id)
            gone.append(upload)
        except S3Error as error:
            refused.append((upload, error))
    return Aborted(bucket.name, tuple(gone), tuple(refused))
