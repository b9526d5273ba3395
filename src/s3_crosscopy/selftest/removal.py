"""Removes all that a self-test made below its own prefix: every version and marker by its id, every upload."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from s3_crosscopy.errors import CrossCopyError
from s3_crosscopy.selftest.own_prefix import OwnPrefix

MOST_PAGES = 50
"""A limit for servers that never end a listing; a self-test writes some hundred objects."""
PASSES = 2
"""A request that was under way when the self-test was stopped may write after the first listing."""
MOST_VERSIONS = 10
_GONE = frozenset({"NoSuchUpload", "NoSuchKey", "NoSuchVersion"})


def remove_all(place: OwnPrefix, *, versioned: bool, unlisted: Iterable[str] = ()) -> list[str]:
    """Remove everything below the prefix; returns a line for each thing that is still there or may be.

    `unlisted`: relative keys that some servers cannot list; they are removed first, by name.
    """
    objects = "versions" if versioned else "objects"
    steps = (("uploads", partial(_uploads_left, place)), (objects, partial(_objects_left, place, versioned=versioned)))
    left: list[str] = []
    try:
        for relative in unlisted:
            _remove_by_name(place, relative, versioned=versioned)
        for _ in range(PASSES):
            # Each for itself: what cannot be listed does not keep the others.
            left = [line for title, step in steps for line in _lines_of(place, title, step)]
        return left or _lines_of(place, objects, partial(_still_listed, place, versioned=versioned))
    except CrossCopyError as error:
        return [*left, f"it is not known what remains below {place.url}: {error}"]
    except KeyboardInterrupt:
        return [*left, f"stopped while removing: remove what is below {place.url}, with all versions and uploads"]


def _lines_of(place: OwnPrefix, title: str, step: Callable[[], list[str]]) -> list[str]:
    """Take a step of the removal; an error is a line too."""
    try:
        return step()
    except CrossCopyError as error:
        return [f"it is not known which {title} remain below {place.url}: {error}"]


def _remove_by_name(place: OwnPrefix, relative: str, *, versioned: bool) -> None:
    key = place.key(relative)
    for _ in range(MOST_VERSIONS):
        head = place.send("HeadObject", Key=key)
        if head.payload is None:
            return
        version = {"VersionId": head.payload["VersionId"]} if versioned and "VersionId" in head.payload else {}
        if place.send("DeleteObject", Key=key, **version).error is not None:
            return


def _uploads_left(place: OwnPrefix) -> list[str]:
    """Abort the open uploads below the prefix; at most one page, as a self-test opens a few."""
    uploads = place.must("ListMultipartUploads", Prefix=place.prefix).get("Uploads", ())
    lines = [_remove(place, "AbortMultipartUpload", row["Key"], UploadId=row["UploadId"]) for row in uploads]
    return [line for line in lines if line]


def _objects_left(place: OwnPrefix, *, versioned: bool) -> list[str]:
    lines = [
        _remove(place, "DeleteObject", key, **version) for key, version in list(_listed(place, versioned=versioned))
    ]
    return [line for line in lines if line]


def _still_listed(place: OwnPrefix, *, versioned: bool) -> list[str]:
    return [f"s3://{place.bucket.name}/{key} is still listed" for key, _ in _listed(place, versioned=versioned)]


def _remove(place: OwnPrefix, call: str, key: str, **args: str) -> str:
    """Remove one thing; returns a line if it is still there."""
    response = place.send(call, Key=key, **args)
    if response.error is None or response.error.code in _GONE:
        return ""
    which = "".join(f" ({name} {value})" for name, value in args.items())
    return f"s3://{place.bucket.name}/{key}{which}: {call} answered {response.outcome}"


def _listed(place: OwnPrefix, *, versioned: bool) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each key with the parameter of its version."""
    call = "ListObjectVersions" if versioned else "ListObjectsV2"
    args: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        page = place.must(call, Prefix=place.prefix, **args)
        for row in (*page.get("Contents", ()), *page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            yield row["Key"], {"VersionId": row["VersionId"]} if versioned else {}
        if not page.get("IsTruncated"):
            return
        args = _next_page(page)


def _next_page(page: Mapping[str, Any]) -> dict[str, str]:
    if "NextContinuationToken" in page:
        return {"ContinuationToken": page["NextContinuationToken"]}
    return {name: page[f"Next{name}"] for name in ("KeyMarker", "VersionIdMarker") if f"Next{name}" in page}
