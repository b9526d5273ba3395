"""Lists both sides of one key range, page by page as far as the join needs them, and gives their pairs in order.

A range can be split while it is scanned: the keys behind the split become a scan of their own, which begins with its
own LIST. `RangeSplitter` decides where; nothing here depends on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from s3_crosscopy.core.keyspace.range_split import SAMPLES, Split, split_point
from s3_crosscopy.core.keyspace.remaining_keys import ListedPage
from s3_crosscopy.core.merge_join import Join, Pair
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.listing.index_join import IndexJoin, NoIndex
from s3_crosscopy.engine.listing.page_reader import PageReader
from s3_crosscopy.engine.listing.scan_progress import ScanProgress
from s3_crosscopy.engine.listing.tail_budget import TailBudget
from s3_crosscopy.errors import ListingBroken, S3Error
from s3_crosscopy.model.objects import KeyRange, Listed, Page
from s3_crosscopy.model.operations import Side


class RangeScan(ScanProgress):
    """Gives the pairs of one key range. Holds at most a few pages of each side.

    `date` is the time of S3's first answer. `news` is called when there are pairs to take, or the scan ended.
    `checks_start_after`: it is unknown yet whether the server honors start-after. An error may mean that it does not.
    `error` is the error that ended the scan, None if none did. `tail`: keeps the objects that are at the destination
    only, and lists it on behind the last source key as far as this allows; None: drops them. `see` gets each
    page of the source, with the time of S3's answer; None: nobody does. `first_page` and `last_page` are of the source,
    None before a page with keys.
    """

    def __init__(
        self,
        spec: CopySpec,
        key_range: KeyRange,
        *,
        list_dest: bool,
        index: IndexJoin | None = None,
        tail: TailBudget | None = None,
    ) -> None:
        self.date = ""
        self.refused: dict[str, S3Error] = {}
        self.news: Callable[[], None] = lambda: None
        self.checks_start_after = False
        self.error: S3Error | ListingBroken | None = None
        self.see: Callable[[Sequence[Listed], str], None] | None = None
        self.range = key_range
        self.first_page: ListedPage | None = None
        self.last_page: ListedPage | None = None
        self._spec = spec
        self._source = PageReader(Side.SOURCE, spec.source, spec.source_prefix, key_range, self.page)
        self._dest = PageReader(Side.DEST, spec.dest, spec.dest_prefix, self._mapped(key_range), self.page)
        self._join = Join(spec.source_prefix, spec.dest_prefix, keeps_dest_only=tail is not None)
        self._tail = tail
        self._tail_over = tail is None or tail.left <= 0
        self._index = index or NoIndex()
        self._index.news = self._index_news
        self._page_sample: list[str] = []
        self._split_place: tuple[tuple[str, str | None, float], Split | None] | None = None
        self._kept_open = self._took_dest = False
        if not list_dest:
            self._end_dest()

    @property
    def ended(self) -> bool:
        """True if every pair was given out, and the destination is listed as far as `tail` allows."""
        if not (self._source.ended and self._waiting_keys == 0 and not self._kept_open):
            return False
        return self._dest.ended or (self._tail_over and not (self._tail is not None and self._dest.asking))

    @property
    def cut_short(self) -> bool:
        """True if there may be more objects at the destination, behind the last source key."""
        return not self._dest.ended

    def take_dest_only(self) -> list[Listed]:
        """Return and forget the objects that were found to be at the destination only."""
        if self._source.ended and not (self._join.source_waiting or self._kept_open):
            self._join.pass_rest()
        return self._join.take_dest_only()

    def pump(self, dispatcher: Dispatcher, *, source: bool = True) -> None:
        """Request the pages that are needed next, one a side at a time. `source=False`: no page of the source."""
        if self.error is not None:
            return
        self._index.pump(dispatcher, self.range.end)
        if source and self.wants:
            dispatcher.send(self._source.ask(), _answered, self._source)
        if not (self._dest.ended or self._dest.asking) and (self._dest_is_behind() or self._lists_tail()):
            dispatcher.send(self._dest.ask(), _answered, self._dest)

    def pairs(self) -> Iterator[Pair]:
        """Iterate over the known pairs. Raises the error that ended a listing, whatever was joined before it."""
        if self.error is not None:
            raise self.error
        return self._index.pairs(self._join.pairs())

    def page(self, listing: PageReader, page: Page, error: S3Error | None) -> None:
        """Handle a page of either side, or the error of its request."""
        try:
            if error is None:
                self._feed(listing, page)
        except ListingBroken as broken:
            if not self.checks_start_after:
                raise
            self.error = broken
        self.error = error or self.error
        self.news()

    def split_place(self, reach: float) -> Split | None:
        """Return where to split the remaining keys, or None. `reach` is in pages, as in `core.keyspace.range_split`."""
        if self._source.ended or self._kept_open or self.checks_start_after or not self._page_sample:
            return None
        # Called with every page of any scan: 30 us each, for dozens of scans.
        basis = (self._page_sample[-1], self.range.end, reach)
        if self._split_place is None or self._split_place[0] != basis:
            self._split_place = basis, split_point(self._page_sample, self.range.end, self._spec.source_prefix, reach)
        return self._split_place[1]

    def costs_dest_page(self, key: str) -> bool:
        """True if a split there needs a new destination listing: the current one is neither past it nor over."""
        return not self._dest.ended and self._dest.last_key < self._mapped_key(key)

    def split(self, key: str) -> RangeScan:
        """End this scan at a key. Returns the scan of the keys behind it."""
        anew = self.costs_dest_page(key)
        behind, index = KeyRange(key, self.range.end), self._index.split(key)
        right = RangeScan(self._spec, behind, list_dest=anew, index=index, tail=self._tail)
        right.see = self.see
        self.range = KeyRange(self.range.after, key)
        self._source.shorten(key)
        if anew:
            self._dest.shorten(self._mapped_key(key))
        else:
            self._hand_dest_to(right, self._mapped_key(key))
        return right

    def keep_open(self) -> None:
        """Keep the keys from behind the range, and do not end, until it is known that the server honors start-after."""
        self._kept_open = self._source.keeps_tail = self._dest.keeps_tail = True

    def let_go(self) -> None:
        """Drop the kept keys: the server honors start-after."""
        self._kept_open = False
        self._source.drop_tail()
        self._dest.drop_tail()
        self.news()

    def take_back(self, right: RangeScan) -> None:
        """Continue as if there had been no split: the server ignores start-after."""
        self._kept_open = False
        self.range = KeyRange(self.range.after, right.range.end)
        right._source.on_page = None
        self._join.feed_source(self._source.lengthen(self.range.end))
        if right._took_dest:
            right._hand_dest_to(self, "")
        else:
            right._dest.on_page = None
            self._join.reopen_dest()
            self._join.feed_dest(self._dest.lengthen(self._mapped(self.range).end))
            if self._dest.ended:
                self._join.end_dest()
        self.news()

    def _index_news(self) -> None:
        self.news()

    def _hand_dest_to(self, other: RangeScan, after: str) -> None:
        """Give the destination listing to `other`: it is past the start of that scan already. It ends for this one."""
        other._dest, other._took_dest = self._dest, True
        other._dest.on_page = other.page
        other._join.feed_dest(self._join.cut_dest(after))
        other._join.reopen_dest()
        if other._dest.ended:
            other._join.end_dest()
        self._end_dest()

    def _end_dest(self) -> None:
        self._dest = PageReader(Side.DEST, self._spec.dest, self._spec.dest_prefix, KeyRange(), self.page)
        self._dest.ended = True
        self._join.end_dest()

    def _feed(self, listing: PageReader, page: Page) -> None:
        before = listing.last_key
        objects = listing.accept(page)
        if listing is self._source:
            self.date = self.date or page.date
            if self.see is not None:
                self.see(objects, page.date)
            self._page_sample = [listed.key for listed in objects[:: max(1, len(objects) // SAMPLES)]]
            self._page_sample += [listed.key for listed in objects[-1:]]
            if objects:
                self.last_page = ListedPage(before, self._page_sample, len(objects))
                self.first_page = self.first_page or self.last_page
            self._join.feed_source(objects)
            return
        self._join.feed_dest(objects)
        if listing.ended:
            self._join.end_dest()

    def _dest_is_behind(self) -> bool:
        """Return True if a known source key waits for the next destination page, or that is the first page."""
        known = self._source.last_key
        if not self._source.ended and self._join.source_waiting == 0:
            return self._dest.last_key == self._mapped_key(known)
        return self._join.source_waiting > 0 and self._dest.last_key < self._mapped_key(known)

    def _lists_tail(self) -> bool:
        """Return True if the destination is listed on behind the last source key; spends one of these pages."""
        if self._tail is None or self._tail_over:
            return False
        if not self._source.ended or self._join.source_waiting or self._kept_open:
            return False
        if self._tail.spend():
            return True
        # Other ranges have spent the rest: this one has ended without another page.
        self._tail_over = True
        self.news()
        return False

    def _mapped_key(self, key: str) -> str:
        return self._spec.dest_key(key) if key.startswith(self._spec.source_prefix) else ""

    def _mapped(self, key_range: KeyRange) -> KeyRange:
        end = key_range.end
        return KeyRange(self._mapped_key(key_range.after), None if end is None else self._mapped_key(end))


def _answered(listing: PageReader, page: Page, error: S3Error | None) -> None:
    """Give the page to its scan: meanwhile a split may have given the reader to another scan, or to none."""
    if listing.on_page is not None:
        listing.on_page(listing, page, error)
