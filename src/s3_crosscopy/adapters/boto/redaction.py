"""Redacts the secrets of this process in the texts of errors and of their causes.

botocore and http.client quote values that they could not use, and a server may repeat the headers that it received.
Causes are changed in place, because callers need their types and attributes.
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
from s3_crosscopy.model.humanize import error_text, printable

SHORTEST_CHARS = 8
"""Shorter secrets are not searched: they would be found in ordinary words."""
MOST_KNOWN = 100
"""The number of secrets kept. A long run has new ones every quarter of an hour; errors quote recent ones."""
LONGEST_CAUSE_CHARS = 2000
"""The limit of a cause's text, which a traceback shows; a server's message may have millions of characters."""
_SEARCHED_CHARS = 65_536
_HIDDEN = "***"
_VALUE, _VALUES_END = "value: ", re.compile(", (?=type:|valid )")
_QUOTED = (
    (re.compile(r"Invalid header (?:value|name) .*", re.DOTALL), "a header has a character that cannot be sent"),
    # A proxy's password with a `#` or a `/` in it, which have to be written as %23 and %2F.
    (re.compile(r"Failed to parse: .*", re.DOTALL), "the URL of a proxy cannot be parsed"),
    (re.compile(r"://[^/\s\"'@]+@"), "://***@"),
)
"""Messages of http.client and urllib3 that may quote a session token or a password, and their replacements."""


class _Known:
    """The secrets of this process, and the pattern that finds them. Threads add new ones at any time.

    The pattern is compiled when a text is searched: that takes longer than a client, and most runs search none.
    """

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
            self._pattern = None

    def hidden(self, text: str) -> str:
        if not self._secrets:
            return text
        return (self._pattern or self._compiled()).sub(_HIDDEN, text)

    def _compiled(self) -> re.Pattern[str]:
        with self._lock:
            forms = sorted({form for known in self._secrets for form in _forms(known)}, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, forms)))
            return self._pattern


_known = _Known()


def remember(*secrets: object) -> None:
    """Redact these from now on. Values that are no text, or as short as a word, are ignored."""
    for secret in secrets:
        if isinstance(secret, str) and len(secret.strip()) >= SHORTEST_CHARS:
            _known.add(secret)


def remember_url(url: object) -> None:
    """Redact the password of a URL from now on, also parts of one that is not escaped: parsers quote such parts."""
    if not isinstance(url, str) or "@" not in url:
        return
    user = url.partition("://")[2] or url
    password = user.rpartition("@")[0].partition(":")[2]
    remember(password, *re.split(r"[/?#@:]", password))


def redacted(text: str) -> str:
    """The text without the secrets in any spelling, and without values that could not be sent or parsed."""
    for pattern, replacement in _QUOTED:
        text = pattern.sub(replacement, text)
    return _known.hidden(text)


def make_harmless(error: BaseException) -> None:
    """Make the texts of an error and of all its causes printable, short and free of secrets and wrong values."""
    for cause in _chain(error):
        if isinstance(cause, CrossCopyError):  # redacted already, and of several lines
            continue
        hide = _of_parameters if isinstance(cause, boto_errors.ParamValidationError) else _hidden
        cause.args = tuple(hide(arg) if isinstance(arg, str) else _plain(arg) for arg in cause.args)
        if isinstance(cause, OSError):
            cause.strerror, cause.filename = (_hidden(text) if isinstance(text, str) else text
                                              for text in (cause.strerror, cause.filename))  # fmt: skip


def without_values(text: str) -> str:
    """The text without the values of wrong parameters that botocore repeats. A value without an end hides the rest."""
    parts, position = [], 0
    while (start := text.find(_VALUE, position)) >= 0:
        end = _VALUES_END.search(text, start)
        parts.append(text[position:start])
        position = end.end() if end is not None else len(text)
    return "".join((*parts, text[position:]))


def _forms(secret: str) -> Iterator[str]:
    """The spellings of a secret: unchanged, as a Python literal, in JSON, XML and URLs, and each line of it."""
    yield from (secret, secret.strip(), printable(secret), repr(secret)[1:-1], json.dumps(secret)[1:-1])
    yield repr(secret.encode("utf-8", "backslashreplace"))[2:-1]
    yield from (quote(secret, "", errors="replace"), quote(secret, errors="replace"), html.escape(secret))
    yield quote_plus(secret, errors="replace")
    yield from (line for line in secret.splitlines() if len(line) >= SHORTEST_CHARS)


def _hidden(text: str) -> str:
    return error_text(redacted(text[:_SEARCHED_CHARS]))[:LONGEST_CAUSE_CHARS]


def _of_parameters(text: str) -> str:
    return _hidden(without_values(text))


def _plain(arg: object) -> object:
    """An error's argument that is no text; its redacted repr if that contains a secret."""
    if isinstance(arg, (int, float, BaseException, type(None))):
        return arg
    shown = repr(arg)[:_SEARCHED_CHARS]
    return arg if _hidden(shown) == shown else _hidden(shown)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, its causes and contexts, and the errors among their arguments."""
    stack, seen = [error], set[int]()
    while stack:
        cause = stack.pop()
        if cause is not None and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            stack += [
                cause.__cause__,
                cause.__context__,
                *(arg for arg in cause.args if isinstance(arg, BaseException)),
            ]


def secrets_of(settings: Mapping[str, Any]) -> Iterator[str]:
    """The values in nested settings whose names mark them as secret, as in a connection's extra."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from secrets_of(value)
        elif isinstance(value, str) and re.search("secret|password|passwd|token(?!_file)", str(name), re.IGNORECASE):
            yield value
