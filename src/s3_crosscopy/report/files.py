"""The files of reports and manifests, whole files by name: in a local folder or below an S3 prefix."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, BinaryIO, Protocol

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.location import Bucket, parse_location
from s3_crosscopy.report.local_files import FolderFiles

ClientFor = Callable[[Bucket], Any]
"""Makes a boto3 S3 client for a bucket, in the bucket's Region and with the credentials to use for it."""


class Files(Protocol):
    """The files at one location. Names are relative, with `/` between folders."""

    def where(self, name: str = "") -> str:
        """The complete name of a file, or of the location, for messages."""

    def check(self) -> None:
        """Raises InvalidInput if others than this user may have written the files, as far as that is known."""

    def prepare(self) -> None:
        """Prepare the location for writing. Raises InvalidInput if it is known that it cannot be written."""

    def write(self, name: str, data: bytes) -> None:
        """Write or replace a file: after a crash there is the old one or the new one, complete. Durable on return."""

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading; the caller closes it. Raises FileNotFoundError if there is none."""


class RemovableFiles(Files, Protocol):
    """Files of which some can be removed again, unlike those of a report."""

    def remove(self, names: Sequence[str]) -> None:
        """Remove files; one that is not there is no error. Raises S3Error or RetryableFailure for one that stays."""


def files_at(
    location: object, client_for: ClientFor, argument: str, *, named: bool = False, bucket: Bucket | None = None
) -> RemovableFiles:
    """The files below `location`, a folder or an `s3://bucket/prefix/`. Raises InvalidInput for anything else.

    argument: the name of the argument, for messages.
    named: True if the user named one of the files, see `FolderFiles`.
    bucket: the bucket with its expected owner, and who pays; None for no expectations.
    """
    if not isinstance(location, str) or not location.strip():
        raise InvalidInput(f"{argument}: expected a folder or an s3://bucket/prefix/ URL, got {location!r}")
    if "://" not in location:
        return FolderFiles(location, argument, named=named)
    from s3_crosscopy.report.s3_files import BucketFiles

    name, prefix = parse_location(location, argument)
    bucket = bucket or Bucket(name)
    return BucketFiles(client_for(bucket), bucket, prefix)
