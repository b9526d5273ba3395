"""Requests the pages of one side's listing of one key range, and checks that they follow each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from operator import lt

from s3_crosscopy.core.state.resumed_ranges import first_page_keys
from s3_crosscopy.errors import ListingBroken, S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import KeyRange, Listed, Page
from s3_crosscopy.model.operations import ListPage, Side
from s3_crosscopy.model.s3_limits import PAGE_KEYS

OnPage = Callable[["PageReader", Page, "S3Error | None"], None]
"""Called with each page, or the error of its request."""


def out_of_order(keys: Sequence[str], after: str, prefix: str) -> tuple[str, str] | None:
    """Return the first key that is not behind its predecessor or not in the prefix, and its predecessor; or None."""
    for key in keys:
        if key <= after or not key.startswith(prefix):
            return key, after
        after = key
    return None


class PageReader:
    """Builds the requests for pages and checks the responses. `on_page` gets them; None: nobody needs them any more.

    `last_key` is the last listed key, also if it lies behind the range. `pages` were requested, `full` of them lay in
    the range and were not the last. `keeps_tail`: keys from behind the range are kept, because they may be needed.
    """

    def __init__(self, side: Side, bucket: Bucket, prefix: str, key_range: KeyRange, on_page: OnPage | None) -> None:
        self.on_page = on_page
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
        self._page_keys = first_page_keys(key_range)
        self._tail: list[Listed] = []

    def ask(self) -> ListPage:
        """Return the request for the next page."""
        self.asking = True
        self.pages += 1
        after = self._range.after if self._token is None else ""
        return ListPage(self._side, self._bucket, self._prefix, after, self._token, self._page_keys)

    def accept(self, page: Page) -> list[Listed]:
        """Return the page's objects within the range. Raises ListingBroken if it does not follow the last page."""
        self.asking = False
        keys = [listed.key for listed in page.objects]
        last = keys[-1] if keys else self.last_key
        if keys and not self._follow(keys):
            raise ListingBroken(self._out_of_order(keys))
        if page.next_token is not None and page.next_token == self._token:
            raise ListingBroken(
                f"the {self._side.value} listing of s3://{self._bucket.name}/{self._prefix} does not advance"
            )
        self.last_key = last
        self.answers += 1
        self._token = page.next_token
        self.ended = page.next_token is None
        objects = self._within(page.objects)
        self.full += not self.ended and self._page_keys == PAGE_KEYS
        self._page_keys = PAGE_KEYS
        return objects

    def shorten(self, end: str) -> None:
        """End the range earlier, before any key from behind that end was received or given out."""
        self._range = KeyRange(self._range.after, end)

    def lengthen(self, end: str | None) -> list[Listed]:
        """End the range later, as before `shorten`. Returns the kept objects from behind its end."""
        self._range = KeyRange(self._range.after, end)
        self.keeps_tail = False
        if not self.ended:
            return []
        tail, self._tail = self._tail, []
        self.ended = self._token is None
        return self._within(tail)

    def drop_tail(self) -> None:
        """Drop the kept objects from behind the range: another reader gives them out."""
        self.keeps_tail = False
        self._tail = []

    def _follow(self, keys: list[str]) -> bool:
        """Return True if these keys, at least one, are in order behind the last one. All lie between first and last."""
        ends_right = keys[0].startswith(self._prefix) and keys[-1].startswith(self._prefix)
        return ends_right and keys[0] > self.last_key and all(map(lt, keys, islice(keys, 1, None)))

    def _out_of_order(self, keys: list[str]) -> str:
        key, last = out_of_order(keys, self.last_key, self._prefix) or ("", "")
        return (
            f"the {self._side.value} listing of s3://{self._bucket.name}/{self._prefix} is out of order: "
            f"{key!r} came after {last!r}; run again, and if this happens again this server cannot be copied"
        )

    def _within(self, objects: list[Listed]) -> list[Listed]:
        end = self._range.end
        if end is None or self.last_key < end:
            return objects
        self.ended = True
        if self.keeps_tail:
            self._tail = [listed for listed in objects if listed.key > end]
        return [listed for listed in objects if listed.key <= end]
