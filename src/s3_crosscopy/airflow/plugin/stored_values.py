"""Reads single fields of stored values, which may be of another version, cut, or written by anybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from s3_crosscopy.model.humanize import printable

LONGEST_TEXT = 160
"""Characters shown of a key or a message, from both ends. A key may have a thousand."""
MOST_COUNT = 2**63


def short(text: object, longest: int = LONGEST_TEXT) -> str:
    """A text for the page, cut and without control characters, which could change how the page is displayed."""
    line = str(text)
    half = longest // 2
    return printable(line if len(line) <= longest else f"{line[:half]}…{line[1 - half :]}")


def number(values: Mapping[str, Any], name: str, most: float = MOST_COUNT) -> float:
    """Return the number of that name; 0 if it is none from 0 to `most`."""
    value = values.get(name)
    return value if is_number(value, most) else 0  # type: ignore[return-value]


def is_number(value: object, most: float) -> bool:
    """True for a number from 0 to `most`; False for NaN and anything else."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= most


def mapping(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = values.get(name)
    return value if isinstance(value, Mapping) else {}


def listed(values: Mapping[str, Any], name: str) -> list[Any]:
    value = values.get(name)
    return value if isinstance(value, list) else []
