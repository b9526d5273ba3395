"""Parsers of single option values: from Python, a template or a shell to a typed value, or a one-line error."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.template_values import is_none, like_a_list, literal, texts_of

Parser = Callable[[str, object], Any]
"""`(option name, raw value) -> value`; raises InvalidInput."""

SHOWN_CHARS = 80
AUTO = "auto"

_UNITS = {"": 1, "b": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_UNITS |= {"ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
# As many digits as any limit has: int() refuses text of thousands of them with an error of its own.
_COUNT = re.compile(r"\s*-?\d{1,18}\s*")
_SIZE = re.compile(r"\s*(\d{1,18})\s*([kmgt]i?)?b?\s*", re.IGNORECASE)
_TRUE = {"true", "1", "yes", "on"}
_FALSE = {"false", "0", "no", "off"}


def near(word: str, known: Iterable[str]) -> str:
    """Return a "did you mean" for a misspelt word, or ""."""
    as_spelt = {known_word.lower(): known_word for known_word in known}
    matches = difflib.get_close_matches(word.lower(), as_spelt, n=1)
    return f"; did you mean {as_spelt[matches[0]]!r}?" if matches else ""


def show(raw: object) -> str:
    """Return a value for a one-line error, cut to a readable length."""
    text = repr(raw)
    return text if len(text) <= SHOWN_CHARS else f"{text[:SHOWN_CHARS]}..."


class Choice:
    """Parser for one of the words in `allowed`."""

    def __init__(self, *allowed: str) -> None:
        self.allowed = allowed

    def __call__(self, name: str, raw: object) -> str:
        if isinstance(raw, str) and raw in self.allowed:
            return raw
        hint = near(raw, self.allowed) if isinstance(raw, str) else ""
        raise InvalidInput(f"{name}: {show(raw)} is not one of {', '.join(map(repr, self.allowed))}{hint}")


def count(least: int, most: int | None = None) -> Parser:
    """Return a parser for an integer within bounds; it accepts text, because templates render to text."""
    bounds = f"from {least:,} to {most:,}" if most is not None else f"of at least {least:,}"

    def parse(name: str, raw: object) -> int:
        number = int(raw) if isinstance(raw, str) and _COUNT.fullmatch(raw) else raw
        if not isinstance(number, int) or isinstance(number, bool):
            raise InvalidInput(f"{name}: expected a whole number {bounds}, got {show(raw)}")
        if number < least or (most is not None and number > most):
            raise InvalidInput(f"{name}: {number:,} is out of range; give a whole number {bounds}")
        return number

    return parse


class CountOr:
    """Parser for an integer within bounds, or `word`."""

    def __init__(self, word: str, least: int, most: int) -> None:
        self.word = word
        self.least = least
        self.most = most

    def __call__(self, name: str, raw: object) -> int | str:
        if isinstance(raw, str) and raw.strip() == self.word:
            return self.word
        if isinstance(raw, str) and not _COUNT.fullmatch(raw):
            bounds = f"from {self.least:,} to {self.most:,}"
            raise InvalidInput(f"{name}: expected a whole number {bounds} or {self.word!r}, got {show(raw)}")
        return count(self.least, self.most)(name, raw)  # type: ignore[no-any-return]


class Size:
    """Parser for bytes from `least` to `most`, as a number or with a unit (`64MiB`, `1GB`)."""

    def __init__(self, least: int, most: int) -> None:
        self.least = least
        self.most = most

    def __call__(self, name: str, raw: object) -> int:
        match = _SIZE.fullmatch(raw) if isinstance(raw, str) else None
        number = int(match[1]) * _UNITS[(match[2] or "").lower()] if match else raw
        if not isinstance(number, int) or isinstance(number, bool):
            raise InvalidInput(f"{name}: expected bytes such as 67108864 or '64MiB', got {show(raw)}")
        if not self.least <= number <= self.most:
            bounds = f"between {show_bytes(self.least)} and {show_bytes(self.most)}"
            raise InvalidInput(f"{name}: {number:,} bytes is out of range; S3 allows {bounds}")
        return number


def show_bytes(number: int) -> str:
    """Return bytes as text such as `5 MiB`: exact, in the largest binary unit that divides them."""
    for unit, unit_bytes in (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if number and number % unit_bytes == 0:
            return f"{number // unit_bytes} {unit}"
    return f"{number:,} B"


def moment(name: str, raw: object) -> str:
    """Parse a point in time; returns it in the form of `Listed.modified`. Without a time zone it is UTC."""
    parsed = raw
    if isinstance(raw, str):
        try:
            parsed = datetime.fromisoformat(raw.strip().replace("Z", "+00:00").replace("z", "+00:00"))
        except ValueError:
            parsed = None
    if not isinstance(parsed, datetime):
        raise InvalidInput(f"{name}: expected a time such as '2026-01-31T12:00:00Z', got {show(raw)}")
    in_zone = parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=timezone.utc)
    return in_zone.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def failures(name: str, raw: object) -> int | str:
    """Parse an integer, or a percentage of the listed objects such as `1%`."""
    if isinstance(raw, str) and raw.strip().endswith("%"):
        share = raw.strip()[:-1].strip()
        if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?", share) and float(share) <= 100:
            return f"{share}%"
        raise InvalidInput(f"{name}: expected a number of objects or a share from 0% to 100%, got {show(raw)}")
    return count(0)(name, raw)  # type: ignore[no-any-return]


def rate(name: str, raw: object) -> float:
    """Parse requests per second, above zero."""
    try:
        number = float(raw) if isinstance(raw, (int, float, str)) and not isinstance(raw, bool) else None
    except (ValueError, OverflowError):
        number = None
    if number is None or not 0 < number < float("inf"):
        raise InvalidInput(f"{name}: expected requests per second above 0, got {show(raw)}")
    return number


def flag(name: str, raw: object) -> bool:
    """Parse a boolean, also from the text that a template renders."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.strip().lower() in _TRUE | _FALSE:
        return raw.strip().lower() in _TRUE
    raise InvalidInput(f"{name}: expected true or false, got {show(raw)}")


