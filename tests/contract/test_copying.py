"""CopyObject through the port: what arrives, what a directive changes, what a guard refuses."""

from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.operations import ABSENT, Copied
from s3_crosscopy.model.outcomes import Reason
from tests.contract.keys import AWKWARD
from tests.contract.server_differences import DONE, Behaviour
from tests.contract.subjects import ETAG_OF_NOTHING, STRANGER_ID, Subject, outcome, told

METADATA = {"one": "1", "two-words": "a b"}
HEADERS: dict[str, Any] = {
    "CacheControl": "max-age=60",
    "ContentDisposition": 'attachment; filename="x.csv"',
    "ContentEncoding": "gzip",
    "ContentLanguage": "de",
    "ContentType": "text/csv",
}
TAGS = {"team": "data", "tier": "gold"}
TAGGING = "team=data&tier=gold"
OTHER_METADATA = {"other": "value"}


def test_a_copy_has_the_data_and_answers_its_etag(s3: Subject) -> None:
    etag = s3.put("key", b"some content")

    copied = s3.copy("key", etag, "other/key")

    assert s3.read("other/key") == b"some content"
    assert copied.etag == etag == s3.copier.head(s3.dest, "other/key").etag


@pytest.mark.parametrize("key", AWKWARD)
def test_an_awkward_key_arrives_under_its_own_name(s3: Subject, key: str) -> None:
    etag = s3.put(key, key.encode())

    s3.copy(key, etag)

    assert s3.read(key) == key.encode()
    assert s3.copier.head(s3.dest, key, if_match=etag).size == len(key.encode())


def test_an_empty_object_arrives(s3: Subject) -> None:
    s3.copy("dir/", s3.put("dir/", b""))

    assert s3.read("dir/") == b""


def test_an_older_object_is_replaced(s3: Subject) -> None:
    s3.copy("first", s3.put("first", b"first"), "key")
    s3.copy("second", s3.put("second", b"second"), "key")

    assert s3.read("key") == b"second"


def test_metadata_and_content_headers_are_kept(s3: Subject) -> None:
    etag = s3.put("key", Metadata=METADATA, **HEADERS)

    s3.copy("key", etag)

    facts = s3.copier.head(s3.dest, "key")
    assert (facts.metadata, facts.content) == (METADATA, HEADERS)


def test_replaced_metadata_takes_only_what_is_sent_again(s3: Subject) -> None:
    etag = s3.put("key", Metadata=METADATA, **HEADERS)

    s3.copy("key", etag, MetadataDirective="REPLACE", Metadata=OTHER_METADATA, ContentType="text/plain")

    facts = s3.copier.head(s3.dest, "key")
    assert (facts.metadata, facts.content) == (OTHER_METADATA, {"ContentType": "text/plain"})


def test_metadata_can_be_dropped_while_content_headers_are_sent_again(s3: Subject) -> None:
    etag = s3.put("key", Metadata=METADATA, **HEADERS)

    s3.copy("key", etag, MetadataDirective="REPLACE", Metadata={}, **HEADERS)

    facts = s3.copier.head(s3.dest, "key")
    assert (facts.metadata, facts.content) == ({}, HEADERS)


def test_tags_are_kept(s3: Subject) -> None:
    s3.copy("key", s3.put("key", Tagging=TAGGING))

    s3.expect(Behaviour.TAGS_KEPT, s3.copier.tags(s3.dest, "key"), TAGS)


def test_tags_can_be_replaced(s3: Subject) -> None:
    s3.copy("key", s3.put("key", Tagging=TAGGING), TaggingDirective="REPLACE", Tagging="new=a%20b%2Bc%2F")

    s3.expect(Behaviour.TAGS_REPLACED, s3.copier.tags(s3.dest, "key"), {"new": "a b+c/"})


def test_tags_can_be_dropped(s3: Subject) -> None:
    s3.copy("key", s3.put("key", Tagging=TAGGING), TaggingDirective="REPLACE")

    s3.expect(Behaviour.TAGS_DROPPED, s3.copier.tags(s3.dest, "key"), {})


def test_a_source_that_changed_since_it_was_listed_is_refused(s3: Subject) -> None:
    s3.put("key")

    found = outcome(lambda: s3.copy("key", ETAG_OF_NOTHING))

    s3.expect(Behaviour.SOURCE_CHANGE_REFUSED, found, Reason.CHANGED)


def expecting(s3: Subject, etag: str, expected: str) -> Copied:
    return s3.copier.copy(s3.op("key", etag)._replace(expected=expected))


def test_a_key_that_must_be_new_is_copied_when_it_is(s3: Subject) -> None:
    expecting(s3, s3.put("key"), ABSENT)

    assert s3.read("key") == b"content"


def test_a_key_that_must_be_new_is_refused_when_it_is_there(s3: Subject) -> None:
    etag = s3.put("key")
    s3.copy("key", etag)

    found = outcome(lambda: expecting(s3, etag, ABSENT))

    s3.expect(Behaviour.OVERWRITE_REFUSED, found, Reason.CHANGED)


def test_a_key_that_must_have_an_etag_is_replaced_when_it_has_it(s3: Subject) -> None:
    there = s3.copy("key", s3.put("key", b"older")).etag

    expecting(s3, s3.put("key"), there)

    assert s3.read("key") == b"content"


def test_a_key_that_must_have_an_etag_is_refused_when_it_has_another_one(s3: Subject) -> None:
    s3.copy("key", s3.put("key", b"older"))
    etag = s3.put("key")

    found = outcome(lambda: expecting(s3, etag, ETAG_OF_NOTHING))

    s3.expect(Behaviour.REPLACEMENT_REFUSED, found, Reason.CHANGED)


