"""Pages of ListObjectsV2 over the computed keys of both sides."""

from __future__ import annotations

import time
from email.utils import formatdate

from bench.soak.destination import ABSENT, AT_FIRST, There
from bench.soak.key_space import ABOVE, DEST, INTO, PER, copy_etag, source_etag
from bench.soak.listing_rows import OLD, Rows

_OLD_S, _DAY_S = 978_307_200, 86_400
_PER_PAGE = 1000


class Pages:
    """What is listed: all keys at the source, at the destination those that are there.

    A copy is dated a second after the first request, by which a run that goes on knows it from what was there before.
    """

    def __init__(self, there: There) -> None:
        self._there = there
        self._copied_s = int(time.time()) + 1
        self._source = Rows(ABOVE, OLD, source_etag)
        self._at_first = Rows(INTO, "2001-01-02T00:00:00.000Z", copy_etag)
        self._copied: Rows | None = None

    def page(self, bucket: str, query: dict[str, str]) -> bytes:
        """One page; a token is an index."""
        above = INTO if bucket == DEST else ABOVE
        prefix = query.get("prefix", "")
        first, end = self._bounds(prefix, above)
        if token := query.get("continuation-token"):
            first = max(first, int(token))
        elif after := query.get("start-after"):
            first = max(first, self._after(after, above))
        most = min(int(query.get("max-keys", _PER_PAGE)), _PER_PAGE)
        rows, number, at = self._rows(first, end, most) if bucket == DEST else self._every(first, end, most)
        more = at < end and (bucket != DEST or self._next(at, end) < end)
        head = (
            '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            f"<Name>{bucket}</Name><Prefix>{prefix}</Prefix><EncodingType>url</EncodingType><KeyCount>{number}</KeyCount>"
            f"<MaxKeys>{most}</MaxKeys><IsTruncated>{'true' if more else 'false'}</IsTruncated>"
            + (f"<NextContinuationToken>{at}</NextContinuationToken>" if more else "")
        )
        return b"".join([head.encode(), *rows, b"</ListBucketResult>"])

    def http_date(self, bucket: str, index: int) -> str:
        """When the object was written."""
        if bucket == DEST:
            now = _OLD_S + _DAY_S if self._there.state[index] == AT_FIRST else self._copied_time()
            return formatdate(now, usegmt=True)
        return formatdate(_OLD_S, usegmt=True)

    def _copied_time(self) -> int:
        if self._copied is None:
            self._copied_s = int(time.time()) + 1
            self._copied = Rows(INTO, time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(self._copied_s)), copy_etag)
        return self._copied_s

    def _bounds(self, prefix: str, above: str) -> tuple[int, int]:
        if above.startswith(prefix):
            return 0, len(self._there.keys)
        return self._there.keys.below(prefix[len(above) :]) if prefix.startswith(above) else (0, 0)

    def _after(self, after: str, above: str) -> int:
        if not after.startswith(above):
            return 0 if after < above else len(self._there.keys)
        return self._there.keys.after(after[len(above) :])

    def _every(self, first: int, end: int, most: int) -> tuple[list[bytes], int, int]:
        last = min(first + most, end)
        rows, at = [], first
        while at < last:
            partition, number = divmod(at, PER)
            upto = min(last - partition * PER, PER)
            rows.append(self._source.cut(partition, number, upto))
            at = partition * PER + upto
        return rows, max(0, last - first), max(first, last)

    def _next(self, at: int, end: int) -> int:
        """The first index from here on that is there, or the end."""
        some, state = self._there.some, self._there.state
        while at < end:
            partition, number = divmod(at, PER)
            if number == 0 or some[partition] == 0:
                found = some.find(1, partition)
                if found < 0:
                    return end
                if found > partition:
                    at = found * PER
            upto = min((at // PER + 1) * PER, end)
            part = state[at:upto]
            left = len(part.lstrip(b"\0"))
            if left:
                return upto - left
            at = upto
        return end

    def _rows(self, first: int, end: int, most: int) -> tuple[list[bytes], int, int]:
        rows: list[bytes] = []
        number, at = 0, self._next(first, end)
        while at < end and number < most:
            partition, begin = divmod(at, PER)
            upto = min(end - partition * PER, PER)
            numbers = self._numbers(partition, begin, upto)[: most - number]
            number += len(numbers)
            rows.append(self._partition(partition, numbers))
            at = partition * PER + (numbers[-1] + 1 if number == most else upto)
            at = self._next(at, end)
        return rows, number, at

    def _numbers(self, partition: int, begin: int, upto: int) -> list[int]:
        state = self._there.state[partition * PER + begin : partition * PER + upto]
        if ABSENT not in state:
            return list(range(begin, upto))
        return [begin + i for i, one in enumerate(state) if one]

    def _partition(self, partition: int, numbers: list[int]) -> bytes:
        """The rows of these keys of a partition, each with its own date."""
        self._copied_time()
        assert self._copied is not None
        state = self._there.state[partition * PER : (partition + 1) * PER]
        dense = numbers[-1] - numbers[0] + 1 == len(numbers)
        part = state[numbers[0] : numbers[-1] + 1]
        olds = part.count(AT_FIRST)
        if dense and olds in (0, len(part)):
            side = self._at_first if olds else self._copied
            return side.cut(partition, numbers[0], numbers[-1] + 1)
        return b"".join(
            [
                (self._at_first if state[one] == AT_FIRST else self._copied).cut(partition, one, one + 1)
                for one in numbers
            ]
        )
