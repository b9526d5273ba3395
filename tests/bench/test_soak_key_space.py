"""The soak's keys, listings and counts are right: what else would its findings rest on."""

from __future__ import annotations

import hashlib

import pytest
from bench.soak.destination import There, there_at_first
from bench.soak.key_space import (
    PER,
    Keys,
    Place,
    Trouble,
    copy_etag,
    folder,
    name,
    part_etag,
    parts_of,
    place,
    source_etag,
    trouble_number,
    trouble_of,
)
from bench.soak.list_pages import Pages
from bench.soak.s3_operations import S3

from s3_crosscopy.adapters.boto.list_parser import read_page
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Page
from s3_crosscopy.model.operations import ListPage, Side

KEYS = 30 * PER


def listed(pages: Pages, bucket: str, **query: str) -> Page:
    above = {"src": "data/", "dst": "in/"}[bucket]
    body = pages.page(bucket, {"prefix": above, **{name.replace("_", "-"): value for name, value in query.items()}})
    page = read_page(ListPage(Side.SOURCE, Bucket(bucket), above), body, "Wed, 01 Jan 2020 00:00:00 GMT")
    assert page is not None
    return page


def whole(pages: Pages, bucket: str, most: int) -> list[str]:
    page = listed(pages, bucket, max_keys=str(most))
    keys = [row.key for row in page.objects]
    while page.next_token is not None:
        page = listed(pages, bucket, max_keys=str(most), continuation_token=page.next_token)
        keys += [row.key for row in page.objects]
    return keys


def copied(s3: S3, index: int, *, of: int | None = None, etag: str | None = None) -> bytes | None:
    key = s3.there.keys[index]
    source = s3.there.keys[index if of is None else of]
    head = (
        f"PUT /dst/in/{key} HTTP/1.1\r\nx-amz-copy-source: src/data/{source}\r\n"
        f"x-amz-copy-source-if-match: {etag or source_etag(place(index))}"
    )
    return s3.answer(head.encode(), b"")


def test_the_keys_are_in_order_and_each_is_found_by_its_name() -> None:
    keys = Keys(KEYS)
    every = list(keys)
    assert every == sorted(every)
    assert [keys.index(key) for key in every[:: PER // 3]] == list(range(0, KEYS, PER // 3))
    assert keys.after(every[1500]) == 1501
    assert keys.below(folder(3)) == (3 * PER, 4 * PER)


def test_the_source_is_listed_whole_in_pages_of_any_size() -> None:
    keys = Keys(3 * PER)
    pages = Pages(There(keys, fresh=10))
    assert whole(pages, "src", 1000) == whole(pages, "src", 370) == [f"data/{key}" for key in keys]
    after = listed(pages, "src", start_after=f"data/{keys[1499]}", max_keys="2")
    assert [row.key for row in after.objects] == [f"data/{keys[1500]}", f"data/{keys[1501]}"]


@pytest.mark.parametrize("fresh", [0, 1, 8])
def test_the_destination_lists_what_is_there_and_what_was_copied(fresh: int) -> None:
    there = There(Keys(KEYS), fresh)
    pages = Pages(there)
    for index in (5, 17, 2_345, KEYS - 1):
        if not there.state[index]:
            there.arrived(index)
    expected = [
        f"in/{key}"
        for index, key in enumerate(there.keys)
        if there_at_first(place(index), fresh) or index in (5, 17, 2_345, KEYS - 1)
    ]
    assert whole(pages, "dst", 1000) == whole(pages, "dst", 333) == expected


def test_a_copy_is_dated_later_than_what_was_there_and_has_the_etag_of_its_parts() -> None:
    there = There(Keys(PER * 10), fresh=1)
    rows = {row.key: row for row in listed(Pages(there), "dst").objects}
    there.arrived(0)
    new = listed(Pages(there), "dst").objects[0]
    # The first partition is empty at first, of the second the odd ones are there.
    old = rows[f"in/{folder(1)}{name(937)}"]
    assert new.key == f"in/{folder(0)}_SUCCESS"
    assert old.modified < new.modified
    large = Place(2, 37)
    digest = hashlib.md5(b"".join(bytes.fromhex(part_etag(large, i)) for i in (1, 2, 3)), usedforsecurity=False)
    assert copy_etag(large) == source_etag(large) == f"{digest.hexdigest()}-3"
    assert copy_etag(Place(2, 937)) != source_etag(Place(2, 937))


def test_the_server_counts_a_copy_of_another_key_and_of_another_version() -> None:
    s3 = S3(There(Keys(PER * 10), fresh=10), 900)
    assert b"400 Bad" in (copied(s3, 5, of=6) or b"")
    assert b" 412 " in (copied(s3, 5, etag="0" * 32) or b"")
    assert s3.there.counts == {"from another key": 1, "of another version": 1}
    assert b"200 OK" in (copied(s3, 5) or b"")
    assert b"200 OK" in (copied(s3, 5) or b"")
    assert s3.there.counts["again, small"] == 1


def test_the_server_counts_a_marker_that_comes_before_the_last_data() -> None:
    there = There(Keys(PER * 10), fresh=0)
    missing = [index for index in range(1, PER) if not there.state[index]]
    for index in missing[1:]:
        there.arrived(index)
    there.arrived(0)
    assert there.counts["markers too early"] == 1
    there = There(Keys(PER * 10), fresh=0)
    for index in [*missing, 0]:
        there.arrived(index)
    assert there.counts["markers too early"] == 0
    assert there.lacks() == {"data": 0, "markers": 0}


def test_the_server_counts_what_was_there_and_is_copied_for_nothing() -> None:
    there = There(Keys(PER * 10), fresh=0)
    there.arrived(5 * PER + 7)
    assert there.counts == {"needless": 1}


def test_one_key_of_a_partition_fails_and_it_is_neither_marker_nor_large() -> None:
    numbers = [trouble_number(partition) for partition in range(5000)]
    assert all(0 < number < PER and parts_of(number) == 1 for number in numbers)
    assert {trouble_of(Place(partition, numbers[partition])) for partition in range(12)} == set(Trouble) - {
        Trouble.NONE
    }


def test_a_denied_key_is_copied_once_it_is_mended() -> None:
    s3 = S3(There(Keys(PER * 10), fresh=10), 900)
    index = PER + trouble_number(1)
    assert trouble_of(place(index)) is Trouble.DENIED
    assert b"AccessDenied" in (copied(s3, index) or b"")
    s3.switches.mended = True
    assert b"200 OK" in (copied(s3, index) or b"")


def test_in_an_outage_nothing_is_answered_but_503() -> None:
    s3 = S3(There(Keys(PER * 10), fresh=10), 900)
    s3.switches.outage = True
    assert b" 503 " in (copied(s3, 5) or b"")
    assert b" 503 " in (s3.answer(b"GET /src?list-type=2&prefix=data/ HTTP/1.1", b"") or b"")
    assert s3.there.counts == {}
