"""Keeps of a running listing what an estimate of its keys needs: the first page of each range that matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from s3_crosscopy.core.keyspace.remaining_keys import Frontier, ListedPage, remaining_keys
from s3_crosscopy.engine.listing.pair_source import PairSource
from s3_crosscopy.engine.listing.range_scan import RangeScan


class ListingEstimate:
    """Estimates the keys that are not listed yet. It costs no request, and nothing for an object or a page."""

    def __init__(self) -> None:
        self._ended: dict[str, ListedPage] = {}

    def close(self, scan: PairSource, others: Iterable[PairSource]) -> None:
        """Keep the first page of a scan that ended, if another scan is listing towards it."""
        if isinstance(scan, RangeScan) and scan.first_page is not None:
            start = scan.range.after
            if any(isinstance(other, RangeScan) and other.range.end == start for other in others):
                self._ended[start] = scan.first_page

    def keys(self, scans: Mapping[int, PairSource], prefix: str) -> int | None:
        """Return an estimate of the keys that were not given out yet; None while nothing is known."""
        ranges = [scan for scan in scans.values() if isinstance(scan, RangeScan)]
        if len(ranges) < len(scans) or not ranges:
            return None
        ranges.sort(key=lambda scan: scan.range.after)
        ends = {scan.range.end for scan in ranges}
        self._ended = {start: page for start, page in self._ended.items() if start in ends}
        first = self._ended | {scan.range.after: scan.first_page for scan in ranges if scan.first_page is not None}
        listing = [Frontier(scan.range.end, scan.last_page) for scan in ranges if not scan.source_ended]
        remaining = remaining_keys(listing, first, prefix)
        return None if remaining is None else remaining + sum(scan.held for scan in ranges)
