"""Numbers and texts as people read them: rounded, and never able to drive a terminal or to break a line."""

from __future__ import annotations

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_SPANS = (("d", 86_400, "h", 3_600), ("h", 3_600, "min", 60), ("min", 60, "s", 1))


def about_bytes(number: float) -> str:
    """`1.5 MiB`: rounded."""
    unit = 0
    while number >= 1024 and unit < len(_UNITS) - 1:
        number /= 1024
        unit += 1
    return f"{number:.0f} B" if unit == 0 else f"{number:,.1f} {_UNITS[unit]}"


def about_seconds(seconds: float) -> str:
    """`45 ms`, `9.5 s`, `3 min 20 s`, `2 h 5 min`: the two largest units, without what is nought."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    unit, each, below, part = next(span for span in _SPANS if whole >= span[1])
    rest = whole % each // part
    return f"{whole // each} {unit} {rest} {below}" if rest else f"{whole // each} {unit}"


def printable(text: str) -> str:
    """Text on one line: keys and servers' messages may hold line ends, and escapes that would drive a terminal."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
