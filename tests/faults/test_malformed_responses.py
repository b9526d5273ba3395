"""A run that meets an answer which is none ends with its summary: what is odd is named, and nothing is lost by it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from s3_crosscopy import Reason, RetryableFailure
from tests.faults.fault_scripts import change_answer, in_bucket, of_key
from tests.faults.harness import KEYS, SOURCE_PREFIX, World
from tests.servers.http_messages import Response

Change = Callable[[Response], Response]


def without(*members: str) -> Change:
    """The listing's rows lack these members."""
    return rewritten(rb"<(%s)>[^<]*</\1>" % "|".join(members).encode(), b"")


def rewritten(pattern: bytes, by: bytes) -> Change:
    """Its text is another one."""
    return lambda said: replace(said, body=re.sub(pattern, by, said.body))


def instead(body: bytes) -> Change:
    """Something else came."""
    return lambda said: replace(said, body=body)


def zipped(said: Response) -> Response:
    return replace(said, body=gzip.compress(said.body))


def without_time(said: Response) -> Response:
    """What a proxy answers to a HEAD: it knows of no object."""
    return replace(said, headers={name: v for name, v in said.headers.items() if name.lower() != "last-modified"})


LISTINGS = [
    pytest.param(without("Size"), "has no Size", id="no-size"),
    pytest.param(without("LastModified"), "has no LastModified", id="no-time"),
    pytest.param(without("Key"), "a row of the listing has no Key", id="no-key"),
    pytest.param(rewritten(rb"(?<=<LastModified>)[^<]*", b"yesterday"), "'yesterday' is no time", id="yesterday"),
    pytest.param(rewritten(rb"(?<=<Size>)[^<]*", b"-5"), "is -5, which is below 0", id="negative"),
    pytest.param(rewritten(rb"(?<=<Size>)[^<]*", b"some"), "is 'some', which is no whole number", id="word"),
    pytest.param(zipped, "compressed with gzip", id="gzip"),
    pytest.param(instead(b'{"keys": []}'), "JSON, not XML", id="json"),
    pytest.param(instead(b"<html><body>sign in</body></html>"), "a page of HTML", id="html"),
    pytest.param(instead(b""), "has no IsTruncated", id="empty"),
]


@pytest.mark.parametrize(
    ("side", "change", "says"),
    [
        *(pytest.param("source", *one.values, id=one.id) for one in LISTINGS),
        pytest.param("dest", without("LastModified"), "has no LastModified", id="dest-no-time"),
        pytest.param("dest", instead(b""), "has no IsTruncated", id="dest-empty"),
    ],
)
def test_an_odd_listing_ends_the_run_with_its_summary_and_is_never_a_short_one(
    world: World, side: str, change: Change, says: str
) -> None:
    world.seed()
    for key in KEYS:
        world.put_dest(key, b"old")
    bucket = world.source if side == "source" else world.dest
    world.script(in_bucket(bucket, change_answer(world.stub, "ListObjectsV2", change, times=99)))

    ended = world.run()

    assert isinstance(ended.error, RetryableFailure)
    assert "the listing was refused: ListObjectsV2 on s3://" in ended.report.stopped
    assert says in str(ended.error)
    assert "\n" not in str(ended.error)
    assert {value[0] for value in world.at_dest().values()} == {b"old"}
    world.finish()


def test_a_head_that_is_odd_once_costs_a_second_look(world: World) -> None:
    world.seed()
    world.script(of_key("z", change_answer(world.stub, "HeadObject", without_time)))

    report = world.copy(metadata="drop")

    assert report.ok
    assert report.counts["copied"] == len(KEYS)


def test_a_head_that_stays_odd_fails_its_key_and_no_other(world: World) -> None:
    world.seed()
    world.script(of_key("z", change_answer(world.stub, "HeadObject", without_time, times=99)))

    ended = world.run(metadata="drop")

    (failure,) = ended.report.failures
    assert isinstance(ended.error, RetryableFailure)
    assert (failure.key, failure.reason, failure.code) == (f"{SOURCE_PREFIX}z", Reason.SERVER, "UnreadableAnswer")
    assert failure.message == "the answer has no LastModified"
    assert ended.report.counts["copied"] == len(KEYS) - 1


@pytest.mark.parametrize("time", [b"yesterday", b"0001-01-01T00:00:00.000Z"])
def test_a_copy_whose_time_nobody_knows_is_not_taken_for_a_newer_one(world: World, time: bytes) -> None:
    world.seed()
    for key in KEYS:
        world.put_dest(key, world.at_source()[key][0])
    change = rewritten(rb"(?<=<LastModified>)[^<]*", time)
    world.script(in_bucket(world.source, change_answer(world.stub, "ListObjectsV2", change, times=99)))

    ended = world.run(compare="mtime")

    assert isinstance(ended.error, RetryableFailure)
    assert ended.report.counts["skipped"] == 0
