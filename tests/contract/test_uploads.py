"""A multipart copy through the port: create, parts, complete or abort, with everything that S3 checks on the way."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from s3_crosscopy.core.transfer.preconditions import precondition
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Checksum, Part
from s3_crosscopy.model.operations import Copied
from s3_crosscopy.model.outcomes import Reason
from tests.contract.server_differences import DONE, Behaviour
from tests.contract.subjects import ETAG_OF_NOTHING, Subject, outcome
from tests.contract.test_copying import HEADERS, METADATA, TAGGING, TAGS

PART = 5 * 2**20
FIRST, LAST = b"x" * PART, b"the end"
DATA = FIRST + LAST
SIZE = len(DATA)
CRC32_OF_DATA = "vVpLMw=="


def prepare(s3: Subject, key: str = "key") -> str:
    """A large source that the copier may copy in parts; its ETag."""
    etag = s3.put(key, DATA)
    s3.allow_parts(key)
    return etag


def both_parts(s3: Subject, etag: str, upload_id: str, key: str = "key") -> list[Part]:
    return [s3.part(key, etag, upload_id, 1, 0, PART - 1), s3.part(key, etag, upload_id, 2, PART, SIZE - 1)]


def complete(s3: Subject, upload_id: str, parts: Sequence[Part], **args: object) -> Copied:
    return s3.copier.complete_upload(s3.dest, "key", upload_id, parts, args)


def test_an_upload_arrives_with_data_headers_and_metadata(s3: Subject) -> None:
    etag = prepare(s3)
    upload_id = s3.copier.create_upload(s3.dest, "key", {"Metadata": METADATA, **HEADERS})

    copied = complete(s3, upload_id, both_parts(s3, etag, upload_id), MpuObjectSize=SIZE)

    facts = s3.copier.head(s3.dest, "key")
    assert s3.read("key") == DATA
    assert (facts.metadata, facts.content) == (METADATA, HEADERS)
    assert facts.etag.endswith("-2")
    s3.expect(Behaviour.COMPLETE_TELLS_ETAG, copied.etag, facts.etag)


def test_an_upload_has_the_tags_it_was_created_with(s3: Subject) -> None:
    etag = prepare(s3)
    upload_id = s3.copier.create_upload(s3.dest, "key", {"Tagging": TAGGING})

    complete(s3, upload_id, both_parts(s3, etag, upload_id))

    s3.expect(Behaviour.UPLOAD_TAGGED, s3.copier.tags(s3.dest, "key"), TAGS)


CONTROL = ["bell\x07.bin", "\x01\x1b[0m\x7f.bin", "tab\t.bin"]


@pytest.mark.parametrize("key", ["sp ace+.csv", "a//b", "../ünï?#", *CONTROL])
def test_an_awkward_key_is_copied_in_parts(s3: Subject, key: str) -> None:
    etag = s3.put(key, b"content")
    s3.allow_parts(key)
    upload_id = s3.copier.create_upload(s3.dest, key, {})

    part = s3.part(key, etag, upload_id, 1, 3, 6)
    s3.copier.complete_upload(s3.dest, key, upload_id, [part], {})

    assert s3.read(key) == b"tent"


@pytest.mark.parametrize("key", ["sp ace+%2B.csv", "a//b&<c>", "../ünï?#", *CONTROL])
def test_the_upload_of_an_awkward_key_is_found_and_aborted(s3: Subject, key: str) -> None:
    upload_id = s3.copier.create_upload(s3.dest, key, {})
    s3.copier.create_upload(s3.dest, f"{key}+", {})

    found = s3.copier.uploads_of(s3.dest, key)
    s3.copier.abort_upload(s3.dest, key, upload_id)

    assert [found_id for found_id, _ in found] == [upload_id]
    assert s3.copier.uploads_of(s3.dest, key) == []
    assert outcome(lambda: s3.copier.list_parts(s3.dest, key, upload_id)) is Reason.MISSING


def test_a_key_with_a_percent_sign_is_copied_in_parts(mortal_s3: Subject) -> None:
    s3 = mortal_s3
    etag = s3.put("100%.csv", b"content")
    s3.allow_parts("100%.csv")
    upload_id = s3.copier.create_upload(s3.dest, "100%.csv", {})

    found = outcome(lambda: s3.part("100%.csv", etag, upload_id, 1, 0, 6))

    s3.expect(Behaviour.PERCENT_SIGN_IN_PARTS, found, DONE)


def test_the_same_layout_gives_the_same_etag(s3: Subject) -> None:
    etag = s3.put_in_parts("key", [FIRST, LAST])
    s3.allow_parts("key")
    upload_id = s3.copier.create_upload(s3.dest, "key", {})

    complete(s3, upload_id, both_parts(s3, etag, upload_id))

    assert s3.copier.head(s3.dest, "key").etag == etag


def test_an_upload_lists_its_parts_in_order(s3: Subject) -> None:
    etag = prepare(s3)
    upload_id = s3.copier.create_upload(s3.dest, "key", {})
    assert s3.copier.list_parts(s3.dest, "key", upload_id) == []

    second = s3.part("key", etag, upload_id, 2, PART, SIZE - 1)
    first = s3.part("key", etag, upload_id, 1, 0, PART - 1)

    listed = s3.copier.list_parts(s3.dest, "key", upload_id)
    assert [part[:2] for part in listed] == [first[:2], second[:2]]


def test_an_upload_is_not_there_before_it_is_completed(s3: Subject) -> None:
    etag = prepare(s3)
    upload_id = s3.copier.create_upload(s3.dest, "key", {})
    both_parts(s3, etag, upload_id)

    s3.expect(Behaviour.OWN_404_OF_A_HEAD, outcome(lambda: s3.copier.head(s3.dest, "key")), Reason.MISSING)


def test_an_aborted_upload_is_gone_and_may_be_aborted_again(s3: Subject) -> None:
    etag = prepare(s3)
    upload_id = s3.copier.create_upload(s3.dest, "key", {})
    s3.part("key", etag, upload_id, 1, 0, PART - 1)

    s3.copier.abort_upload(s3.dest, "key", upload_id)
    s3.copier.abort_upload(s3.dest, "key", upload_id)

    assert outcome(lambda: s3.copier.list_parts(s3.dest, "key", upload_id)) is Reason.MISSING
    found = outcome(lambda: s3.part("key", etag, upload_id, 1, 0, PART - 1))
    s3.expect(Behaviour.PART_OF_NO_UPLOAD, found, Reason.MISSING)


def test_a_part_of_a_source_that_changed_is_refused(s3: Subject) -> None:
    prepare(s3)
    upload_id = s3.copier.create_upload(s3.dest, "key", {})

    found = outcome(lambda: s3.part("key", ETAG_OF_NOTHING, upload_id, 1, 0, PART - 1))

    s3.expect(Behaviour.PART_SOURCE_CHANGE_REFUSED, found, Reason.CHANGED)


def test_a_part_of_a_missing_source_says_so(s3: Subject) -> None:
    upload_id = s3.copier.create_upload(s3.dest, "key", {})

    with pytest.raises(S3Error) as caught:
        s3.part("key", ETAG_OF_NOTHING, upload_id, 1, 0, 1)

    error = caught.value
    assert (error.call, error.bucket, error.key) == ("UploadPartCopy", s3.source.name, "key")
    s3.expect(Behaviour.MISSING_SOURCE_OF_A_PART, (error.status, error.reason), (404, Reason.MISSING))


def test_a_part_that_ends_behind_its_source_is_refused(s3: Subject) -> None:
    etag = s3.put("key", b"content")
    s3.allow_parts("key")
    upload_id = s3.copier.create_upload(s3.dest, "key", {})

    found = outcome(lambda: s3.part("key", etag, upload_id, 1, 0, 7))

    # S3 says InvalidArgument; RGW says InvalidRange, which is as good.
    s3.expect(Behaviour.RANGE_CHECKED, found == DONE, False)


def test_a_grant_on_the_bucket_is_enough_to_copy_parts(s3: Subject) -> None:
    etag = s3.put("key", b"content")
    upload_id = s3.copier.create_upload(s3.dest, "key", {})

    found = outcome(lambda: s3.part("key", etag, upload_id, 1, 0, 6))

    s3.expect(Behaviour.PARTS_ACROSS_ACCOUNTS, found, DONE)


def test_an_upload_of_another_size_than_announced_is_refused(s3: Subject) -> None:
    etag = prepare(s3)
    upload_id = s3.copier.create_upload(s3.dest, "key", {})
    parts = both_parts(s3, etag, upload_id)

    found = outcome(lambda: complete(s3, upload_id, parts, MpuObjectSize=SIZE + 1))

    s3.expect(Behaviour.SIZE_CHECKED, found, Reason.INVALID)


def test_an_upload_whose_key_must_be_new_is_refused_when_it_is_there(s3: Subject) -> None:
    etag = prepare(s3)
    s3.copy("key", etag)
    upload_id = s3.copier.create_upload(s3.dest, "key", {})
    parts = both_parts(s3, etag, upload_id)

    found = outcome(lambda: complete(s3, upload_id, parts, IfNoneMatch="*"))

    s3.expect(Behaviour.MULTIPART_OVERWRITE_REFUSED, found, Reason.CHANGED)


@pytest.mark.parametrize("same", [True, False])
def test_an_upload_whose_key_must_have_an_etag_is_refused_when_it_has_another_one(s3: Subject, same: bool) -> None:
    etag = prepare(s3)
    there = s3.copy("key", etag).etag
    upload_id = s3.copier.create_upload(s3.dest, "key", {})
    parts = both_parts(s3, etag, upload_id)

    expected = precondition(there if same else ETAG_OF_NOTHING)
    found = outcome(lambda: complete(s3, upload_id, parts, **expected))

    if same:
        assert found == DONE
    else:
        s3.expect(Behaviour.MULTIPART_REPLACEMENT_REFUSED, found, Reason.CHANGED)


def test_an_upload_with_a_small_part_before_its_last_is_refused(s3: Subject) -> None:
    etag = prepare(s3)
    upload_id = s3.copier.create_upload(s3.dest, "key", {})
    parts = [s3.part("key", etag, upload_id, 1, 0, 9), s3.part("key", etag, upload_id, 2, 10, 19)]

    with pytest.raises(S3Error) as caught:
        complete(s3, upload_id, parts)

    assert (caught.value.code, caught.value.status) == ("EntityTooSmall", 400)


def test_a_part_that_was_never_copied_cannot_be_completed(s3: Subject) -> None:
    etag = prepare(s3)
    upload_id = s3.copier.create_upload(s3.dest, "key", {})
    part = s3.part("key", etag, upload_id, 1, 0, PART - 1)

    with pytest.raises(S3Error) as caught:
        complete(s3, upload_id, [part, Part(2, part.etag, {})])

    assert (caught.value.code, caught.value.status) == ("InvalidPart", 400)


def test_checksums_of_parts_add_up_to_that_of_the_whole(s3: Subject) -> None:
    etag = prepare(s3)
    asked = {"ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"}
    upload_id = s3.copier.create_upload(s3.dest, "key", asked)
    parts = both_parts(s3, etag, upload_id)

    copied = complete(s3, upload_id, parts, ChecksumType="FULL_OBJECT")

    found = ([sorted(part.checksums) for part in parts], copied.checksum)
    right = ([["ChecksumCRC32"]] * 2, Checksum("CRC32", "FULL_OBJECT", CRC32_OF_DATA))
    s3.expect(Behaviour.PART_CHECKSUMS, found, right)
