"""`abort_uploads()`: the uploads that a run of ours recorded are aborted, exactly those and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from s3_crosscopy.adapters.checkpoint_file import FileCheckpoint
from s3_crosscopy.api.inputs import expected_at
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
"""Requests at once are not needed: there are only as many uploads as one run had open."""


class Aborted(NamedTuple):
    """What became of the uploads: those that are gone now, and those that were refused, each with S3's error."""

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
    """Abort the multipart uploads that a run recorded at `place`: a checkpoint file, a report's folder or s3:// URL.

    Never by prefix or age: other writers keep uploads too. They are taken out of a checkpoint, without making it any
    newer; a report says for ever what its run left. What a report records elsewhere than below the destination that its
    index names is refused, unless `bucket` names the bucket that all of them are in: whoever can write the report could
    name anybody's. `expected_bucket_owner` is the account id that must own the bucket a report is in; whoever must own
    the bucket of the uploads was recorded with them. Raises InvalidInput if nothing of ours is there, and S3Error.
    """
    from s3_crosscopy.adapters.boto.sessions import access

    made = partial(access, endpoint_url=endpoint_url, region_name=region_name, verify=verify, config=botocore_config)
    signer = cache(partial(made, session, profile, "profile"))
    name = os.fspath(place)
    guarded = expected_at(name, expected_bucket_owner)
    if "://" in name or os.path.isdir(name):
        files = files_at(name, lambda bucket: signer().client(bucket), WHAT, guarded=guarded)
        files.check()
        unfinished = read_uploads(files, WHAT)
        _check(unfinished, bucket, read_dest(files, WHAT))
        return _abort(unfinished, signer)
    file = FileCheckpoint(name)
    state, saved_at = _persistence(file, name)
    unfinished = OpenUploads(state.dest_bucket, state.uploads)
    _check(unfinished, bucket, None)
    aborted = _abort(unfinished, signer)
    file.amend(state._replace(uploads=tuple(upload for upload, _ in aborted.refused)), saved_at)
    return aborted


def _check(unfinished: OpenUploads, bucket: str | None, dest: str | None) -> None:
    """Refuse uploads that are not where a user could expect them. `dest=None`: a checkpoint, which names no other."""
    if not unfinished.uploads:
        return
    name = parse_location(f"s3://{unfinished.bucket.name}/", WHAT).bucket
    if bucket is not None and bucket != name:
        raise InvalidInput(f"bucket: the uploads are recorded in {name!r}, not in {bucket!r}; nothing was aborted")
    if bucket is None and dest is not None and not lie_below(unfinished, dest):
        copied = f"is of a copy to {dest}" if dest else "does not say where its run copied to"
        raise InvalidInput(
            f"{WHAT}: the report {copied}, and records uploads elsewhere; nothing was aborted, but if they are that"
            f" run's own, say bucket={name!r}"
        )


def _persistence(file: FileCheckpoint, name: str) -> tuple[CheckpointState, float]:
    persistence = file.load()
    if persistence is None:
        raise InvalidInput(f"{WHAT}: there is no {name!r}; name the checkpoint file or the report of the run")
    return persistence


def _abort(unfinished: OpenUploads, signer: Callable[[], S3Clients]) -> Aborted:
    """Each until it is gone: what a dead run asked for last may arrive only now."""
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
