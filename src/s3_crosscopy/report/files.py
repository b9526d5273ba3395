"""What reports and manifests need of a place: whole files by name. A folder and an S3 prefix are such places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO, Protocol

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.location import Bucket, parse_location
from s3_crosscopy.report.local_files import FolderFiles

ClientFor = Callable[[Bucket], Any]
"""A boto3 S3 client for a bucket: in its Region, signed by whoever may use it."""


class Files(Protocol):
    """Files of one place. Names are relative, with `/` between folders."""

    def where(self, name: str = "") -> str:
        """The whole name of a file, or of the place, for a message."""

    def check(self) -> None:
        """Raises InvalidInput where others than this user may have written what is here, as far as one can tell."""

    def prepare(self) -> None:
        """Make the place ready to be written. Raises InvalidInput where that can be known to be impossible."""

    def write(self, name: str, data: bytes) -> None:
        """Write or replace a file: after a crash the old one is there or the new one, whole. Durable on return."""

    def open(self, name: str) -> BinaryIO:
        """Read a file from its start; the caller closes it. Raises FileNotFoundError when there is none."""


def files_at(
    place: object, client_for: ClientFor, what: str, *, named: bool = False, guarded: Bucket | None = None
) -> Files:
    """The files below `place`, a folder or an `s3://bucket/prefix/`; `what` names the argument in an error.

    `named`: the user named one of the files, as in `FolderFiles`. `guarded` is the bucket with what is expected of it.
    """
    if not isinstance(place, str) or not place.strip():
        raise InvalidInput(f"{what}: expected a folder or an s3://bucket/prefix/ URL, got {place!r}")
    if "://" not in place:
        return FolderFiles(place, what, named=named)
    from s3_crosscopy.report.s3_files import BucketFiles

    name, prefix = parse_location(place, what)
    bucket = guarded or Bucket(name)
    return BucketFiles(client_for(bucket), bucket, prefix)
