"""Where the servers differ from S3: what each does instead. The suite asserts these differences, it skips none.

A server that got better fails the test that finds out, which then says to remove its entry here.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from s3_crosscopy.model.outcomes import Reason

DONE = "done"
"""The outcome of a request that was not refused."""


class Behaviour(Enum):
    """What S3 does and some server does not."""

    EXPECTED_OWNER_CHECKED = "a bucket of another owner than expected is refused"
    PERMISSIONS_ENFORCED = "a principal without a grant is denied"
    LAST_PAGE_IS_NOT_EMPTY = "a listing that ends with a full page tells so in that page"
    TAGS_KEPT = "a copy has the tags of its source"
    TAGS_REPLACED = "tags are replaced when told so"
    TAGS_DROPPED = "tags are dropped when told so"
    SOURCE_CHANGE_REFUSED = "a copy whose source has another ETag than expected is refused"
    OVERWRITE_REFUSED = "a key that must be new is refused when it is there"
    REPLACEMENT_REFUSED = "a key that must have an ETag is refused when it has another one"
    MISSING_REFUSED = "a key that must have an ETag is missing when it is not there"
    STORAGE_CLASSES = "a copy is STANDARD unless a storage class is named"
    ARCHIVED_REFUSED = "an archived object is refused as such"
    CHECKSUMS_TOLD = "copies and heads tell the object's checksum"
    CHECKSUM_LISTED = "a listing names the algorithm and the type of an object's checksum"
    CHECKSUM_CHANGED = "a copy gets the checksum algorithm that is asked for"
    COPY_IS_SINGLE_PART = "a copy of a multipart object has the ETag of its data"
    MULTIPART_OVERWRITE_REFUSED = "an upload whose key must be new is refused at its end when it is there"
    MULTIPART_REPLACEMENT_REFUSED = "an upload whose key must have an ETag is refused at its end if it has another"
    PART_SOURCE_CHANGE_REFUSED = "a part whose source has another ETag than expected is refused"
    PARTS_ACROSS_ACCOUNTS = "a bucket policy is enough to copy parts from another account"
    RANGE_CHECKED = "a part that ends behind its source is refused"
    SIZE_CHECKED = "an upload of another size than announced is refused"
    COMPLETE_TELLS_ETAG = "the answer to the end of an upload has the ETag"
    PART_CHECKSUMS = "parts and uploads have the checksums that were asked for"
    PART_OF_NO_UPLOAD = "a part for an upload that is gone is missing"
    PERCENT_SIGN_IN_PARTS = "a key with a percent sign is copied in parts"
    MISSING_SOURCE_OF_A_PART = "a part of a missing source is missing"
    TAGS_EMPTIED = "an empty set of tags removes the tags"
    UPLOAD_TAGGED = "an upload has the tags it was created with"
    HEAD_OF_A_PART = "a HEAD of a part tells its size and how many there are"
    HEAD_OF_A_SINGLE_PART = "a HEAD of the only part of an object tells its size and no count"
    HEAD_OF_NO_PART = "a HEAD of a part that is not there is refused"
    OWN_404_OF_A_HEAD = "a HEAD's 404 has S3's request id, by which it is told from a proxy's"
    DELETE_GUARDED = "an object that has another ETag than expected is not deleted"
    LATIN_METADATA = "metadata that is no UTF-8 is told as it was written"
    MANY_HEADERS = "an object with more than a hundred entries of metadata is written and told"
    REGION_TOLD = "a bucket's Region is told"


class Gap(NamedTuple):
    """`instead` is what the test finds in place of what S3 would do."""

    instead: object
    why: str


GAPS: Mapping[str, Mapping[Behaviour, Gap]] = {
    "moto": {
        Behaviour.EXPECTED_OWNER_CHECKED: Gap(DONE, "it ignores the expected-owner headers"),
        Behaviour.PERMISSIONS_ENFORCED: Gap(DONE, "every account may do everything"),
        Behaviour.TAGS_KEPT: Gap({}, "it loses tags between accounts; within one it keeps them"),
        Behaviour.SOURCE_CHANGE_REFUSED: Gap(DONE, "it ignores x-amz-copy-source-if-match"),
        Behaviour.OVERWRITE_REFUSED: Gap(DONE, "CopyObject ignores If-None-Match"),
        Behaviour.REPLACEMENT_REFUSED: Gap(DONE, "CopyObject ignores If-Match"),
        Behaviour.MISSING_REFUSED: Gap(DONE, "CopyObject ignores If-Match"),
        Behaviour.MULTIPART_REPLACEMENT_REFUSED: Gap(DONE, "it knows If-None-Match only"),
        Behaviour.PART_SOURCE_CHANGE_REFUSED: Gap(DONE, "it ignores x-amz-copy-source-if-match"),
        Behaviour.RANGE_CHECKED: Gap(True, "it cuts a range that is too long"),
        Behaviour.SIZE_CHECKED: Gap(DONE, "it ignores x-amz-mp-object-size"),
        Behaviour.CHECKSUM_LISTED: Gap(["CRC32:", ""], "it names no type, and gives a multipart object no checksum"),
        Behaviour.PART_CHECKSUMS: Gap(([[], []], None), "only a HEAD tells a checksum, of parts there is none"),
        Behaviour.PART_OF_NO_UPLOAD: Gap(Reason.SERVER, "it answers 500"),
        Behaviour.MISSING_SOURCE_OF_A_PART: Gap((404, Reason.UNCONFIRMED), "its 404 has no body"),
        Behaviour.OWN_404_OF_A_HEAD: Gap(Reason.UNCONFIRMED, "it calls the request id x-amzn-requestid"),
        Behaviour.TAGS_EMPTIED: Gap(Reason.SERVER, "it answers 500"),
        Behaviour.HEAD_OF_A_PART: Gap(Reason.CHANGED, "it matches the part's ETag in place of the object's"),
        Behaviour.HEAD_OF_NO_PART: Gap(500, "it answers 500"),
        Behaviour.MANY_HEADERS: Gap(Reason.UNKNOWN, "it is written with http.server, which reads 100 headers"),
    },
    "rgw": {
        Behaviour.EXPECTED_OWNER_CHECKED: Gap(DONE, "it ignores the expected-owner headers"),
        Behaviour.TAGS_REPLACED: Gap({"team": "data", "tier": "gold"}, "it ignores TaggingDirective"),
        Behaviour.TAGS_DROPPED: Gap({"team": "data", "tier": "gold"}, "it ignores TaggingDirective"),
        Behaviour.SOURCE_CHANGE_REFUSED: Gap(DONE, "it ignores x-amz-copy-source-if-match"),
        Behaviour.OVERWRITE_REFUSED: Gap(DONE, "it ignores If-None-Match"),
        Behaviour.REPLACEMENT_REFUSED: Gap(DONE, "it ignores If-Match"),
        Behaviour.MISSING_REFUSED: Gap(DONE, "it ignores If-Match"),
        Behaviour.STORAGE_CLASSES: Gap(Reason.INVALID, "a class must be one of the zone's, which has STANDARD only"),
        Behaviour.ARCHIVED_REFUSED: Gap(Reason.INVALID, "a class must be one of the zone's, which has STANDARD only"),
        Behaviour.CHECKSUMS_TOLD: Gap([None] * 3, "it has no checksums"),
        Behaviour.CHECKSUM_LISTED: Gap(["", ""], "it has no checksums"),
        Behaviour.CHECKSUM_CHANGED: Gap(None, "it has no checksums"),
        Behaviour.COPY_IS_SINGLE_PART: Gap("kept", "it keeps the -N ETag"),
        Behaviour.PART_SOURCE_CHANGE_REFUSED: Gap(DONE, "it ignores x-amz-copy-source-if-match"),
        Behaviour.MULTIPART_OVERWRITE_REFUSED: Gap(DONE, "it ignores If-None-Match"),
        Behaviour.MULTIPART_REPLACEMENT_REFUSED: Gap(DONE, "it ignores If-Match"),
        Behaviour.PARTS_ACROSS_ACCOUNTS: Gap(Reason.DENIED, "it asks the object's ACL, never the bucket's policy"),
        Behaviour.SIZE_CHECKED: Gap(DONE, "it ignores x-amz-mp-object-size"),
        Behaviour.COMPLETE_TELLS_ETAG: Gap("", "the ETag in the answer is empty: HEAD tells it"),
        Behaviour.PART_CHECKSUMS: Gap(([[], []], None), "it has no checksums"),
        Behaviour.PERCENT_SIGN_IN_PARTS: Gap(Reason.TIMED_OUT, "the gateway dies, which is why it is one of its own"),
        Behaviour.MISSING_SOURCE_OF_A_PART: Gap(
            (403, Reason.DENIED), "it asks the object's ACL, and there is none without an object"
        ),
        Behaviour.UPLOAD_TAGGED: Gap({}, "it ignores the tags of CreateMultipartUpload"),
        Behaviour.HEAD_OF_A_PART: Gap([(5 * 2**20 + 7, None)] * 2, "it ignores partNumber"),
        Behaviour.HEAD_OF_NO_PART: Gap(200, "it ignores partNumber"),
        Behaviour.DELETE_GUARDED: Gap(DONE, "it ignores If-Match on DeleteObject"),
        Behaviour.LATIN_METADATA: Gap("=?UTF-8?Q?caf=E9?=", "it tells RFC 2047 in place of what is no UTF-8"),
        Behaviour.REGION_TOLD: Gap(None, "no answer names a Region"),
    },
}


def expect(server: str, behaviour: Behaviour, found: object, right: object) -> None:
    """Assert that a server does what S3 does, or else exactly what its gap says."""
    gap = GAPS.get(server, {}).get(behaviour)
    if gap is None:
        assert found == right, f"{server}: {behaviour.value}"
        return
    assert found != right, f"{server} does it right by now ({behaviour.value}): remove its entry from gaps.py"
    assert found == gap.instead, f"{server}: {behaviour.value}: {gap.why}"
