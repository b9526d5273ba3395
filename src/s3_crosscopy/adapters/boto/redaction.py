"""Secrets that this process signs with, taken out of every error's text and out of the errors that caused it.

botocore and http.client quote what they could not use, and a server may repeat the headers that it got. Causes are
changed in place: their types and attributes tell the callers more than their texts.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from threading import Lock
from typing import Any
from urllib.parse import quote, quote_plus

from botocore import exceptions as boto_errors

from s3_crosscopy.errors import CrossCopyError
from s3_crosscopy.model.humanize import printable, told

SHORTEST_CHARS = 8
"""Shorter ones are not looked for: they would be found in ordinary words."""
MOST_KNOWN = 100
"""A long run has new credentials every quarter of an hour; errors quote those that were in use."""
LONGEST_CAUSE_CHARS = 2000
"""Of a cause's text, which a traceback shows; a server's message may have millions."""
_LOOKED_AT_CHARS = 65_536
_HIDDEN = "***"
_VALUE, _VALUES_END = "value: ", re.compile(", (?=type:|valid )")
_QUOTED = (
    (re.compile(r"Invalid header (?:value|name) .*", re.DOTALL), "a header has a character that cannot be sent"),
    # A password of a proxy with a `#` or a `/` in it, which have to be written as %23 and %2F.
    (re.compile(r"Failed to parse: .*", re.DOTALL), "the URL of a proxy cannot be parsed"),
    (re.compile(r"://[^/\s\"'@]+@"), "://***@"),
)
"""Words of http.client and urllib3 that quote what may be a session token or a password, and what is said instead."""


class _Known:
    """The secrets of this process, and the pattern that finds them. Threads refresh credentials at any time."""

    def __init__(self) -> None:
        self._secrets: dict[str, None] = {}
        self._lock = Lock()
        self._pattern: re.Pattern[str] | None = None

    def add(self, secret: str) -> None:
        if secret in self._secrets:
            return
        with self._lock:
            self._secrets[secret] = None
            while len(self._secrets) > MOST_KNOWN:
                del self._secrets[next(iter(self._secrets))]
            forms = sorted({form for one in self._secrets for form in _forms(one)}, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, forms)))

    def hidden(self, text: str) -> str:
        return self._pattern.sub(_HIDDEN, text) if self._pattern is not None else text


_known = _Known()


def remember(*secrets: object) -> None:
    """Never show these again. What is no text, or too short to be told from a word, is passed over."""
    for secret in secrets:
        if isinstance(secret, str) and len(secret.strip()) >= SHORTEST_CHARS:
            _known.add(secret)


def remember_url(url: object) -> None:
    """The password of a URL, also one that is not escaped: parsers quote what stands before and after its mark."""
    if not isinstance(url, str) or "@" not in url:
        return
    user = url.partition("://")[2] or url
    password = user.rpartition("@")[0].partition(":")[2]
    remember(password, *re.split(r"[/?#@:]", password))


def redacted(text: str) -> str:
    """The text without the secrets, however they are spelt there, and without what could not be sent or parsed."""
    for pattern, instead in _QUOTED:
        text = pattern.sub(instead, text)
    return _known.hidden(text)


def make_harmless(error: BaseException) -> None:
    """Make the texts of an error and of all its causes printable, short and free of secrets and wrong values."""
    for one in _chain(error):
        if isinstance(one, CrossCopyError):  # told already, and of several lines
            continue
        hide = _of_parameters if isinstance(one, boto_errors.ParamValidationError) else _hidden
        one.args = tuple(hide(arg) if isinstance(arg, str) else _plain(arg) for arg in one.args)
        if isinstance(one, OSError):
            one.strerror, one.filename = (_hidden(each) if isinstance(each, str) else each
                                          for each in (one.strerror, one.filename))  # fmt: skip


def without_values(text: str) -> str:
    """botocore repeats a wrong parameter's value, which may be a secret. One without an end hides all that follows."""
    kept, at = [], 0
    while (start := text.find(_VALUE, at)) >= 0:
        end = _VALUES_END.search(text, start)
        kept.append(text[at:start])
        at = end.end() if end is not None else len(text)
    return "".join((*kept, text[at:]))


def _forms(secret: str) -> Iterator[str]:
    """The secret as texts spell it: as it is, as a Python literal, in JSON, XML and URLs, and each line of it."""
    yield from (secret, secret.strip(), printable(secret), repr(secret)[1:-1], json.dumps(secret)[1:-1])
    yield repr(secret.encode("utf-8", "backslashreplace"))[2:-1]
    yield from (quote(secret, "", errors="replace"), quote(secret, errors="replace"), html.escape(secret))
    yield quote_plus(secret, errors="replace")
    yield from (line for line in secret.splitlines() if len(line) >= SHORTEST_CHARS)


def _hidden(text: str) -> str:
    return told(redacted(text[:_LOOKED_AT_CHARS]))[:LONGEST_CAUSE_CHARS]


def _of_parameters(text: str) -> str:
    return _hidden(without_values(text))


def _plain(arg: object) -> object:
    """An argument that is no text is shown as its repr, where a tuple is: only if that hides nothing."""
    if isinstance(arg, (int, float, BaseException, type(None))):
        return arg
    shown = repr(arg)[:_LOOKED_AT_CHARS]
    return arg if _hidden(shown) == shown else _hidden(shown)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what caused it and what it was raised beside; also errors that are only wrapped in another's text."""
    left, seen = [error], set[int]()
    while left:
        one = left.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            left += [one.__cause__, one.__context__, *(arg for arg in one.args if isinstance(arg, BaseException))]


def secrets_of(settings: Mapping[str, Any]) -> Iterator[str]:
    """The values in nested settings whose names say that they are secret, as in a connection's extra."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from secrets_of(value)
        elif isinstance(value, str) and re.search("secret|password|passwd|token(?!_file)", str(name), re.IGNORECASE):
            yield value
