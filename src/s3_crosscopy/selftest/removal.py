"""Removes all that a self-test made below its own prefix: every version and marker by its id, every upload."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from s3_crosscopy.errors import S3Error
from s3_crosscopy.selftest.own_prefix import OwnPrefix

MOST_PAGES = 50
"""A limit for servers that never end a listing; a self-test writes some hundred objects."""


def remove_all(place: OwnPrefix, *, versioned: bool) -> list[str]:
    """Remove everything below the prefix; returns a line for each thing that is still there or may be."""
    left: list[str] = []
    try:
        for upload in _uploads(place):
            _remove(place, left, "AbortMultipartUpload", Key=upload["Key"], UploadId=upload["UploadId"])
        for row in list(_versions(place) if versioned else _objects(place)):
            version = {"VersionId": row["VersionId"]} if versioned else {}
            _remove(place, left, "DeleteObject", Key=row["Key"], **version)
        still = [row["Key"] for row in (_versions(place) if versioned else _objects(place))]
        left += [f"s3://{place.bucket.name}/{key} is still listed" for key in still if not left]
    except S3Error as error:
        left.append(f"not known what remains below {place.url}: {error}")
    return left


def _remove(place: OwnPrefix, left: list[str], call: str, **args: Any) -> None:
    response = place.send(call, **args)
    if response.error is not None and response.error.code not in ("NoSuchUpload", "NoSuchKey"):
        which = " ".join(f"{name} {value}" for name, value in args.items() if name != "Key")
        left.append(f"s3://{place.bucket.name}/{args['Key']} {which}: {call} answered {response.outcome}".strip())


def _objects(place: OwnPrefix) -> Iterator[Mapping[str, Any]]:
    token: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        page = place.must("ListObjectsV2", Prefix=place.prefix, **token)
        yield from page.get("Contents", ())
        if not page.get("IsTruncated"):
            return
        token = {"ContinuationToken": page["NextContinuationToken"]}


def _versions(place: OwnPrefix) -> Iterator[Mapping[str, Any]]:
    markers: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        page = place.must("ListObjectVersions", Prefix=place.prefix, **markers)
        yield from page.get("Versions", ())
        yield from page.get("DeleteMarkers", ())
        if not page.get("IsTruncated"):
            return
        markers = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}


def _uploads(place: OwnPrefix) -> list[Mapping[str, Any]]:
    """List the open uploads; at most one page, as a self-test opens a few."""
    return list(place.must("ListMultipartUploads", Prefix=place.prefix).get("Uploads", ()))
