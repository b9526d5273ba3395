"""Parses and writes the values of a checkpoint's JSON that several of its parts share."""

from __future__ import annotations

import json
from typing import Any

from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.option_parsers import show
from s3_crosscopy.model.packed_ranges import pack, unpack

MOST_COUNT = 2**64
"""Limit of any count, including bytes: all of S3 holds less."""

PLAIN_RANGES, PLAIN_BYTES = 64, 8 * 1024
"""Largest number of key ranges, and of their bytes, that are written as readable JSON; more are packed."""


def ranges_to_json(ranges: tuple[KeyRange, ...]) -> list[list[str | None]] | str:
    """Return key ranges as a list if that is short, else packed."""
    plain = len(ranges) <= PLAIN_RANGES and sum(map(range_bytes, ranges)) <= PLAIN_BYTES
    return [list(keys) for keys in ranges] if plain else pack(ranges)


def ranges_of(kept: list[Any] | str) -> tuple[KeyRange, ...]:
    """Parse the result of `ranges_to_json`. Raises ValueError or TypeError for anything else."""
    if isinstance(kept, str):
        return unpack(kept)
    ranges = tuple(KeyRange(after, end) for after, end in map(list_of, kept))
    for keys in ranges:
        check_text(keys.after)
        check_text("" if keys.end is None else keys.end)
    return ranges


def typed(value: Any, kind: Any) -> Any:
    """Return the value if it has this type: edited or truncated JSON must not mean that nothing remains."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{show(value)} is of another type")
    return value


def list_of(value: object) -> list[Any]:
    checked: list[Any] = typed(value, list)
    return checked


def check_text(value: Any) -> None:
    """Check a text for UTF-8, which JSON does not guarantee."""
    typed(value, str).encode()


def check_count(value: Any) -> None:
    if not 0 <= typed(value, int) <= MOST_COUNT:
        raise ValueError(f"{show(value)} is no count")


def range_bytes(keys: KeyRange) -> int:
    """Return the bytes of a key range in JSON, including its separator."""
    return len(json.dumps(keys)) + 2