def text(name: str, raw: object) -> str:
    """Parse text that is not blank."""
    if not isinstance(raw, str):
        raise InvalidInput(f"{name}: expected text, got {type(raw).__name__}")
    if raw.strip() == "":
        raise InvalidInput(f"{name}: is empty; leave it out instead (did a template render to nothing?)")
    if is_none(raw):
        raise InvalidInput(f"{name}: is the text 'None'; leave it out instead (did a template render None?)")
    return raw


def account(name: str, raw: object) -> str:
    """Parse an AWS account id: twelve digits as text, because a number loses its leading zeros."""
    if isinstance(raw, str) and re.fullmatch(r"[0-9]{12}", raw.strip()):
        return raw.strip()
    hint = "; give it as text" if isinstance(raw, int) else ""
    raise InvalidInput(f"{name}: {show(raw)} is not an AWS account id of 12 digits{hint}")


def globs(name: str, raw: object) -> tuple[str, ...]:
    """Parse one glob or a list of globs, also from the text that a template renders."""
    texts = [raw] if isinstance(raw, str) else raw
    if not isinstance(texts, (list, tuple)) or not all(isinstance(item, str) for item in texts):
        raise InvalidInput(f"{name}: expected a glob such as '*.parquet' or a list of them, got {show(raw)}")
    parsed = tuple(glob for item in texts for glob in _globs_of(name, item))
    if any(glob == "" for glob in parsed):
        raise InvalidInput(f"{name}: holds an empty glob, which matches nothing; leave it out")
    if any(is_none(glob) for glob in parsed):
        raise InvalidInput(
            f"{name}: is the text 'None'; leave it out (did a template render None?), or say '[N]one' for that key"
        )
    return parsed


def globs_auto_or_off(name: str, raw: object) -> tuple[str, ...] | str:
    """Parse globs, or `"auto"` alone; `"off"` alone means no globs. A key with such a name is `"[a]uto"`."""
    words = [raw] if isinstance(raw, str) else raw
    if isinstance(words, (list, tuple)) and len(words) == 1 and words[0] in (AUTO, "off"):
        return AUTO if words[0] == AUTO else ()
    return globs(name, raw)


def _globs_of(name: str, text: str) -> list[str]:
    """Return the globs of one text: itself, or the items if it is a rendered list."""
    if not like_a_list(text):
        return [text]
    globs = texts_of(text)
    if globs is None:
        raise InvalidInput(
            f"{name}: {show(text)} looks like a list, and is none of texts; give a list such as ['a*', 'b*'], or begin"
            " a glob for a bracket with '[[]' or '[(]'"
        )
    return globs


def keep_drop_or_replace(name: str, raw: object) -> str | Mapping[str, str]:
    """Parse `"keep"`, `"drop"`, or a replacement: a mapping, or its text `KEY=VALUE,KEY=VALUE`."""
    if raw in ("keep", "drop"):
        return str(raw)
    if isinstance(raw, str) and raw.lstrip().startswith("{"):
        parsed = literal(raw)
        raw = parsed if isinstance(parsed, Mapping) else raw
    elif isinstance(raw, str) and "=" in raw and not like_a_list(raw):
        return _pairs(name, raw)
    if isinstance(raw, Mapping):
        for key, value in raw.items():
            if not isinstance(key, str) or not isinstance(value, str) or key == "":
                raise InvalidInput(f"{name}: {show(key)}: {show(value)} has to be text for text, and the key not empty")
        return dict(raw)
    raise InvalidInput(
        f"{name}: expected 'keep', 'drop', or what replaces them (a mapping, or KEY=VALUE,...), got {show(raw)}"
    )


def _pairs(name: str, raw: str) -> Mapping[str, str]:
    """Parse `a=1,b=2`, for a shell. A value with a comma requires a mapping."""
    pairs: dict[str, str] = {}
    for pair in raw.split(","):
        key, equals, value = pair.partition("=")
        if not equals or key == "":
            raise InvalidInput(
                f"{name}: {pair!r} in {show(raw)} is not KEY=VALUE; a value that holds ',' needs a mapping"
            )
        if key in pairs:
            raise InvalidInput(f"{name}: {key!r} is given twice in {show(raw)}")
        pairs[key] = value
    return pairs
