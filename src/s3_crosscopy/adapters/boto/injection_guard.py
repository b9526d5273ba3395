"""The gate that every request passes: nothing in its lines may end one of them and begin another.

Whatever a value's source is, a template's field, an object's own headers or a server's answer, here is the last look.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NewType

from botocore.exceptions import ParamValidationError

# All but the tab, which HTTP allows in a value (RFC 9110, 5.5). What is above 7F is no control character but a byte of
# UTF-8 or Latin-1.
_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if code != 0x09)
_IN_TEXT = frozenset(_CONTROLS.decode())
NOT_SENT = "has a control character, such as a line end, and no request can carry that"


class NotSendable(ParamValidationError):  # type: ignore[misc]
    """A request that is not sent; botocore's own error of that kind has two lines."""

    fmt = "{report}"


Passed = NewType("Passed", tuple[bytes, ...])
"""Lines that passed the gate, and go with many requests: only `passed` makes them."""


def passed(lines: Iterable[bytes]) -> Passed:
    """The lines, which need not be looked at again. Raises NotSendable like `check_lines`."""
    kept = Passed(tuple(lines))
    check_lines(kept)
    return kept


def check_lines(lines: Iterable[bytes]) -> None:
    """Raise NotSendable, which is about one request and no other, for lines that would become more."""
    whole = b"".join(lines)
    if len(whole.translate(None, _CONTROLS)) != len(whole):
        bad = next(line for line in lines if len(line.translate(None, _CONTROLS)) != len(line))
        raise refused(bad.partition(b":")[0].decode("latin-1") if bad.lower().startswith(b"x-amz-") else "")


def check_request(request: Any, **_: object) -> None:
    """The same for a request of botocore's, as a handler of `before-send`."""
    if not _IN_TEXT.isdisjoint(request.url) or " " in request.url:
        raise refused("")
    for name, value in request.headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        if not (_IN_TEXT.isdisjoint(text) and _IN_TEXT.isdisjoint(name)):
            raise refused(str(name))


def refused(header: str) -> NotSendable:
    """By the header's name alone: its value may be a secret."""
    named = f"the header {header}" if header.isascii() and header.isprintable() and header else "a line of it"
    return NotSendable(report=f"{named} {NOT_SENT}")
