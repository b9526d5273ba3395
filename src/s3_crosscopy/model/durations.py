"""The parser of options that are durations, and their text."""

from __future__ import annotations

import re

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.option_parsers import show

_DURATION = re.compile(r"\s*(\d{1,12})\s*([smhd])?\s*", re.IGNORECASE)
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Duration:
    """Parser for seconds from `least` to `most`, as a number or with a unit (`90m`, `12h`, `7d`)."""

    def __init__(self, least: int, most: int) -> None:
        self.least = least
        self.most = most

    def __call__(self, name: str, raw: object) -> int:
        match = _DURATION.fullmatch(raw) if isinstance(raw, str) else None
        seconds = int(match[1]) * _UNITS[(match[2] or "s").lower()] if match else raw
        if not isinstance(seconds, int) or isinstance(seconds, bool):
            raise InvalidInput(f"{name}: expected seconds such as 86400, or '12h' or '7d', got {show(raw)}")
        if not self.least <= seconds <= self.most:
            bounds = f"from {show_duration(self.least)} to {show_duration(self.most)}"
            raise InvalidInput(f"{name}: {seconds:,} seconds are out of range; give a duration {bounds}")
        return seconds


def show_duration(seconds: int) -> str:
    """Return a duration as text such as `7d`: exact, in the largest unit that divides it."""
    for unit in ("d", "h", "m"):
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]}{unit}"
    return f"{seconds}s"
