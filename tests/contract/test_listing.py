"""A listing: every key once, in the order of its bytes, whatever the pages."""

from __future__ import annotations

import re

import pytest

from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Listed, Page
from s3_crosscopy.model.operations import ListPage, Side
from s3_crosscopy.model.outcomes import Reason
from tests.contract.keys import AWKWARD
from tests.contract.server_differences import DONE, Behaviour
from tests.contract.subjects import STRANGER_ID, Subject, outcome
from tests.contract.test_uploads import FIRST, LAST

KEYS = ["a", "a/1", "a/2", "a/3", "ab", "b/1"]
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"


def page(s3: Subject, prefix: str = "", start_after: str = "", token: str | None = None, most: int = 1000) -> Page:
    return s3.reader.list_page(ListPage(Side.SOURCE, s3.source, prefix, start_after, token, most))


def keys(s3: Subject, prefix: str = "", start_after: str = "") -> list[str]:
    return [row.key for row in page(s3, prefix, start_after).objects]


def fill(s3: Subject) -> None:
    for key in KEYS:
        s3.put(key)


def test_keys_come_in_the_order_of_their_bytes_whatever_is_in_them(s3: Subject) -> None:
    for key in AWKWARD:
        s3.put(key, b"" if key.endswith("/") else b"content")

    assert keys(s3) == sorted(AWKWARD, key=str.encode)


def test_a_row_says_what_a_head_says(s3: Subject) -> None:
    s3.put("key", b"some content")

    (row,) = page(s3).objects

    facts = s3.reader.head(s3.source, "key")
    assert row == Listed("key", 12, facts.etag, row.modified, "STANDARD", checksum=row.checksum)
    assert row.modified[:19] == facts.modified[:19]
    assert re.fullmatch(TIME, row.modified)


def test_a_row_names_the_checksums_of_its_object(s3: Subject) -> None:
    s3.put("key", b"some content", ChecksumAlgorithm="CRC32")
    s3.put_in_parts("parts", [FIRST, LAST])

    named = [row.checksum for row in page(s3).objects]

    s3.expect(Behaviour.CHECKSUM_LISTED, named, ["CRC32:FULL_OBJECT", "CRC32:COMPOSITE"])


def test_a_zero_byte_marker_is_an_object(s3: Subject) -> None:
    s3.put("dir/", b"")

    assert [(row.key, row.size) for row in page(s3).objects] == [("dir/", 0)]


@pytest.mark.parametrize("most", [1, 2, 3, 5, 6, 7])
def test_pages_of_any_size_add_up_to_the_whole(s3: Subject, most: int) -> None:
    fill(s3)
    pages = [page(s3, most=most)]
    while pages[-1].next_token is not None:
        pages.append(page(s3, token=pages[-1].next_token, most=most))

    assert [row.key for one in pages for row in one.objects] == KEYS
    assert [len(one.objects) for one in pages[:-1]] == [most] * (len(pages) - 1)
    s3.expect(Behaviour.LAST_PAGE_IS_NOT_EMPTY, pages[-1].objects != [], True)


def test_a_token_keeps_the_prefix_and_the_start(s3: Subject) -> None:
    fill(s3)
    first = page(s3, "a/", "a/1", most=1)

    second = page(s3, "a/", "a/1", first.next_token, most=1)

    assert [row.key for row in first.objects + second.objects] == ["a/2", "a/3"]
    assert second.next_token is None


def test_a_listing_begins_behind_start_after_whether_that_key_exists_or_not(s3: Subject) -> None:
    fill(s3)

    assert keys(s3, start_after="a/2") == ["a/3", "ab", "b/1"]
    assert keys(s3, start_after="a/2!") == ["a/3", "ab", "b/1"]
    assert keys(s3, start_after="zzz") == []


def test_start_after_may_be_an_awkward_key(s3: Subject) -> None:
    for key in AWKWARD:
        s3.put(key)
    ordered = sorted(AWKWARD)

    for number, key in enumerate(ordered):
        assert keys(s3, start_after=key) == ordered[number + 1 :], key


def test_a_prefix_is_a_string_and_no_directory(s3: Subject) -> None:
    fill(s3)

    assert keys(s3, "a") == ["a", "a/1", "a/2", "a/3", "ab"]
    assert keys(s3, "a/") == ["a/1", "a/2", "a/3"]
    assert keys(s3, "c") == []


def test_a_prefix_may_be_awkward(s3: Subject) -> None:
    for key in AWKWARD:
        s3.put(key)

    for key in AWKWARD:
        for prefix in {key, key[:-1]}:
            assert keys(s3, prefix) == sorted(one for one in AWKWARD if one.startswith(prefix)), prefix


def test_an_empty_listing_is_one_empty_last_page(s3: Subject) -> None:
    found = page(s3)

    assert (found.objects, found.next_token) == ([], None)


def test_a_page_has_the_servers_time(s3: Subject) -> None:
    s3.put("key")
    found = page(s3)

    assert re.fullmatch(TIME, found.date)
    assert found.date[:19] >= found.objects[0].modified[:19]


def test_a_missing_bucket_is_refused_and_named(s3: Subject) -> None:
    op = ListPage(Side.SOURCE, Bucket("no-such-bucket-anywhere"), "prefix/")

    with pytest.raises(S3Error) as caught:
        s3.reader.list_page(op)

    error = caught.value
    assert (error.call, error.bucket, error.key) == ("ListObjectsV2", "no-such-bucket-anywhere", "prefix/")
    assert (error.code, error.status, error.reason) == ("NoSuchBucket", 404, Reason.INVALID)
    assert error.request_id


def test_a_bucket_of_another_owner_than_expected_is_denied(s3: Subject) -> None:
    stranger = s3.source._replace(owner=STRANGER_ID)

    found = outcome(lambda: s3.reader.list_page(ListPage(Side.SOURCE, stranger, "")))

    s3.expect(Behaviour.EXPECTED_OWNER_CHECKED, found, Reason.DENIED)


def test_a_principal_without_a_grant_may_not_list(s3: Subject) -> None:
    op = ListPage(Side.SOURCE, s3.source, "")
    assert outcome(lambda: s3.copier.list_page(op)) == DONE

    s3.revoke()

    s3.expect(Behaviour.PERMISSIONS_ENFORCED, outcome(lambda: s3.copier.list_page(op)), Reason.DENIED)
