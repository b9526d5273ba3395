"""Texts that drive a terminal, forge a line, or turn the direction of what follows: each a key, or a server's words."""

from __future__ import annotations

import traceback

HOSTILE = {
    "a forged line": "a\n2026-11-26 CRITICAL root: INJECTED",
    "a carriage return": "a\rINJECTED",
    "line separators": "a\u2028b\u2029c\x85d\x0be\x0cf",
    "a terminal's escapes": "\x1b[2J\x1b]0;INJECTED\x07\x1b[31m",
    "C1 controls": "\x9b31m\x90q\x9c",
    "bidi": "\u202egpj.exe\u202c \u2066x\u2069 \u200e\u200f\u061c",
    "zero width": "a\u200bb\u200dc\ufeffd\u2060",
    "other controls": "\x00\x08\x7f\xad",
    "lone surrogates": "\ud800x\udfff",
    "other spaces": "a\xa0b\u2003c\u3000d",
}
READABLE = "ünï/鍵/ключ/مفتاح/😀 sp ace"
"""Letters of every script are no harm."""


def harm(text: str) -> set[str]:
    """The characters in a text that nobody should be shown; line feeds are looked for by `lines_of`."""
    return {char for char in text if not char.isprintable() and char != "\n"}


def forged(text: str) -> list[str]:
    """Lines that began inside of somebody's text."""
    return [line for line in text.split("\n") if line.startswith(("2026-11-26 CRITICAL", "INJECTED"))]


def everything_of(error: BaseException) -> str:
    """The error with all its causes, as logs, debuggers and tracebacks show them."""
    left: list[BaseException] = [error]
    told, seen = ["".join(traceback.format_exception(error))], set[int]()
    while left:
        one = left.pop()
        if id(one) not in seen:
            seen.add(id(one))
            told += [str(one), repr(one), repr(one.args)]
            left += [each for each in (one.__cause__, one.__context__) if each is not None]
    return "\n".join(told)
