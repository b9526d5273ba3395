"""Another writer at the destination, on both data paths: what it writes is never replaced without being seen."""

from __future__ import annotations

import random
import threading

import pytest

from s3_crosscopy.model.events import Warned
from tests.faults.harness import DEST_PREFIX, IN_PARTS, LARGE, World
from tests.servers.http_messages import Answer, Request
from tests.servers.s3_responses import error
from tests.servers.stub_rules import always
from tests.servers.stub_server import Rule

RACES = [f"race-{number:02}" for number in range(40)]


def preconditions(world: World, operation: str) -> dict[str, list[str]]:
    """What the writes of each key expected at the destination, in their order."""
    sent: dict[str, list[str]] = {}
    for request in world.stub.requests_of(operation):
        expected = request.headers["If-None-Match"] or request.headers["If-Match"] or ""
        sent.setdefault(request.key.removeprefix(DEST_PREFIX), []).append(expected)
    return sent


def writes_first(world: World, seed: int) -> Rule:
    """Another writer, who is faster with half of the copies."""
    dice, lock = random.Random(seed), threading.Lock()

    def rule(request: Request) -> Answer | None:
        if request.operation == "CopyObject":
            with lock:
                faster, content = dice.random() < 0.5, dice.randbytes(8)
            if faster:
                world.put_dest(request.key.removeprefix(DEST_PREFIX), content)
        return None

    return rule


def refuses_headers(status: int, code: str) -> Rule:
    def rule(request: Request) -> Answer | None:
        headers = request.headers
        if request.operation in ("CopyObject", "CompleteMultipartUpload"):
            return error(code, status) if headers["If-None-Match"] or headers["If-Match"] else None
        return None

    return rule


def test_each_write_is_sent_with_what_the_destination_had(world: World) -> None:
    world.seed(["a", "b"])
    world.put_dest("b", b"older object")
    etag = world.reader.head_object(Bucket=world.dest, Key=f"{DEST_PREFIX}b")["ETag"]

    ended = world.run()

    assert ended.report.counts["copied"] == 2
    assert preconditions(world, "CopyObject") == {"a": ["*"], "b": [etag]}
    assert world.sent("HeadObject") == 0


@pytest.mark.parametrize("there", [True, False])
def test_an_upload_is_completed_with_what_the_destination_had(world: World, there: bool) -> None:
    world.seed_large()
    etag = "*"
    if there:
        world.put_dest(LARGE, b"older object")
        etag = world.reader.head_object(Bucket=world.dest, Key=f"{DEST_PREFIX}{LARGE}")["ETag"]

    assert world.run(**IN_PARTS).report.counts["copied"] == 1
    assert preconditions(world, "CompleteMultipartUpload") == {LARGE: [etag]}


def test_two_writers_lose_no_update(world: World) -> None:
    """The proxy refuses what S3 refuses: whoever was replaced was seen before."""
    world.seed(RACES)
    world.script(writes_first(world, seed=1))

    ended = world.run(max_failures="100%")

    sent = preconditions(world, "CopyObject")
    assert all(expected for of_key in sent.values() for expected in of_key)
    assert sum(map(len, sent.values())) > len(RACES)
    assert world.sent("HeadObject") > 0
    assert ended.report.counts["copied"] + ended.report.counts["failed"] == len(RACES)


def test_an_upload_meets_another_writer_and_copies_no_part_twice(world: World) -> None:
    world.seed_large()
    left = [b"another"]

    def rule(request: Request) -> Answer | None:
        if request.operation == "CompleteMultipartUpload" and left:
            world.put_dest(LARGE, left.pop())
        return None

    world.script(rule)
    ended = world.run(**IN_PARTS)

    assert ended.report.counts["copied"] == 1
    assert (world.sent("UploadPartCopy"), world.sent("CompleteMultipartUpload")) == (3, 2)
    world.check(ended.report)


@pytest.mark.parametrize(("status", "code"), [(501, "NotImplemented"), (400, "InvalidArgument")])
def test_a_server_that_refuses_the_headers_is_noticed_once(world: World, status: int, code: str) -> None:
    world.seed()
    world.seed_large()
    world.script(refuses_headers(status, code))

    ended = world.run(max_concurrency=1, **IN_PARTS)

    assert ended.error is None
    (warning,) = [event for event in ended.events if isinstance(event, Warned)]
    assert code in warning.text
    refused = sum(expected != "" for of_key in preconditions(world, "CopyObject").values() for expected in of_key)
    assert refused <= 1
    world.check(ended.report)


def test_a_refusal_of_the_header_is_final_if_nothing_may_be_overwritten(world: World) -> None:
    world.seed(["a"])
    world.script(always("CopyObject", error("NotImplemented", 501)))

    ended = world.run(overwrite="never")

    assert ended.report.failures[0].code == "NotImplemented"
    assert world.sent("CopyObject") == 1
