"""The incomplete uploads of a run, as recorded in its report, so that they can be aborted later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from s3_crosscopy.model.checkpoint import OpenUpload
from s3_crosscopy.model.location import Bucket

FORMAT = 1


class OpenUploads(NamedTuple):
    """Incomplete multipart uploads in one bucket, whose expected owner is sent when they are aborted."""

    bucket: Bucket
    uploads: tuple[OpenUpload, ...] = ()


def to_json(unfinished: OpenUploads) -> dict[str, Any]:
    """Return readable JSON values."""
    return {
        "format": FORMAT,
        "bucket": unfinished.bucket._asdict(),
        "uploads": [upload._asdict() for upload in unfinished.uploads],
    }


def from_json(kept: object) -> OpenUploads:
    """Parse the result of `to_json`. Raises ValueError for anything else, because no upload id may be wrong."""
    if not isinstance(kept, Mapping):
        raise ValueError("no object")
    try:
        unfinished = OpenUploads(Bucket(**kept["bucket"]), tuple(OpenUpload(**upload) for upload in kept["uploads"]))
    except (KeyError, TypeError) as error:
        raise ValueError(str(error)) from error
    if to_json(unfinished) != kept or not _is_typed(unfinished):
        raise ValueError("of another shape")
    return unfinished


def _is_typed(unfinished: OpenUploads) -> bool:
    name, owner, pays = unfinished.bucket
    texts: list[object] = [name, owner or "", *(text for upload in unfinished.uploads for text in upload[:3])]
    numbers: list[object] = [upload.part_bytes for upload in unfinished.uploads]
    flags: list[object] = [pays]
    return (
        all(isinstance(text, str) for text in texts)
        and all(isinstance(flag, bool) for flag in flags)
        and all(isinstance(number, int) and not isinstance(number, bool) and number >= 0 for number in numbers)
    )


def lie_below(unfinished: OpenUploads, dest: str) -> bool:
    """Return True if a copy to this s3:// URL, of an object or a prefix, can have started all uploads."""
    bucket, _, key = dest.removeprefix("s3://").partition("/")
    if bucket == "" or unfinished.bucket.name != bucket:
        return False
    if key == "" or key.endswith("/"):
        return all(upload.dest_key.startswith(key) for upload in unfinished.uploads)
    # Without a slash at the end the URL may be a prefix or an object's key: only an equal key is certain.
    return all(upload.dest_key == key for upload in unfinished.uploads)
