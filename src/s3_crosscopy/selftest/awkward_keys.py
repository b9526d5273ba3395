"""Keys that have broken copiers, one or two of each class, relative to the prefix of a self-test."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from s3_crosscopy.model.location import MAX_KEY_BYTES

AWKWARD_KEYS: Final[Mapping[str, str]] = {
    "plain": "plain.txt",
    "prefix-itself": "",
    "spaces": " a  b c ",
    "plus": "a+b",
    "percent": "100%",
    "percent-encoded": "a%2Fb%20c%2B%25",
    "percent-dots": "%2e%2e/x",
    "question": "q?versionId=x&uploads",
    "hash": "a#b",
    "ampersand": "a&b=c&lt;",
    "quotes": 'it\'s "quoted"',
    "markup": "<a>]]><!-- &amp;",
    "backslash": "a\\b",
    "dollar": "$(x)`y`*[z]{0}",
    "separators": ";:,@=!~|^",
    "double-slash": "a//b",
    "leading-slash": "/a",
    "only-slashes": "///",
    "dot": "./a",
    "dot-dot": "../a",
    "dots-between": "a/../b/./c",
    "dot-at-the-end": "a/..",
    "marker": "folder/",
    "marker-twice": "folder//",
    "accent-composed": "é",
    "accent-decomposed": "e\u0301",
    "japanese": "日本語",
    "emoji": "😀👩\u200d👧",
    "bidi": "\u202eabc\u200b",
    "line-separators": "a\u2028b\u2029c\u0085d",
    "no-break-space": "a\u00a0b\u3000c",
    "tab": "a\tb",
    "line-ends": "a\nb\r\nc\r",
    "delete-character": "a\x7fb",
    "not-in-xml": "a\x01b\x1fc",
    "noncharacter": "a\ufffe\uffffb",
    "upper-case": "README",
    "lower-case": "readme",
    "order-utf-16": "\uff5e",
    "order-utf-8": "\U00010000",
}
"""By the name of their check."""

NOT_IN_XML: Final = frozenset({"key-not-in-xml", "key-noncharacter"})
"""The objects whose keys XML 1.0 cannot hold: only a URL-encoded listing has them."""


def long_keys(longest_prefix: str) -> dict[str, str]:
    """Return keys that make S3's 1,024 bytes full below the longest prefix of a self-test."""
    room = MAX_KEY_BYTES - len(longest_prefix.encode())
    return {"long-ascii": "k" * room, "long-emoji": "😀" * (room // 4) + "k" * (room % 4)}
