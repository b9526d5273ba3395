"""Rows of a listing: a partition's thousand rows are one text with its folder and its ETags put in."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from bench.soak.key_space import PER, Place, folder, name, size_of

OLD = "2001-01-01T00:00:00.000Z"
_FOLDER, _NUMBER = "@" * len(folder(0)), "#" * 12
_ROW = (
    "<Contents><Key>{key}</Key><LastModified>{date}</LastModified><ETag>&quot;{etag}&quot;</ETag>"
    "<Size>{size}</Size><StorageClass>STANDARD</StorageClass></Contents>"
)


class Rows:
    """The rows of one side, of objects that were all written at `date` and lie below `above`."""

    def __init__(self, above: str, date: str, etag: Callable[[Place], str]) -> None:
        rows = [_row(above, number, date, etag(Place(0, number))) for number in range(PER)]
        self._etag = etag
        self._template = "".join(rows).encode()
        self._starts = [0]
        for row in rows:
            self._starts.append(self._starts[-1] + len(row))
        # Those of large objects are hashes, which no template holds.
        self._large = [
            (number, self._starts[number] + rows[number].index("$"), rows[number].count("$"))
            for number in range(PER)
            if "$" in rows[number]
        ]
        self._block = lru_cache(maxsize=64)(self._made)

    def cut(self, partition: int, first: int, last: int) -> bytes:
        """The rows of `first <= number < last`."""
        return self._block(partition)[self._starts[first] : self._starts[last]]

    def _made(self, partition: int) -> bytes:
        text = self._template.replace(_FOLDER.encode(), folder(partition).encode())
        block = bytearray(text.replace(_NUMBER.encode(), b"%012x" % partition))
        for number, at, length in self._large:
            block[at : at + length] = self._etag(Place(partition, number)).encode()
        return bytes(block)


def _row(above: str, number: int, date: str, like: str) -> str:
    etag = "$" * len(like) if "-" in like else f"{_NUMBER}{number:08x}{1:012x}"
    return _ROW.format(key=above + _FOLDER + name(number), date=date, etag=etag, size=size_of(number))
