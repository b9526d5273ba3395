"""HTML in which everything is escaped, because text becomes HTML here and nowhere else. A key may hold `<script>`."""

from __future__ import annotations

import html
from collections.abc import Iterable

from s3_crosscopy.model.humanize import printable

VOID = {"input", "meta"}


class Html(str):
    """Text that is HTML already. Made by `element`, `joined` and, of constants alone, by `raw`."""

    __slots__ = ()


def raw(constant: str) -> Html:
    """A constant of ours as it stands: style and script. Never anything that was read."""
    return Html(constant)


def escaped(text: str) -> Html:
    """Text as HTML. What cannot be seen, or turns the direction of what follows, is spelt out."""
    return text if isinstance(text, Html) else Html(html.escape(printable(text)))


def element(name: str, /, *inside: str, **attributes: str | float | bool) -> Html:
    """One element. `class_` and `for_` are spelt so for Python, `aria_label` is `aria-label`; False leaves it out."""
    said = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escaped(str(value))}"')
        for key, value in attributes.items()
        if value is not False
    )
    if name in VOID:
        return Html(f"<{name}{said}>")
    return Html(f"<{name}{said}>{''.join(map(escaped, inside))}</{name}>")


def joined(parts: Iterable[str], between: str = "") -> Html:
    """Several one after the other."""
    return Html(escaped(between).join(map(escaped, parts)))
