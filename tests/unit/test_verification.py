from __future__ import annotations

import hashlib

import pytest
from tests.unit.value_samples import LATER, MD5, OTHER_MD5, THEN, facts, listed

from s3_crosscopy.core.transfer.verification import (
    listed_as_it_should_be,
    multipart_etag,
    same_content,
    verify_multipart,
    verify_single,
)
from s3_crosscopy.model.objects import Checksum, Facts, Listed, Part
from s3_crosscopy.model.operations import Copied
from s3_crosscopy.model.outcomes import Verified

CRC = Checksum("CRC64NVME", "FULL_OBJECT", "AAAA")
OTHER_CRC = Checksum("CRC64NVME", "FULL_OBJECT", "BBBB")
SHA = Checksum("SHA256", "FULL_OBJECT", "AAAA")
PARTWISE = Checksum("SHA256", "COMPOSITE", "AAAA-2")


@pytest.mark.parametrize(
    ("checksum", "copied", "expected"),
    [
        (None, Copied(MD5), Verified.ETAG),
        (CRC, Copied(MD5, CRC), Verified.ETAG),
        (CRC, Copied(OTHER_MD5, CRC), Verified.CHECKSUM),
        (CRC, Copied(OTHER_MD5, OTHER_CRC), None),  # provably another content
        # Nothing to compare, or what cannot be compared: `otherwise`.
        (None, Copied(OTHER_MD5), "otherwise"),
        (None, Copied(""), "otherwise"),
        (None, Copied(OTHER_MD5, CRC), "otherwise"),
        (CRC, Copied(OTHER_MD5), "otherwise"),
        (CRC, Copied(OTHER_MD5, SHA), "otherwise"),
        (PARTWISE, Copied(OTHER_MD5, PARTWISE), "otherwise"),
        (SHA, Copied(OTHER_MD5, PARTWISE), "otherwise"),
        (PARTWISE, Copied(OTHER_MD5, SHA), "otherwise"),
    ],
)
def test_what_the_answers_prove(checksum: Checksum | None, copied: Copied, expected: Verified | str | None) -> None:
    # S3 checked the size of an upload when it was completed; CopyObject's answer has no size.
    otherwise = {verify_single: Verified.NONE, verify_multipart: Verified.SIZE}
    for verify, without_proof in otherwise.items():
        wanted = without_proof if expected == "otherwise" else expected
        assert verify(listed(etag=MD5), checksum, copied) is wanted


def part(number: int, etag: str) -> Part:
    return Part(number, etag, {})


def test_the_etag_of_an_upload_is_the_md5_of_its_parts_md5s_and_their_number() -> None:
    # Known from S3: two parts of 5 MiB zeros. Written out so that the formula is not compared with itself.
    zeros = "5f363e0e58a95f06cbe9bbc662c5dfb6"
    assert hashlib.md5(bytes(5 * 2**20)).hexdigest() == zeros
    both = hashlib.md5(bytes.fromhex(zeros + zeros)).hexdigest()
    assert multipart_etag([part(1, zeros), part(2, zeros)]) == f"{both}-2"
    assert multipart_etag([part(1, MD5)]) == f"{hashlib.md5(bytes(16)).hexdigest()}-1"


def test_parts_count_in_their_numbers_order_however_they_ended() -> None:
    first, second = part(1, MD5), part(2, OTHER_MD5)
    assert multipart_etag([second, first]) == multipart_etag([first, second])
    assert multipart_etag([part(1, OTHER_MD5), part(2, MD5)]) != multipart_etag([first, second])


@pytest.mark.parametrize(
    "parts",
    [
        [],
        [part(1, "no hex")],
        [part(1, MD5), part(2, "")],
        [part(1, MD5 + "00")],
        [part(1, f"{MD5}-1")],
    ],
)
def test_parts_whose_etags_are_no_md5s_tell_no_etag_of_the_whole(parts: list[Part]) -> None:
    assert multipart_etag(parts) == ""


@pytest.mark.parametrize(
    ("source", "there", "expected"),
    [
        (facts(etag=MD5), facts(etag=MD5), Verified.ETAG),
        (facts(etag=MD5), facts(etag=OTHER_MD5), None),
        (facts(size=1, etag=MD5), facts(size=2, etag=MD5), None),
        (facts(etag=MD5, checksum=CRC), facts(etag=OTHER_MD5, checksum=CRC), Verified.CHECKSUM),
        (facts(etag=MD5, checksum=CRC), facts(etag=OTHER_MD5, checksum=OTHER_CRC), None),
        (facts(etag=MD5, checksum=CRC), facts(etag=OTHER_MD5, checksum=SHA), None),
        (facts(etag=MD5, checksum=PARTWISE), facts(etag=OTHER_MD5, checksum=PARTWISE), None),
        (facts(etag=MD5, checksum=CRC), facts(etag=OTHER_MD5), None),
        (facts(size=1, checksum=CRC), facts(size=2, checksum=CRC), None),
    ],
)
def test_an_object_that_no_answer_told_of_is_the_copy_only_if_something_proves_it(
    source: Facts, there: Facts, expected: Verified | None
) -> None:
    assert same_content(source, there) is expected


@pytest.mark.parametrize(
    ("source", "dest", "began", "wrong"),
    [
        (listed(), listed(), THEN, ""),
        (listed(), None, THEN, "is not at the destination"),
        (listed(size=1), listed(size=2000), THEN, "has 2,000 bytes at the destination, 1 at the source"),
        # The run that ended could not know what was written after it began.
        (listed(modified=LATER), None, THEN, ""),
        (listed(size=1, modified=LATER), listed(size=2), THEN, ""),
        (listed(modified=THEN), None, THEN, "is not at the destination"),
        # No server told its clock: then nothing is excused.
        (listed(modified=LATER), None, "", "is not at the destination"),
        # ETags differ with the part layout and with KMS.
        (listed(etag=MD5), listed(etag=OTHER_MD5), THEN, ""),
    ],
)
def test_two_listings_tell_what_is_absent_or_of_another_size(
    source: Listed, dest: Listed | None, began: str, wrong: str
) -> None:
    assert listed_as_it_should_be(source, dest, began) == wrong
