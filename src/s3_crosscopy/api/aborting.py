"""`abort_uploads()`: the uploads that a checkpoint file recorded are aborted, exactly those and nothing else."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from s3_crosscopy.adapters.checkpoints import FileCheckpoint
from s3_crosscopy.errors import InvalidInput, S3Error
from s3_crosscopy.model.checkpoint import OpenUpload
from s3_crosscopy.model.location import Bucket

FEW = 4
"""Requests at once are not needed: there are only as many uploads as one run had open."""


class Aborted(NamedTuple):
    """What became of the uploads: those that are gone now, and those that were refused, each with S3's error."""

    bucket: str
    gone: tuple[OpenUpload, ...]
    refused: tuple[tuple[OpenUpload, S3Error], ...]


def abort_uploads(
    checkpoint: str | os.PathLike[str],
    *,
    session: Any = None,
    profile: str | None = None,
    endpoint_url: str | None = None,
    region_name: str | None = None,
    verify: bool | str | None = None,
    botocore_config: Mapping[str, Any] | None = None,
) -> Aborted:
    """Abort the multipart uploads that the checkpoint file names, and take them out of it.

    Never by prefix or age: other writers keep uploads too. Raises InvalidInput if there is no such checkpoint.
    """
    from s3_crosscopy.adapters.boto.sessions import access

    file = FileCheckpoint(checkpoint)
    kept = file.load()
    if kept is None:
        raise InvalidInput(f"checkpoint: there is no file {os.fspath(checkpoint)!r}; name the one of the run")
    state, _ = kept
    if not state.uploads:
        return Aborted(state.dest_bucket, (), ())
    principal = access(
        session,
        profile,
        "profile",
        endpoint_url=endpoint_url,
        region_name=region_name,
        verify=verify,
        config=botocore_config,
    )
    bucket = Bucket(state.dest_bucket)
    s3 = principal.s3(bucket, FEW)
    gone: list[OpenUpload] = []
    refused: list[tuple[OpenUpload, S3Error]] = []
    for upload in state.uploads:
        try:
            s3.abort_upload(bucket, upload.dest_key, upload.upload_id)
            gone.append(upload)
        except S3Error as error:
            refused.append((upload, error))
    file.save(state._replace(uploads=tuple(upload for upload, _ in refused)))
    return Aborted(state.dest_bucket, tuple(gone), tuple(refused))
