"""Requests sample pages of a source listing, several at once, to learn where its keys lie.

Pages are requested in rounds and learnt in the order of their keys, so that the same key space gives the same ranges
whatever the order of the responses. `core.keyspace` decides which pages are worth a request.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from s3_crosscopy.core.keyspace.estimator import KeySpace
from s3_crosscopy.engine.listing.page_reader import out_of_order
from s3_crosscopy.errors import Interrupted, ListingBroken
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Page
from s3_crosscopy.model.operations import Done, ListPage, Side
from s3_crosscopy.model.s3_limits import PAGE_KEYS
from s3_crosscopy.ports import Transport

GAPS_A_SHARD = 24
"""A gap that may hold less than a 24th of a shard is not sampled: twelve such errors add up to half a shard."""
WAIT_S = 0.5
"""Seconds until a request to stop is noticed."""


def survey(
    transport: Transport,
    bucket: Bucket,
    space: KeySpace,
    *,
    most_requests: int,
    shards: int,
    at_once: int,
    cancel: threading.Event | None = None,
) -> None:
    """Learn the key space well enough to split it into `shards`, with at most `most_requests` more LISTs.

    At most `at_once` of them are under way at a time. May be called again with other numbers: it continues. Raises
    S3Error for a page that was refused, ListingBroken for one that is out of order, Interrupted once `cancel` is set;
    then requests may still be under way, and the owner of the transport closes it.
    """
    remaining = most_requests
    while remaining > 0:
        least = max(float(PAGE_KEYS), space.keys / (shards * GAPS_A_SHARD))
        asked = space.ask(min(remaining, at_once), least)
        if not asked:
            return
        remaining -= len(asked)
        for after, page in sorted(_pages(transport, bucket, space.prefix, asked, cancel)):
            keys = [listed.key for listed in page.objects]
            _check(bucket, space.prefix, after, keys)
            space.learn(after, keys, page.next_token is not None)


def _pages(
    transport: Transport, bucket: Bucket, prefix: str, asked: Sequence[str], cancel: threading.Event | None
) -> list[tuple[str, Page]]:
    """Return the pages behind these keys, in the order of the responses."""
    if cancel is not None and cancel.is_set():
        raise Interrupted("stopped by request while the shards were planned; nothing was written")
    for after in asked:
        transport.submit(ListPage(Side.SOURCE, bucket, prefix, after, None, PAGE_KEYS), after)
    pages: list[tuple[str, Page]] = []
    while len(pages) < len(asked):
        for done in transport.reap(WAIT_S):
            if not isinstance(done, Done):
                continue
            if done.error is not None:
                raise done.error
            assert isinstance(done.token, str)
            assert isinstance(done.value, Page)
            pages.append((done.token, done.value))
        if cancel is not None and cancel.is_set():
            raise Interrupted("stopped by request while the shards were planned; nothing was written")
    return pages


def _check(bucket: Bucket, prefix: str, after: str, keys: Sequence[str]) -> None:
    wrong = out_of_order(keys, after, prefix)
    if wrong is not None:
        key, last = wrong
        raise ListingBroken(
            f"the source listing of s3://{bucket.name}/{prefix} is out of order: {key!r} came after {last!r};"
            " if this happens again, this server ignores start-after: copy without shards"
        )
