"""Both listings of one key range, asked for page by page as far as the join needs them, and their pairs in order."""

from __future__ import annotations

from collections.abc import Iterator

from s3_crosscopy.engine.io import Io
from s3_crosscopy.errors import ListingBroken, S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import KeyRange, Listed, Page
from s3_crosscopy.model.requests import ListPage, Side
from s3_crosscopy.plan.join import Join, Pair
from s3_crosscopy.plan.resolve import Spec

PAGE_KEYS = 1000
"""What S3 gives at most a page."""
AHEAD_KEYS = 2 * PAGE_KEYS
"""How far the source is listed ahead of the copies: enough to hide a page's latency, no more is held."""


class SideListing:
    """One side of a range: which page comes next, and whether what came is a listing at all."""

    def __init__(self, side: Side, bucket: Bucket, prefix: str, key_range: KeyRange) -> None:
        self.ended = False
        self.asking = False
        self.last_key = key_range.after
        self.pages = 0
        self._side = side
        self._bucket = bucket
        self._prefix = prefix
        self._range = key_range
        self._token: str | None = None

    def ask(self) -> ListPage:
        """The next page."""
        self.asking = True
        self.pages += 1
        after = self._range.after if self._token is None else ""
        return ListPage(self._side, self._bucket, self._prefix, after, self._token, PAGE_KEYS)

    def accept(self, page: Page) -> list[Listed]:
        """The page's objects within the range. Raises ListingBroken for a page that cannot follow the one before."""
        self.asking = False
        last = self.last_key
        for listed in page.objects:
            if listed.key <= last or not listed.key.startswith(self._prefix):
                raise ListingBroken(
                    f"the {self._side.value} listing of s3://{self._bucket.name}/{self._prefix} is out of order: "
                    f"{listed.key!r} came after {last!r}; run again, and if it stays so this server cannot be copied"
                )
            last = listed.key
        if page.next_token is not None and page.next_token == self._token:
            raise ListingBroken(
                f"the {self._side.value} listing of s3://{self._bucket.name}/{self._prefix} does not move"
            )
        self.last_key = last
        self._token = page.next_token
        self.ended = page.next_token is None
        end = self._range.end
        if end is None or last <= end:
            return page.objects
        self.ended = True
        return [listed for listed in page.objects if listed.key <= end]


class RangeWalk:
    """The pairs of one key range. Holds at most a few pages of each side; `date` is when S3 answered the first."""

    def __init__(self, spec: Spec, key_range: KeyRange, *, list_dest: bool) -> None:
        self.joined = 0
        self.date = ""
        self.refused: dict[str, S3Error] = {}
        self._spec = spec
        self._source = SideListing(Side.SOURCE, spec.source, spec.source_prefix, key_range)
        self._dest = SideListing(Side.DEST, spec.dest, spec.dest_prefix, self._mapped(key_range))
        self._join = Join(spec.source_prefix, spec.dest_prefix)
        self._error: S3Error | None = None
        if not list_dest:
            self._dest.ended = True
            self._join.end_dest()

    @property
    def ended(self) -> bool:
        """Whether every pair came out."""
        return self._source.ended and self._join.source_waiting == 0

    @property
    def pages(self) -> tuple[int, int]:
        """How many pages were asked for, of the source and of the destination."""
        return self._source.pages, self._dest.pages

    def pump(self, io: Io) -> None:
        """Ask for the pages that are needed next, one a side at a time."""
        source, dest = self._source, self._dest
        if not (source.ended or source.asking) and self._join.source_waiting < AHEAD_KEYS:
            io.hot(source.ask(), self._source_page, None)
        if not (dest.ended or dest.asking) and self._dest_is_behind():
            io.hot(dest.ask(), self._dest_page, None)

    def pairs(self) -> Iterator[Pair]:
        """The pairs known now. Raises the error that ended a listing, whatever was joined before it."""
        if self._error is not None:
            raise self._error
        for pair in self._join.pairs():
            self.joined += 1
            yield pair

    def _dest_is_behind(self) -> bool:
        """Only a destination page that some known source key waits for is worth a request; and the first one."""
        known = self._source.last_key
        if not self._source.ended and self._join.source_waiting == 0:
            return self._dest.last_key == self._mapped_key(known)
        return self._join.source_waiting > 0 and self._dest.last_key < self._mapped_key(known)

    def _source_page(self, _: object, page: Page, error: S3Error | None) -> None:
        if error is not None:
            self._error = error
            return
        self.date = self.date or page.date
        self._join.feed_source(self._source.accept(page))

    def _dest_page(self, _: object, page: Page, error: S3Error | None) -> None:
        if error is not None:
            self._error = error
            return
        self._join.feed_dest(self._dest.accept(page))
        if self._dest.ended:
            self._join.end_dest()

    def _mapped_key(self, key: str) -> str:
        return self._spec.dest_key(key) if key.startswith(self._spec.source_prefix) else ""

    def _mapped(self, key_range: KeyRange) -> KeyRange:
        end = key_range.end
        return KeyRange(self._mapped_key(key_range.after), None if end is None else self._mapped_key(end))
