"""Checks every request for control characters, by which a value could end its header line and begin another.

It is the last check, for values from every source: a template's field, an object's own headers, a server's response.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NewType

from botocore.exceptions import ParamValidationError

# All but the tab, which HTTP allows in a value (RFC 9110, 5.5). Bytes above 7F are no control characters but parts of
# UTF-8 or Latin-1.
_CONTROLS = bytes(code for code in (*range(0x20), 0x7F) if code != 0x09)
_IN_TEXT = frozenset(_CONTROLS.decode())
NOT_SENT = "has a control character, such as a line end, which cannot be sent"


class NotSendable(ParamValidationError):  # type: ignore[misc]
    """A request that is not sent. Its text is one line; that of botocore's own error has two."""

    fmt = "{report}"


Passed = NewType("Passed", tuple[bytes, ...])
"""Checked lines that are sent with many requests. Made by `passed` only."""


def passed(lines: Iterable[bytes]) -> Passed:
    """Check lines that are sent with many requests once. Raises NotSendable like `check_lines`."""
    checked = Passed(tuple(lines))
    check_lines(checked)
    return checked


def check_lines(lines: Iterable[bytes]) -> None:
    """Raise NotSendable, which concerns this request only, for lines with a control character."""
    whole = b"".join(lines)
    if len(whole.translate(None, _CONTROLS)) != len(whole):
        bad = next(line for line in lines if len(line.translate(None, _CONTROLS)) != len(line))
        raise refused(bad.partition(b":")[0].decode("latin-1") if bad.lower().startswith(b"x-amz-") else "")


def check_request_text(text: bytes, line_ends: int) -> None:
    """Raise NotSendable for the text of a request with a control character, or with more than its own line ends."""
    if len(text.translate(None, _CONTROLS)) != len(text) - 2 * line_ends:
        check_lines(text.split(b"\r\n"))
        raise refused("")


def check_request(request: Any, **_: object) -> None:
    """Check a request of botocore, as a handler of `before-send`. Raises NotSendable."""
    if not _IN_TEXT.isdisjoint(request.url) or " " in request.url:
        raise refused("")
    for name, value in request.headers.items():
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        if not (_IN_TEXT.isdisjoint(text) and _IN_TEXT.isdisjoint(name)):
            raise refused(str(name))


def refused(header: str) -> NotSendable:
    """The error for a header. Names it without its value, which may be a secret."""
    named = f"the header {header}" if header.isascii() and header.isprintable() and header else "a line of it"
    return NotSendable(report=f"{named} {NOT_SENT}")
