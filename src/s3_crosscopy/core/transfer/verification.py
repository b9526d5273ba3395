"""Verifies copies by ETag and checksum, which the response to the copy contains, so that no extra request is needed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from s3_crosscopy.core.timestamps import is_newer
from s3_crosscopy.model.objects import Checksum, Facts, Listed, Part
from s3_crosscopy.model.operations import Copied
from s3_crosscopy.model.outcomes import Verified


def verify_single(source: Listed, checksum: Checksum | None, copied: Copied) -> Verified | None:
    """Return the way in which a CopyObject is verified, or None if its content certainly differs.

    A different ETag is no mismatch, because KMS and the source's part layout change it.
    """
    if copied.etag == source.etag:
        return Verified.ETAG
    return _by_checksum(checksum, copied.checksum, Verified.NONE)


def verify_multipart(source: Listed, checksum: Checksum | None, copied: Copied) -> Verified | None:
    """Return the way in which a multipart copy is verified, or None if its content certainly differs.

    Its size is always verified, because S3 checks the `MpuObjectSize` of CompleteMultipartUpload.
    """
    if copied.etag == source.etag:
        return Verified.ETAG
    return _by_checksum(checksum, copied.checksum, Verified.SIZE)


def multipart_etag(parts: Sequence[Part]) -> str:
    """Return the ETag of a completed upload of these parts, or "" if the parts' ETags are not MD5s."""
    try:
        digests = [bytes.fromhex(part.etag) for part in sorted(parts)]
    except ValueError:
        return ""
    if not digests or any(len(digest) != 16 for digest in digests):
        return ""
    return f"{hashlib.md5(b''.join(digests), usedforsecurity=False).hexdigest()}-{len(digests)}"


def same_content(source: Facts, dest: Facts) -> Verified | None:
    """Return the way in which an object is verified as the copy after its response was lost.

    None: it differs, or neither ETag nor checksum verifies it.
    """
    if source.size != dest.size:
        return None
    if source.etag == dest.etag:
        return Verified.ETAG
    if source.checksum is not None and source.checksum == dest.checksum and source.checksum.kind != "COMPOSITE":
        return Verified.CHECKSUM
    return None


def listed_as_it_should_be(source: Listed, dest: Listed | None, began: str) -> str:
    """Return what is wrong with a listed pair after the run, or "": the final check, from two listings alone.

    began: start of the run in S3's time, or "". A source modified later is not checked. One modified in the same second
    is, although it may have changed too late: a false mismatch costs a retry, a missed one costs data. A source
    uploaded in parts during the run is checked if its upload started before the run, because S3 dates it to that time.
    """
    if began and is_newer(source.modified, began):
        return ""
    if dest is None:
        return "is not at the destination"
    if source.size != dest.size:
        return f"has {dest.size:,} bytes at the destination, {source.size:,} at the source"
    return ""


def _by_checksum(source: Checksum | None, copy: Checksum | None, otherwise: Verified) -> Verified | None:
    """Compare checksums of the whole content by the same algorithm; return `otherwise` if there are no such two."""
    if source is None or copy is None or "COMPOSITE" in (source.kind, copy.kind):
        return otherwise
    if source.algorithm != copy.algorithm:
        return otherwise
    return Verified.CHECKSUM if source.value == copy.value else None
