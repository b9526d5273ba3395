"""What the answers prove about a copy. No request is spent: ETag and checksum come with the copy itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from s3_crosscopy.core.timestamps import is_newer
from s3_crosscopy.model.objects import Checksum, Facts, Listed, Part
from s3_crosscopy.model.operations import Copied
from s3_crosscopy.model.outcomes import Verified


def verify_single(source: Listed, checksum: Checksum | None, copied: Copied) -> Verified | None:
    """What proves a CopyObject; None when the copy is provably another content.

    An ETag that differs proves nothing: KMS and the source's part layout change it.
    """
    if copied.etag == source.etag:
        return Verified.ETAG
    return _by_checksum(checksum, copied.checksum, Verified.NONE)


def verify_multipart(source: Listed, checksum: Checksum | None, copied: Copied) -> Verified | None:
    """What proves a multipart copy; None when the copy is provably another content.

    Its size is always proven: Complete was given `MpuObjectSize`, which S3 checks.
    """
    if copied.etag == source.etag:
        return Verified.ETAG
    return _by_checksum(checksum, copied.checksum, Verified.SIZE)


def multipart_etag(parts: Sequence[Part]) -> str:
    """The ETag that a completed upload of these parts has; "" where the parts' ETags are no MD5s."""
    try:
        digests = [bytes.fromhex(part.etag) for part in sorted(parts)]
    except ValueError:
        return ""
    if not digests or any(len(digest) != 16 for digest in digests):
        return ""
    return f"{hashlib.md5(b''.join(digests), usedforsecurity=False).hexdigest()}-{len(digests)}"


def same_content(source: Facts, there: Facts) -> Verified | None:
    """What proves that an object of which no answer told is the copy; None: it is another one, or nothing proves it."""
    if source.size != there.size:
        return None
    if source.etag == there.etag:
        return Verified.ETAG
    if source.checksum is not None and source.checksum == there.checksum and source.checksum.kind != "COMPOSITE":
        return Verified.CHECKSUM
    return None


def listed_as_it_should_be(source: Listed, dest: Listed | None, began: str) -> str:
    """What is wrong with a pair after the run, "" if nothing is: the last proof, from two listings alone.

    A source that changed after the run began cannot be held against it. One of its very first second is, although it
    may have come too late: a false alarm costs a retry, which mends it, a false proof costs the data.
    So is one that was uploaded in parts since, if the upload began before the run: S3 dates it back.
    """
    if began and is_newer(source.modified, began):
        return ""
    if dest is None:
        return "is not at the destination"
    if source.size != dest.size:
        return f"has {dest.size:,} bytes at the destination, {source.size:,} at the source"
    return ""


def _by_checksum(source: Checksum | None, copy: Checksum | None, otherwise: Verified) -> Verified | None:
    """Only checksums of the whole content, by one algorithm, can be compared."""
    if source is None or copy is None or "COMPOSITE" in (source.kind, copy.kind):
        return otherwise
    if source.algorithm != copy.algorithm:
        return otherwise
    return Verified.CHECKSUM if source.value == copy.value else None
