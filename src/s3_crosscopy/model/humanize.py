"""Formats numbers and texts to show: rounded, on one line, without control characters and without secrets."""

from __future__ import annotations

import re

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
    """`45 ms`, `9.5 s`, `3 min 20 s`, `2 h 5 min`: the two largest units, without a zero."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    unit, unit_seconds, below, part = next(span for span in _SPANS if whole >= span[1])
    rest = whole % unit_seconds // part
    return f"{whole // unit_seconds} {unit} {rest} {below}" if rest else f"{whole // unit_seconds} {unit}"


_WORD = re.compile(r"\S+")
_OF_S3 = re.compile(r"\bs3[an]?\Z", re.IGNORECASE)
_QUOTE = re.compile(r"['\"]")
# The parameters of a presigned URL that let others use it, also where the URL's scheme is not http.
_SIGNED = re.compile(r"\b(X-Amz-(?:Signature|Security-Token|Credential))=[^\s&'\"]+", re.IGNORECASE)


def printable(text: str) -> str:
    """Return text on one line, safe for a terminal: keys and servers' messages may contain line ends and escapes.

    Escapes all control, format (bidi, zero width) and separator characters, lone surrogates, and characters unknown to
    Unicode. Letters of every script stay.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def printable_lines(text: str) -> str:
    """Return text of several lines, each made printable."""
    return "\n".join(map(printable, text.split("\n")))


def without_secrets(text: str) -> str:
    """Return text without user and query of the URLs in it, which may be passwords or signatures of presigned URLs.

    An `s3://` URL has no query, and "@" belongs to its key: only a user before the bucket is removed.
    """
    if "://" in text:
        text = _WORD.sub(lambda word: _without_user(word[0]), text)
    return _SIGNED.sub(r"\1=***", text) if "=" in text else text


def _without_user(word: str) -> str:
    """Remove all before the last "@" of the word, because a password may contain an unescaped "/" or "#"."""
    parts = word.split("://")
    for number in range(1, len(parts)):
        if not _OF_S3.search(parts[number - 1][-8:]):
            return f"{'://'.join(parts[:number])}://{_without_query('://'.join(parts[number:]))}"
        bucket, slash, key = parts[number].partition("/")
        parts[number] = f"{'***@' if '@' in bucket else ''}{bucket.rpartition('@')[2]}{slash}{key}"
    return "://".join(parts)


def _without_query(rest: str) -> str:
    """Remove user and query of a URL, but not a quotation mark after it."""
    _, user, host_and_path = rest.rpartition("@")
    path, mark, query = host_and_path.partition("?")
    quote = _QUOTE.search(query)
    tail = query[quote.start() :] if quote is not None else ""
    return f"{'***@' if user else ''}{path}{'?...' if mark and query != tail else mark}{tail}"


def error_text(text: str) -> str:
    """Return the text of an error, printable line by line, and without the secrets of the URLs in it."""
    return printable_lines(without_secrets(text))
