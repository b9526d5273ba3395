"""A listing that is cut, repeated, shuffled or foreign is never taken for a short one; the next run finds it right."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from s3_crosscopy import CrossCopyError, ListingBroken, RetryableFailure
from tests.faults.fault_scripts import change_answer, in_bucket, pages_of, short_page
from tests.faults.harness import KEYS, World
from tests.servers.http_messages import DROP, Answer, Request, Response
from tests.servers.s3_responses import error
from tests.servers.stub_rules import always
from tests.servers.stub_server import Rule

PAGE = 2
SIDES = ["source", "dest"]
_CONTENTS = re.compile(rb"<Contents>.*?</Contents>", re.DOTALL)


def cut(page: Response) -> Response:
    """The connection breaks in the middle of the body."""
    return replace(page, cut_at=len(page.body) // 2)


def cut_unseen(page: Response) -> Response:
    """Half a body whose length is said to be right: a proxy that broke it."""
    return replace(page, body=page.body[: len(page.body) // 2])


def without_token(page: Response) -> Response:
    return replace(page, body=re.sub(rb"<NextContinuationToken>.*?</NextContinuationToken>", b"", page.body))


def shuffled(page: Response) -> Response:
    rows = _CONTENTS.findall(page.body)
    assert len(rows) > 1
    backwards = iter(reversed(rows))
    return replace(page, body=_CONTENTS.sub(lambda _: next(backwards), page.body))


def empty(page: Response) -> Response:
    return Response(200, {"Content-Type": "application/xml"}, b"")


def nth_page(world: World, number: int, page_for: Callable[[Request], Response]) -> Rule:
    """Every listing has short pages, and its page of this number is another one. Pages count from 1."""
    usual = pages_of(world.stub, PAGE)

    def rule(request: Request) -> Answer | None:
        if request.operation != "ListObjectsV2":
            return None
        at = "continuation-token" in request.query
        return page_for(request) if at == (number > 1) else usual(request)

    return rule


def bucket_of(world: World, side: str) -> str:
    return world.source if side == "source" else world.dest


def fill_dest(world: World) -> None:
    """Other objects at the destination under the same keys, so that its listing has as many pages."""
    for key in KEYS:
        world.put_dest(key, b"old")


@pytest.mark.parametrize("side", SIDES)
def test_pages_of_a_few_keys_make_a_whole_listing(world: World, side: str) -> None:
    """What the other tests change: without a fault it is right."""
    world.seed()
    fill_dest(world)
    world.script(in_bucket(bucket_of(world, side), pages_of(world.stub, PAGE)))

    ended = world.run()

    assert ended.report.counts["copied"] == len(KEYS)
    assert world.sent("ListObjectsV2") == 3
    world.check(ended.report)


@pytest.mark.parametrize("change", [cut, cut_unseen, empty], ids=["reset", "broken-by-a-proxy", "empty"])
def test_a_page_that_is_cut_once_is_asked_again_or_the_run_fails_to_be_retried(
    world: World, change: Callable[[Response], Response]
) -> None:
    world.seed()
    world.script(in_bucket(world.source, change_answer(world.stub, "ListObjectsV2", change)))

    ended = world.run()

    if ended.error is None:
        assert ended.report.counts["copied"] == len(KEYS)
    else:
        assert isinstance(ended.error, RetryableFailure)
        assert "listing was refused" in ended.report.stopped
    world.finish()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("change", [cut, cut_unseen, empty], ids=["reset", "broken-by-a-proxy", "empty"])
def test_a_page_that_is_always_cut_is_no_short_listing(
    world: World, side: str, change: Callable[[Response], Response]
) -> None:
    world.seed()
    world.script(in_bucket(bucket_of(world, side), change_answer(world.stub, "ListObjectsV2", change, times=99)))

    with pytest.raises((RetryableFailure, ListingBroken)):
        world.copy()

    assert world.at_dest() == {}
    assert world.finish().counts["copied"] == len(KEYS)


@pytest.mark.parametrize(
    ("side", "answer"),
    [pytest.param("source", DROP, id="source-reset"), pytest.param("dest", error("InternalError", 500), id="dest-500")],
)
def test_a_listing_that_ends_in_an_error_in_its_middle_keeps_what_arrived_and_is_no_success(
    world: World, side: str, answer: Response
) -> None:
    world.seed()
    fill_dest(world)
    world.script(in_bucket(bucket_of(world, side), nth_page(world, 2, lambda _: answer)))

    ended = world.run(attempts=1)

    assert isinstance(ended.error, RetryableFailure)
    assert "the listing was refused" in ended.report.stopped
    assert_right_so_far(world)
    world.finish()


@pytest.mark.parametrize("side", SIDES)
def test_a_page_that_says_more_and_not_where_fails_the_run_to_be_retried(world: World, side: str) -> None:
    world.seed()
    fill_dest(world)

    def torn(request: Request) -> Response:
        return without_token(world.stub.forward(short_page(request, PAGE)))

    world.script(in_bucket(bucket_of(world, side), nth_page(world, 1, torn)))

    with pytest.raises((RetryableFailure, ListingBroken), match=r"continuation token|listing"):
        world.copy()

    assert_right_so_far(world)
    world.finish()


@pytest.mark.parametrize("side", SIDES)
def test_a_page_that_comes_twice_is_noticed(world: World, side: str) -> None:
    world.seed()
    fill_dest(world)
    first: list[Response] = []

    def remember(request: Request) -> Answer | None:
        if request.operation != "ListObjectsV2":
            return None
        if not first:
            first.append(world.stub.forward(short_page(request, PAGE)))
        return first[0]

    world.script(in_bucket(bucket_of(world, side), remember))

    with pytest.raises(ListingBroken, match="out of order"):
        world.copy()

    assert_right_so_far(world)
    world.finish()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("number", [1, 2])
def test_a_page_whose_keys_are_out_of_order_is_noticed(world: World, side: str, number: int) -> None:
    world.seed()
    fill_dest(world)

    def other(request: Request) -> Response:
        return shuffled(world.stub.forward(short_page(request, PAGE)))

    world.script(in_bucket(bucket_of(world, side), nth_page(world, number, other)))

    with pytest.raises(ListingBroken, match="out of order"):
        world.copy()

    assert_right_so_far(world)
    world.finish()


@pytest.mark.parametrize("side", SIDES)
def test_a_page_of_another_prefix_is_noticed(world: World, side: str) -> None:
    world.seed()
    fill_dest(world)
    bucket, client = (world.source, world.owner) if side == "source" else (world.dest, world.reader)
    client.put_object(Bucket=bucket, Key="zzz/foreign", Body=b"foreign")

    def foreign(request: Request) -> Response:
        return world.stub.forward(replace(request, target=f"/{bucket}?list-type=2&prefix=zzz/&encoding-type=url"))

    world.script(in_bucket(bucket, nth_page(world, 2, foreign)))

    with pytest.raises(ListingBroken, match="zzz/foreign"):
        world.copy()

    assert_right_so_far(world)
    world.finish()


def test_a_denied_listing_is_never_an_empty_source(world: World) -> None:
    world.seed()
    world.script(always("ListObjectsV2", error("AccessDenied", 403)))

    with pytest.raises(CrossCopyError, match="ListObjectsV2 was denied"):
        world.copy(if_empty="succeed")

    assert world.finish().counts["copied"] == len(KEYS)


def assert_right_so_far(world: World) -> None:
    """Every key at the destination is what it was or what the source has, and nothing else is there."""
    source, there = world.at_source(), world.at_dest()
    wrong = {key for key, value in there.items() if value[0] != b"old" and value != source.get(key)}
    assert wrong == set()
    assert world.uploads() == []
