"""Legal keys of every kind that has broken a copier (S3's limit: 1,024 bytes of UTF-8): ten thousand in `make soak`.

`make test` has fewer of those that only combine what others have alone.
"""

from __future__ import annotations

import itertools
import os
import random
import string
from collections.abc import Iterator, Mapping

ALL, SOME = (10_000, 10_000), (2_500, 250)
KEYS, OF_A_KIND = ALL if "AWKWARD_KEYS" in os.environ else SOME
"""How many there are, and the most of one kind."""
MOST_BYTES = 1024
SEED = 1024

CONTROL = [chr(code) for code in (0x09, 0x0A, 0x0D, 0x7F, *range(0x80, 0xA0))]
# Characters that XML 1.0 cannot hold: S3 lists them url-encoded, RGW answers such a listing with 500. Not NUL, which
# hardly any server takes.
NOT_IN_XML = [chr(code) for code in range(0x01, 0x20) if chr(code) not in CONTROL] + ["\ufffe", "\uffff"]
PUNCTUATION = list(string.punctuation + " ")
SEGMENTS = ["", ".", "..", "...", " ", "a", "~", "%2F", "%2e%2e", "+", "a b", "é", "e\u0301", "😀", "\uff5e"]
ENCODED = [f"%{left}{right}" for left, right in itertools.product("0279Fafz%", repeat=2)]
UNICODE = [
    "é", "e\u0301", "Å", "\u212b", "A\u030a",  # composed, decomposed, and a singleton that NFC replaces
    "\u017f", "\u212a", "İ", "\u0131", "ß", "ẞ",  # letters that lose themselves in another case
    "日本", "\u05d0\u05d1", "\u202eabc", "\u200d", "\u200b", "\ufeff", "\u2028", "\u2029", "\u00a0", "\u3000",
    "\ue000", "\uf8ff", "\ufdd0", "\ufffd", "\uff5e",
    "😀", "👩\u200d👩\u200d👧", "\U0001d4b3", "\U00010000", "\U0010ffff", "\u0345\u0345\u0345",
]  # fmt: skip
MARKUP = ["<a>", "&amp;", "&lt;", "&#10;", "]]>", "<![CDATA[x", "<!--", "'", '"', "<?xml", "</Key>", "\\", "`", "$(x)"]
QUERY = ["?", "?a=1", "?versionId=x", "#", "#f", "&b=2", "=", ";", ",", ":", "@", "?uploads", "?acl"]
CASES = ["readme", "Readme", "README", "rEADME"]


def kinds() -> Mapping[str, list[str]]:
    """The awkward kinds, by name; each key once in its kind."""
    found = {
        "slashes": ["/".join(parts) for size in (1, 2, 3) for parts in itertools.product(["", "a", "b"], repeat=size)],
        "segments": ["/".join(parts) for size in (1, 2, 3) for parts in itertools.product(SEGMENTS, repeat=size)],
        "markers": [f"{name}/" for name in (*UNICODE, *ENCODED, *PUNCTUATION)],
        "punctuation": ["".join(two) for two in itertools.product(PUNCTUATION, repeat=2)],
        "encoded": [f"{before}{code}{after}" for code in ENCODED for before in ("", "x") for after in ("", "/y", "+")],
        "control": [f"{before}{code}{after}" for code in CONTROL for before in ("", "c/") for after in ("", "x", "/")],
        "unicode": ["".join(two) for two in itertools.product(UNICODE, repeat=2)] + UNICODE,
        "markup": ["".join(two) for two in itertools.product(MARKUP, repeat=2)] + MARKUP,
        "query": [f"q{''.join(two)}" for two in itertools.product(QUERY, repeat=2)],
        "cases": ["/".join(two) for two in itertools.product(CASES, repeat=2)] + CASES,
        "prefixes": [("ab/" * 40)[:length] for length in range(1, 120)],
        "long": list(_long()),
    }
    return {name: _spread(list(dict.fromkeys(keys))) for name, keys in found.items()}


def generated(prefix: str) -> list[str]:
    """`KEYS` different keys below the prefix, which is one of them, as the marker of a "folder"; in random order."""
    dice = random.Random(SEED)
    keys = {prefix: None}
    for kind in kinds().values():
        keys.update((prefix + key, None) for key in kind)
    mixed = [*PUNCTUATION, *SEGMENTS, *ENCODED, *CONTROL, *UNICODE, *MARKUP, *QUERY, *string.ascii_letters]
    while len(keys) < KEYS:
        keys[prefix + "".join(dice.choices(mixed, k=dice.randint(2, 12)))] = None
    found = list(keys)
    dice.shuffle(found)
    return found


def _spread(keys: list[str]) -> list[str]:
    """At most `OF_A_KIND`: the shortest, each alone, and of the others some from everywhere."""
    if len(keys) <= OF_A_KIND:
        return keys
    keys = sorted(keys, key=len)
    alone, others = keys[: OF_A_KIND // 2], keys[OF_A_KIND // 2 :]
    return [*alone, *random.Random(SEED).sample(others, OF_A_KIND - len(alone))]


def _long() -> Iterator[str]:
    """As long as S3 allows below a prefix of two bytes, and a little shorter, of characters of 1 to 4 bytes."""
    for letter in ("k", "%", "+", "/", " ", "é", "日", "😀"):
        for less in (0, 1, 2, 3, 7):
            room = MOST_BYTES - 2 - less
            key = letter * (room // len(letter.encode()))
            yield key + "k" * (room - len(key.encode()))
