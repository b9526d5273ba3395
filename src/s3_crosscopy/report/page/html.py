"""Makes HTML. Text becomes HTML here only, and is escaped: a key may contain `<script>`."""

from __future__ import annotations

import html
from collections.abc import Iterable

from s3_crosscopy.model.humanize import printable

VOID = {"input", "meta"}


class Html(str):
    """Text that is HTML already. Made by `element`, `joined` and, of constants alone, by `raw`."""

    __slots__ = ()


def raw(constant: str) -> Html:
    """A constant of ours, not escaped: style and script. Never a value that was read."""
    return Html(constant)


def escaped(text: str) -> Html:
    """Text as HTML. Invisible characters, and those that change the direction of text, are spelled out."""
    return text if isinstance(text, Html) else Html(html.escape(printable(text)))


def element(name: str, /, *inside: str, **attributes: str | float | bool) -> Html:
    """One element. In attributes `class_` and `for_` lose their `_`, `aria_label` is `aria-label`; False omits one."""
    attribute_text = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escaped(str(value))}"')
        for key, value in attributes.items()
        if value is not False
    )
    if name in VOID:
        return Html(f"<{name}{attribute_text}>")
    return Html(f"<{name}{attribute_text}>{''.join(map(escaped, inside))}</{name}>")


def joined(parts: Iterable[str], between: str = "") -> Html:
    """Concatenate several parts."""
    return Html(escaped(between).join(map(escaped, parts)))
