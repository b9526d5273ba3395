"""Content of an object in the memory store: bytes, or a declared size without the bytes.

Sparse content lets a test copy 10 GiB in no time. It is a stretch of an endless stream that `seed` names, so that parts
of it which are copied and joined again equal the whole, and wrongly joined ones do not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from s3_crosscopy.testing import checksums


class Piece(NamedTuple):
    """A piece of content: `data`, or if that is None `size` bytes of the stream `seed` from `offset` on."""

    size: int
    data: bytes | None
    seed: str = ""
    offset: int = 0


@dataclass(frozen=True)
class Content:
    """Immutable content; equal where the bytes are known to be. Neighbours that fit are always one piece."""

    pieces: tuple[Piece, ...] = ()

    @cached_property
    def size(self) -> int:
        return sum(piece.size for piece in self.pieces)

    @cached_property
    def md5(self) -> bytes:
        """Return the MD5 of the bytes, or of a description of sparse content."""
        return hashlib.md5(self._known(), usedforsecurity=False).digest()

    def checksum(self, algorithm: str) -> str:
        """Return the S3 checksum of the bytes, or of a description of sparse content. Computed once."""
        known: dict[str, str] = self.__dict__.setdefault("_checksums", {})
        if algorithm not in known:
            known[algorithm] = checksums.checksum(algorithm, self._known())
        return known[algorithm]

    def read(self) -> bytes:
        """Return the bytes. Raises ValueError for sparse content."""
        if any(piece.data is None for piece in self.pieces):
            raise ValueError("sparse content has no bytes: compare the contents instead")
        return b"".join(piece.data or b"" for piece in self.pieces)

    def cut(self, first: int, last: int) -> Content:
        """Return the bytes `first..last`, both included."""
        pieces, start = [], 0
        for piece in self.pieces:
            begin, end = max(first - start, 0), min(last + 1 - start, piece.size)
            if begin < end:
                data = None if piece.data is None else piece.data[begin:end]
                pieces.append(Piece(end - begin, data, piece.seed, piece.offset + begin if data is None else 0))
            start += piece.size
        return joined([Content(tuple(pieces))])

    def _known(self) -> bytes:
        if all(piece.data is not None for piece in self.pieces):
            return self.read()
        return repr(self.pieces).encode()


def literal(data: bytes) -> Content:
    """Return content with these bytes."""
    return Content((Piece(len(data), data),) if data else ())


def sparse(size: int, seed: str = "") -> Content:
    """Return content of a declared size; equal to other sparse content of the same size and seed."""
    return Content((Piece(size, None, seed),) if size else ())


def joined(contents: Iterable[Content]) -> Content:
    """Return the contents joined in order."""
    pieces: list[Piece] = []
    for piece in (piece for content in contents for piece in content.pieces):
        before = pieces[-1] if pieces else None
        if before is not None and before.data is not None and piece.data is not None:
            pieces[-1] = Piece(before.size + piece.size, before.data + piece.data)
        elif before is not None and _continues(before, piece):
            pieces[-1] = before._replace(size=before.size + piece.size)
        else:
            pieces.append(piece)
    return Content(tuple(pieces))


def _continues(before: Piece, piece: Piece) -> bool:
    sparse_both = before.data is None and piece.data is None
    return sparse_both and before.seed == piece.seed and before.offset + before.size == piece.offset
