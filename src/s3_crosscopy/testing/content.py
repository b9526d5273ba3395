"""Content of an object in the memory store: bytes, or a declared size without the bytes.

Sparse content lets a test copy 10 GiB in no time. It is a part of an endless stream that `seed` names, so that parts
of it which are copied and joined again equal the whole, and wrongly joined ones do not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from s3_crosscopy.core import body_checksums


class Chunk(NamedTuple):
    """A chunk of content: `data`, or if that is None `size` bytes of the stream `seed` from `offset` on."""

    size: int
    data: bytes | None
    seed: str = ""
    offset: int = 0


@dataclass(frozen=True)
class Content:
    """Immutable content; equal where the bytes are known to be. Neighbours that fit are always one chunk."""

    chunks: tuple[Chunk, ...] = ()

    @cached_property
    def size(self) -> int:
        return sum(chunk.size for chunk in self.chunks)

    @cached_property
    def md5(self) -> bytes:
        """Return the MD5 of the bytes, or of a description of sparse content."""
        return hashlib.md5(self._known(), usedforsecurity=False).digest()

    def checksum(self, algorithm: str) -> str:
        """Return the S3 checksum of the bytes, or of a description of sparse content. Computed once."""
        known: dict[str, str] = self.__dict__.setdefault("_checksums", {})
        if algorithm not in known:
            known[algorithm] = body_checksums.checksum(algorithm, self._known())
        return known[algorithm]

    def read(self) -> bytes:
        """Return the bytes. Raises ValueError for sparse content."""
        if any(chunk.data is None for chunk in self.chunks):
            raise ValueError("sparse content has no bytes: compare the contents instead")
        return b"".join(chunk.data or b"" for chunk in self.chunks)

    def cut(self, first: int, last: int) -> Content:
        """Return the bytes `first..last`, both included."""
        chunks, start = [], 0
        for chunk in self.chunks:
            begin, end = max(first - start, 0), min(last + 1 - start, chunk.size)
            if begin < end:
                data = None if chunk.data is None else chunk.data[begin:end]
                chunks.append(Chunk(end - begin, data, chunk.seed, chunk.offset + begin if data is None else 0))
            start += chunk.size
        return joined([Content(tuple(chunks))])

    def _known(self) -> bytes:
        if all(chunk.data is not None for chunk in self.chunks):
            return self.read()
        return repr(self.chunks).encode()


def literal(data: bytes) -> Content:
    """Return content with these bytes."""
    return Content((Chunk(len(data), data),) if data else ())


def sparse(size: int, seed: str = "") -> Content:
    """Return content of a declared size; equal to other sparse content of the same size and seed."""
    return Content((Chunk(size, None, seed),) if size else ())


def joined(contents: Iterable[Content]) -> Content:
    """Return the contents joined in order."""
    chunks: list[Chunk] = []
    for chunk in (chunk for content in contents for chunk in content.chunks):
        before = chunks[-1] if chunks else None
        if before is not None and before.data is not None and chunk.data is not None:
            chunks[-1] = Chunk(before.size + chunk.size, before.data + chunk.data)
        elif before is not None and _continues(before, chunk):
            chunks[-1] = before._replace(size=before.size + chunk.size)
        else:
            chunks.append(chunk)
    return Content(tuple(chunks))


def _continues(before: Chunk, chunk: Chunk) -> bool:
    sparse_both = before.data is None and chunk.data is None
    return sparse_both and before.seed == chunk.seed and before.offset + before.size == chunk.offset
