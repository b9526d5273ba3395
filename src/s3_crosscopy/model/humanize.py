"""Numbers and texts as people read them: rounded, unable to drive a terminal or to break a line, without passwords."""

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
    """`45 ms`, `9.5 s`, `3 min 20 s`, `2 h 5 min`: the two largest units, without what is nought."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    unit, each, below, part = next(span for span in _SPANS if whole >= span[1])
    rest = whole % each // part
    return f"{whole // each} {unit} {rest} {below}" if rest else f"{whole // each} {unit}"


_WORD = re.compile(r"\S+")
_OF_S3 = re.compile(r"\bs3[an]?\Z", re.IGNORECASE)
_QUOTE = re.compile(r"['\"]")
# The parameters of a presigned URL that let others use it, also where the URL's scheme is not http.
_SIGNED = re.compile(r"\b(X-Amz-(?:Signature|Security-Token|Credential))=[^\s&'\"]+", re.IGNORECASE)


def printable(text: str) -> str:
    """Text on one line: keys and servers' messages may hold line ends, and escapes that would drive a terminal.

    Escaped are all control, format (bidi, zero width) and separator characters, lone surrogates, and what Unicode does
    not know; letters of every script stay as they are.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)


def printable_lines(text: str) -> str:
    """Text of several lines: only its line feeds are kept."""
    return "\n".join(map(printable, text.split("\n")))


def without_secrets(text: str) -> str:
    """Text without the user and the query of each URL in it: they hold passwords and the signatures of presigned URLs.

    An `s3://` URL has no query, and "@" in its key is the key's: of it only a user before the bucket is left out.
    """
    if "://" in text:
        text = _WORD.sub(lambda word: _without_user(word[0]), text)
    return _SIGNED.sub(r"\1=***", text) if "=" in text else text


def _without_user(word: str) -> str:
    """Up to the last "@" of the word: a password may hold a "/" or a "#" that nobody has escaped."""
    parts = word.split("://")
    for number in range(1, len(parts)):
        if not _OF_S3.search(parts[number - 1][-8:]):
            return f"{'://'.join(parts[:number])}://{_without_query('://'.join(parts[number:]))}"
        bucket, slash, key = parts[number].partition("/")
        parts[number] = f"{'***@' if '@' in bucket else ''}{bucket.rpartition('@')[2]}{slash}{key}"
    return "://".join(parts)


def _without_query(rest: str) -> str:
    """Leaves the user and the query out of a URL, but not a quotation mark behind it."""
    _, user, place = rest.rpartition("@")
    before, mark, query = place.partition("?")
    end = _QUOTE.search(query)
    behind = query[end.start() :] if end is not None else ""
    return f"{'***@' if user else ''}{before}{'?...' if mark and query != behind else mark}{behind}"


def told(text: str) -> str:
    """The text of an error: printable line by line, and without the secrets of the URLs in it."""
    return printable_lines(without_secrets(text))
