"""Packs rows of an ETag index by columns: C code does nearly all of it, about 3 us a row to pack and unpack together.

A block is its lengths, the texts as packed JSON, and the hexadecimal starts of all ETags as raw bytes, which do not get
any smaller. An ETag that does not begin with 32 hexadecimal digits, as of a server that is not AWS, is kept as text.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from json import JSONEncoder

from s3_crosscopy.model.etag_index import IndexRow
from s3_crosscopy.model.input_limits import ETAG_BLOCK, ETAG_COMMAS, ETAG_ROWS
from s3_crosscopy.model.json_text import read_json

LEVEL = 4
"""Of zlib: keys with UUIDs take 27 bytes by it and 29 by level 1, which takes half a microsecond a row less."""

_LENGTHS = struct.Struct(">II")
_DIGITS = 32
_NO_DIGITS = "0" * _DIGITS
_AS_TEXT = "="
"""Begins the rest of an ETag that is kept as text; no other rest begins so."""
_dumps = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

KnownEtags = dict[str, tuple[str, str]]
"""The ETags of the source object and of its copy, by the source key."""


def pack_block(rows: Sequence[IndexRow]) -> bytes:
    """Return the bytes of these rows, at least one."""
    keys, etags, copy_etags = zip(*rows, strict=True)
    digits, rests = _split_etags([*etags, *copy_etags])
    text = zlib.compress(_dumps([keys, rests[: len(rows)], rests[len(rows) :]]).encode("utf-8", "surrogatepass"), LEVEL)
    return _LENGTHS.pack(len(rows), len(text)) + text + digits


def unpack_block(data: bytes) -> KnownEtags:
    """Return the rows of a block. Raises ValueError for anything that `pack_block` did not write."""
    if len(data) < _LENGTHS.size:
        raise ValueError("it is cut")
    number, packed = _LENGTHS.unpack_from(data)
    if number > ETAG_ROWS.most:
        raise ValueError(ETAG_ROWS.exceeded)
    keys, rests, copy_rests = _columns(data[_LENGTHS.size : _LENGTHS.size + packed], number)
    digits = data[_LENGTHS.size + packed :]
    if not len(keys) == len(rests) == len(copy_rests) == number or len(digits) != number * _DIGITS:
        raise ValueError("its columns differ in length")
    etags = _join_etags(digits[: number * _DIGITS // 2], rests)
    copy_etags = _join_etags(digits[number * _DIGITS // 2 :], copy_rests)
    return dict(zip(keys, zip(etags, copy_etags, strict=True), strict=True))


def _columns(packed: bytes, number: int) -> list[list[str]]:
    inflate = zlib.decompressobj()
    try:
        text = inflate.decompress(packed, ETAG_BLOCK.most + 1)
    except zlib.error as error:
        raise ValueError("its texts cannot be unpacked") from error
    if not inflate.eof and len(text) <= ETAG_BLOCK.most:
        raise ValueError("its texts are cut")
    # Millions of tiny values would take twenty times their text; one key may have a thousand commas.
    if text.count(b",") > (number + 10) * ETAG_COMMAS.most:
        raise ValueError("it holds more values than rows")
    columns = read_json(text, ETAG_BLOCK)
    if not isinstance(columns, list) or len(columns) != 3 or not all(isinstance(column, list) for column in columns):
        raise ValueError("it has other columns")
    if not all(type(text) is str for column in columns for text in column):
        raise ValueError("it holds something that is no text")
    return columns


def _split_etags(etags: list[str]) -> tuple[bytes, list[str]]:
    """Return the digits at the start of all ETags as bytes, and what follows them in each."""
    starts, rests = [etag[:_DIGITS] for etag in etags], [etag[_DIGITS:] for etag in etags]
    together = "".join(starts)
    try:
        digits = bytes.fromhex(together)
    except ValueError:
        digits = b""
    # Also capitals and spaces are hexadecimal to Python; they would come back as something else.
    if digits.hex() == together and _are_plain(starts, rests):
        return digits, rests
    regular = [_is_regular(etag) for etag in etags]
    rests = [rest if plain else _AS_TEXT + etag for etag, rest, plain in zip(etags, rests, regular, strict=True)]
    starts = [start if plain else _NO_DIGITS for start, plain in zip(starts, regular, strict=True)]
    return bytes.fromhex("".join(starts)), rests


def _are_plain(starts: list[str], rests: list[str]) -> bool:
    """Return True if all starts are complete, and no rest begins like an ETag that is kept as text."""
    return min(map(len, starts)) == _DIGITS and not any(rest[:1] == _AS_TEXT for rest in rests if rest)


def _is_regular(etag: str) -> bool:
    start = etag[:_DIGITS]
    return len(start) == _DIGITS and set(start) <= _HEX and etag[_DIGITS : _DIGITS + 1] != _AS_TEXT


_HEX = frozenset("0123456789abcdef")


def _join_etags(digits: bytes, rests: list[str]) -> list[str]:
    text = digits.hex()
    starts = [text[index : index + _DIGITS] for index in range(0, len(text), _DIGITS)]
    if not any(rests):
        return starts
    return [
        rest[1:] if rest[:1] == _AS_TEXT else start + rest if rest else start
        for start, rest in zip(starts, rests, strict=True)
    ]