def test_a_key_that_must_have_an_etag_is_missing_when_it_is_not_there(s3: Subject) -> None:
    etag = s3.put("key")

    found = outcome(lambda: expecting(s3, etag, ETAG_OF_NOTHING))

    s3.expect(Behaviour.MISSING_REFUSED, found, Reason.MISSING)


def test_a_missing_source_says_so_in_every_field(s3: Subject) -> None:
    with pytest.raises(S3Error) as caught:
        s3.copy("nothing/here", ETAG_OF_NOTHING, "dest/key")

    error = caught.value
    assert (error.call, error.bucket, error.key) == ("CopyObject", s3.source.name, "nothing/here")
    assert (error.code, error.status, error.reason) == ("NoSuchKey", 404, Reason.MISSING)
    assert error.request_id


def test_a_missing_source_bucket_is_refused(s3: Subject) -> None:
    op = s3.op("key", s3.put("key"))._replace(source=Bucket("no-such-bucket-anywhere"))

    assert outcome(lambda: s3.copier.copy(op)) is Reason.INVALID


def test_a_missing_destination_bucket_is_refused(s3: Subject) -> None:
    op = s3.op("key", s3.put("key"))._replace(dest=Bucket("no-such-bucket-anywhere"))

    assert outcome(lambda: s3.copier.copy(op)) is Reason.INVALID


def test_the_expected_owners_let_a_copy_pass(s3: Subject) -> None:
    source_owner, dest_owner = s3.owners
    op = s3.op("key", s3.put("key"))
    guarded = op._replace(source=op.source._replace(owner=source_owner), dest=op.dest._replace(owner=dest_owner))

    assert outcome(lambda: s3.copier.copy(guarded)) == DONE


@pytest.mark.parametrize("side", ["source", "dest"])
def test_another_owner_than_expected_is_refused_on_either_side(s3: Subject, side: str) -> None:
    op = s3.op("key", s3.put("key"))
    if side == "source":
        guarded = op._replace(source=op.source._replace(owner=STRANGER_ID))
    else:
        guarded = op._replace(dest=op.dest._replace(owner=STRANGER_ID))

    found = outcome(lambda: s3.copier.copy(guarded))

    s3.expect(Behaviour.EXPECTED_OWNER_CHECKED, found, Reason.DENIED)


def test_a_principal_without_a_grant_may_not_copy(s3: Subject) -> None:
    etag = s3.put("key")
    s3.revoke()

    found = outcome(lambda: s3.copy("key", etag))

    s3.expect(Behaviour.PERMISSIONS_ENFORCED, found, Reason.DENIED)


def test_a_copy_is_standard_unless_a_storage_class_is_named(s3: Subject) -> None:
    def classes() -> list[str]:
        etag = s3.put("key", StorageClass="STANDARD_IA")
        s3.copy("key", etag, "plain")
        s3.copy("key", etag, "named", StorageClass="STANDARD_IA")
        copies = [s3.copier.head(s3.dest, key).storage_class for key in ("plain", "named")]
        return [s3.reader.head(s3.source, "key").storage_class, *copies]

    s3.expect(Behaviour.STORAGE_CLASSES, told(classes), ["STANDARD_IA", "STANDARD", "STANDARD_IA"])


def test_an_archived_object_is_refused_as_such(s3: Subject) -> None:
    found = outcome(lambda: s3.copy("key", s3.put("key", StorageClass="GLACIER")))

    s3.expect(Behaviour.ARCHIVED_REFUSED, found, Reason.ARCHIVED)


def test_a_copy_answers_the_checksum_that_a_head_tells(s3: Subject) -> None:
    etag = s3.put("key", b"content", ChecksumAlgorithm="SHA256")

    copied = s3.copy("key", etag)

    all_told = [copied.checksum, s3.reader.head(s3.source, "key").checksum, s3.copier.head(s3.dest, "key").checksum]
    values = [checksum and (checksum.algorithm, checksum.value) for checksum in all_told]
    s3.expect(Behaviour.CHECKSUMS_TOLD, values, [("SHA256", "7XACtDnprIRfIjV9giusFERzD722AW0+yUMil7nsn3M=")] * 3)


def test_another_checksum_can_be_asked_for(s3: Subject) -> None:
    etag = s3.put("key", b"content", ChecksumAlgorithm="SHA256")

    s3.copy("key", etag, ChecksumAlgorithm="CRC32")

    checksum = s3.copier.head(s3.dest, "key").checksum
    s3.expect(Behaviour.CHECKSUM_CHANGED, checksum and checksum[0::2], ("CRC32", "/sUwqQ=="))


def test_the_etag_of_a_multipart_source_is_not_kept(s3: Subject) -> None:
    etag = s3.put_in_parts("key", [b"content"])
    assert etag.endswith("-1")

    copied = s3.copy("key", etag)

    found = "kept" if copied.etag == etag else copied.etag
    s3.expect(Behaviour.COPY_IS_SINGLE_PART, found, "9a0364b9e99bb480dd25e1f0284c8555")


def test_a_parameter_that_the_operation_does_not_have_is_never_sent(s3: Subject) -> None:
    with pytest.raises(S3Error) as caught:
        s3.copy("key", s3.put("key"), Colour="red")

    assert (caught.value.code, caught.value.status) == ("ParamValidationError", 0)
    assert caught.value.reason is Reason.INVALID
