"""One side's listing of one key range: which page comes next, and whether what came is a listing at all."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from operator import lt
from typing import TYPE_CHECKING

from s3_crosscopy.errors import ListingBroken
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import KeyRange, Listed, Page
from s3_crosscopy.model.operations import ListPage, Side
from s3_crosscopy.model.s3_limits import PAGE_KEYS

if TYPE_CHECKING:
    from s3_crosscopy.engine.listing.range_scan import RangeScan

"""What S3 gives at most a page."""


def out_of_order(keys: Sequence[str], after: str, prefix: str) -> tuple[str, str] | None:
    """The first key that does not follow the one before it or is not of the prefix, and that one before; or None."""
    for key in keys:
        if key <= after or not key.startswith(prefix):
            return key, after
        after = key
    return None


class PageReader:
    """Asks for pages and checks them. `walk` gets them; None: nobody wants them any more.

    `last_key` is the last listed key, also where it lies behind the range. `pages` were asked for, `full` of them lay
    in the range and were not the last. `keeps_tail`: what came from behind the range is kept, because it may be wanted.
    """

    def __init__(self, side: Side, bucket: Bucket, prefix: str, key_range: KeyRange, walk: RangeScan | None) -> None:
        self.walk = walk
        self.ended = False
        self.asking = False
        self.keeps_tail = False
        self.last_key = key_range.after
        self.pages = self.full = self.answers = 0
        self._side = side
        self._bucket = bucket
        self._prefix = prefix
        self._range = key_range
        self._token: str | None = None
        self._tail: list[Listed] = []

    def ask(self) -> ListPage:
        """The next page."""
        self.asking = True
        self.pages += 1
        after = self._range.after if self._token is None else ""
        return ListPage(self._side, self._bucket, self._prefix, after, self._token, PAGE_KEYS)

    def accept(self, page: Page) -> list[Listed]:
        """The page's objects within the range. Raises ListingBroken for a page that cannot follow the one before."""
        self.asking = False
        keys = [listed.key for listed in page.objects]
        last = keys[-1] if keys else self.last_key
        if keys and not self._follow(keys):
            raise ListingBroken(self._out_of_order(keys))
        if page.next_token is not None and page.next_token == self._token:
            raise ListingBroken(
                f"the {self._side.value} listing of s3://{self._bucket.name}/{self._prefix} does not move"
            )
        self.last_key = last
        self.answers += 1
        self._token = page.next_token
        self.ended = page.next_token is None
        objects = self._within(page.objects)
        self.full += 0 if self.ended else 1
        return objects

    def shorten(self, end: str) -> None:
        """The range ends earlier: before anything that came, or was promised, from behind it."""
        self._range = KeyRange(self._range.after, end)

    def lengthen(self, end: str | None) -> list[Listed]:
        """The range ends later, as it did before `shorten`: what was kept from behind it is given out."""
        self._range = KeyRange(self._range.after, end)
        self.keeps_tail = False
        if not self.ended:
            return []
        tail, self._tail = self._tail, []
        self.ended = self._token is None
        return self._within(tail)

    def drop_tail(self) -> None:
        """What came from behind the range is somebody else's for good."""
        self.keeps_tail = False
        self._tail = []

    def _follow(self, keys: list[str]) -> bool:
        """Whether these keys, at least one, are in order behind the last one. Then all begin as first and last do."""
        ends_right = keys[0].startswith(self._prefix) and keys[-1].startswith(self._prefix)
        return ends_right and keys[0] > self.last_key and all(map(lt, keys, islice(keys, 1, None)))

    def _out_of_order(self, keys: list[str]) -> str:
        key, last = out_of_order(keys, self.last_key, self._prefix) or ("", "")
        return (
            f"the {self._side.value} listing of s3://{self._bucket.name}/{self._prefix} is out of order: "
            f"{key!r} came after {last!r}; run again, and if it stays so this server cannot be copied"
        )

    def _within(self, objects: list[Listed]) -> list[Listed]:
        end = self._range.end
        if end is None or self.last_key < end:
            return objects
        self.ended = True
        if self.keeps_tail:
            self._tail = [listed for listed in objects if listed.key > end]
        return [listed for listed in objects if listed.key <= end]
