"""Packs key ranges into few bytes, as text for JSON: each key by its difference to the one before, then compressed.

A hundred thousand single keys can remain, most of which differ from their neighbours in a few characters.
`packed_bytes` is an upper bound of the bytes that ranges add, known before they are added.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache

from s3_crosscopy.model.input_limits import LEFT, LEFT_KEYS
from s3_crosscopy.model.objects import KeyRange


def packed_bytes(ranges: Sequence[KeyRange], before: str = "") -> int:
    """Return the bytes of these ranges before compression, after a range that ends with the key `before`."""
    return sum(map(len, _entries(ranges, before)))


@lru_cache(maxsize=2)
def pack(ranges: tuple[KeyRange, ...]) -> str:
    """Return the ranges as text. Cached, because a save needs it twice: to measure it, and to write it."""
    return base64.b64encode(zlib.compress(b"".join(_entries(ranges)))).decode()


def unpack(text: str) -> tuple[KeyRange, ...]:
    """Return the ranges of a text made by `pack`. Raises ValueError for anything else, and above a limit."""
    try:
        inflate = zlib.decompressobj()
        data = inflate.decompress(base64.b64decode(text, validate=True), LEFT.most + 1)
    except (binascii.Error, zlib.error) as error:
        raise ValueError("its packed key ranges cannot be unpacked") from error
    if len(data) > LEFT.most:
        raise ValueError(f"it {LEFT.exceeded}")
    if not inflate.eof or inflate.unused_data:
        raise ValueError("its packed key ranges are cut, or go on behind their end")
    return tuple(_ranges(data))


def _entries(ranges: Sequence[KeyRange], before: str = "") -> Iterator[bytes]:
    """Yield each range: its end as the difference to the end before, and its `after` as the difference to its end.

    The first number is the shared length plus one, or 0 for a range without an end.
    """
    last = before.encode()
    for after, end in ranges:
        if end is None:
            own, entry = last, b"\0"
        else:
            own = end.encode()
            first = _shared(last, own)
            tail = _shared_end(last, own, first)
            middle = own[first : len(own) - tail]
            entry = _number(first + 1) + _number(tail) + _number(len(middle)) + middle
        begin = after.encode()
        same = _shared(own, begin)
        yield entry + _number(same) + _number(len(begin) - same) + begin[same:]
        last = own


def _ranges(data: bytes) -> Iterator[KeyRange]:
    offset, last, keys = 0, b"", 0
    while offset < len(data):
        first, offset = _read_number(data, offset)
        own, end = last, None
        if first:
            tail, offset = _read_number(data, offset)
            middle, offset = _read_bytes(data, offset)
            _check(first - 1 + tail <= len(last))
            own = last[: first - 1] + middle + last[len(last) - tail :]
            end = own.decode()
        same, offset = _read_number(data, offset)
        rest, offset = _read_bytes(data, offset)
        _check(same <= len(own))
        keys += len(own) + same + len(rest)
        # Each key may repeat all of the one before it, so that few bytes could unpack to very many.
        if keys > LEFT_KEYS.most:
            raise ValueError(f"it {LEFT_KEYS.exceeded}")
        yield KeyRange((own[:same] + rest).decode(), end)
        last = own


def _shared(left: bytes, right: bytes) -> int:
    """Return the length of the common prefix, computed with one big number, which is faster than a loop."""
    most = min(len(left), len(right))
    differ = int.from_bytes(left[:most], "big") ^ int.from_bytes(right[:most], "big")
    return most - (differ.bit_length() + 7) // 8


def _shared_end(left: bytes, right: bytes, first: int) -> int:
    """Return the length of the common suffix, outside the `first` bytes."""
    most = min(len(left), len(right)) - first
    if most == 0:
        return 0
    differ = int.from_bytes(left[-most:], "little") ^ int.from_bytes(right[-most:], "little")
    return most - (differ.bit_length() + 7) // 8


def _number(value: int) -> bytes:
    """Encode a number with seven bits per byte, the lowest first; the highest bit is set if more bytes follow."""
    if value < 0x80:
        return bytes((value,))
    return bytes((value & 0x7F | 0x80,)) + _number(value >> 7)


def _read_number(data: bytes, offset: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 28, 7):
        _check(offset < len(data))
        byte = data[offset]
        offset += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, offset
    raise ValueError("its packed key ranges hold a length that no key has")


def _read_bytes(data: bytes, offset: int) -> tuple[bytes, int]:
    length, offset = _read_number(data, offset)
    _check(offset + length <= len(data))
    return data[offset : offset + length], offset + length


def _check(right: bool) -> None:
    if not right:
        raise ValueError("its packed key ranges do not fit together")
