"""The cold requests about one object or one bucket: HEAD, tags, the Region, who signs."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.outcomes import Reason
from tests.contract.server_differences import Behaviour
from tests.contract.subjects import ETAG_OF_NOTHING, STRANGER_ID, Subject, outcome, told
from tests.contract.test_copying import HEADERS, METADATA, TAGGING, TAGS
from tests.contract.test_listing import TIME
from tests.contract.test_uploads import FIRST, LAST


def test_a_head_tells_the_facts(s3: Subject) -> None:
    etag = s3.put("key", b"some content", Metadata=METADATA, **HEADERS)

    facts = s3.reader.head(s3.source, "key")

    assert (facts.size, facts.etag, facts.storage_class) == (12, etag, "STANDARD")
    assert (facts.metadata, facts.content) == (METADATA, HEADERS)
    assert re.fullmatch(TIME, facts.modified)
    assert facts.parts is None


def test_a_head_with_the_etag_as_it_is_passes(s3: Subject) -> None:
    etag = s3.put("key")

    assert s3.reader.head(s3.source, "key", if_match=etag).etag == etag


def test_a_head_with_another_etag_is_refused(s3: Subject) -> None:
    s3.put("key")

    assert outcome(lambda: s3.reader.head(s3.source, "key", if_match=ETAG_OF_NOTHING)) is Reason.CHANGED


def test_a_missing_key_says_so_in_every_field(s3: Subject) -> None:
    with pytest.raises(S3Error) as caught:
        s3.reader.head(s3.source, "nothing/here")

    error = caught.value
    assert (error.call, error.bucket, error.key) == ("HeadObject", s3.source.name, "nothing/here")
    assert (error.code, error.status) == ("404", 404)
    s3.expect(Behaviour.OWN_404_OF_A_HEAD, error.reason, Reason.MISSING)
    assert str(error).startswith(f"HeadObject on s3://{s3.source.name}/nothing/here: 404: Not Found")


def test_a_head_across_accounts_needs_a_grant(s3: Subject) -> None:
    etag = s3.put("key")
    assert s3.copier.head(s3.source, "key").etag == etag

    s3.revoke()

    found = outcome(lambda: s3.copier.head(s3.source, "key"))
    s3.expect(Behaviour.PERMISSIONS_ENFORCED, found, Reason.DENIED)


def test_a_head_of_a_bucket_of_another_owner_is_denied(s3: Subject) -> None:
    s3.put("key")

    found = outcome(lambda: s3.reader.head(s3.source._replace(owner=STRANGER_ID), "key"))

    s3.expect(Behaviour.EXPECTED_OWNER_CHECKED, found, Reason.DENIED)


def test_a_head_of_a_part_tells_its_size_and_how_many_there_are(s3: Subject) -> None:
    etag = s3.put_in_parts("key", [FIRST, LAST])

    def sizes_and_counts() -> list[tuple[int, int | None]]:
        facts = [s3.reader.head(s3.source, "key", if_match=etag, part=number) for number in (1, 2)]
        return [(part.size, part.parts) for part in facts]

    s3.expect(Behaviour.HEAD_OF_A_PART, told(sizes_and_counts), [(len(FIRST), 2), (len(LAST), 2)])


def test_an_object_that_was_not_uploaded_in_parts_has_one_without_a_count(s3: Subject) -> None:
    s3.put("key", b"some content")

    facts = s3.reader.head(s3.source, "key", part=1)

    s3.expect(Behaviour.HEAD_OF_A_SINGLE_PART, (facts.size, facts.parts), (12, None))


def test_a_head_of_a_part_that_is_not_there_is_refused(s3: Subject) -> None:
    s3.put_in_parts("key", [FIRST, LAST])

    s3.expect(Behaviour.HEAD_OF_NO_PART, status_of(s3, "key", 3), 416)


def status_of(s3: Subject, key: str, part: int) -> int:
    """The status of a HEAD of one part; 200 when it is answered."""
    try:
        s3.reader.head(s3.source, key, part=part)
    except S3Error as error:
        return error.status
    return 200


def test_tags_are_told_and_replaced(s3: Subject) -> None:
    s3.put("key", Tagging=TAGGING)
    assert s3.reader.tags(s3.source, "key") == TAGS

    for tags in ({"a b+c=": "1/2 @:_-"}, {"a b+c=": "1/2 @:_-"}, {"another": ""}):
        s3.reader.put_tags(s3.source, "key", tags)
        assert s3.reader.tags(s3.source, "key") == tags


def test_no_tags_may_take_the_place_of_tags(s3: Subject) -> None:
    s3.put("key", Tagging=TAGGING)

    def tags_afterwards() -> Mapping[str, str]:
        s3.reader.put_tags(s3.source, "key", {})
        return s3.reader.tags(s3.source, "key")

    s3.expect(Behaviour.TAGS_EMPTIED, told(tags_afterwards), {})


def test_an_object_without_tags_has_none(s3: Subject) -> None:
    s3.put("key")

    assert s3.reader.tags(s3.source, "key") == {}


def test_tags_of_a_missing_key_are_missing(s3: Subject) -> None:
    assert outcome(lambda: s3.reader.tags(s3.source, "key")) is Reason.MISSING
    assert outcome(lambda: s3.reader.put_tags(s3.source, "key", TAGS)) is Reason.MISSING


def test_new_tags_leave_everything_else_as_it_was(s3: Subject) -> None:
    s3.put("key", Metadata=METADATA, **HEADERS)
    before = s3.reader.head(s3.source, "key")

    s3.reader.put_tags(s3.source, "key", TAGS)

    after = s3.reader.head(s3.source, "key")
    assert (after.etag, after.metadata, after.content) == (before.etag, before.metadata, before.content)


def test_an_object_is_deleted_as_long_as_it_has_the_etag(s3: Subject) -> None:
    etag = s3.put("key")

    s3.reader.delete_object(s3.source, "key", etag)

    s3.expect(Behaviour.OWN_404_OF_A_HEAD, outcome(lambda: s3.reader.head(s3.source, "key")), Reason.MISSING)


def test_another_object_in_its_place_is_not_deleted(s3: Subject) -> None:
    s3.put("key")

    found = outcome(lambda: s3.reader.delete_object(s3.source, "key", ETAG_OF_NOTHING))

    s3.expect(Behaviour.DELETE_GUARDED, found, Reason.CHANGED)


def test_deleting_needs_a_grant(s3: Subject) -> None:
    etag = s3.put("key")
    s3.revoke()

    found = outcome(lambda: s3.copier.delete_object(s3.source, "key", etag))

    s3.expect(Behaviour.PERMISSIONS_ENFORCED, found, Reason.DENIED)


def test_a_bucket_has_a_region_also_for_whom_it_is_denied(s3: Subject) -> None:
    s3.revoke()

    s3.expect(Behaviour.REGION_TOLD, s3.reader.region(s3.source), "us-east-1")
    s3.expect(Behaviour.REGION_TOLD, s3.copier.region(s3.source), "us-east-1")


def test_a_missing_bucket_has_no_region(s3: Subject) -> None:
    found = outcome(lambda: s3.reader.region(Bucket("no-such-bucket-anywhere")))
    s3.expect(Behaviour.OWN_404_OF_A_HEAD, found, Reason.MISSING)


def test_credentials_without_an_end_are_never_due_and_a_renewal_of_them_changes_nothing(s3: Subject) -> None:
    etag = s3.put("key")

    assert not s3.reader.refresh_due()
    s3.reader.renew()
    assert s3.reader.head(s3.source, "key").etag == etag
