"""Reads what a template made of a list, a mapping or None: `{{ params.x }}` renders to text.

Such text must not pass for a glob or a name: an `exclude` that is the text of a list would leave out nothing.
"""

from __future__ import annotations

import ast
import json
import re
from typing import Any

_ESCAPED = r"\\[\\'\"abfnrtvxuU]"
_TEXT = rf"(?:'(?:[^'\\]|{_ESCAPED})*'|\"(?:[^\"\\]|{_ESCAPED})*\")"
_TEXTS = rf"\s*(?:{_TEXT}\s*(?:,\s*{_TEXT}\s*)*(?:,\s*)?)?"
# Only commas between the texts: Python would read the text of a numpy array, "['a' 'b']", as ['ab'].
_LIST = re.compile(rf"\s*(?:\[{_TEXTS}\]|\({_TEXTS}\))\s*")

# A glob may begin with a bracket: `[ab]*.csv`, `[]x]*`, `(old) *`.
_LIKE_A_LIST = re.compile(
    r"""\s*(?:
        [\[({]\s*[bru]?['"].*                          # a list, tuple or set of texts, also one that breaks off
        | \[\s*\] | \(\s*\)                            # of nothing
        | \[[^\[\],'"]*[,'"][^\[\]]*\]                 # of whatever else: [a, b], [Path('a')]
        | \[\s*(?:-?\d[\d.]*|None|True|False)\s*\]     # of one thing that is no text
    )\s*""",
    re.DOTALL | re.VERBOSE,
)


def is_none(text: str) -> bool:
    """Tells whether it is what a template makes of None."""
    return text.strip() == "None"


def like_a_list(text: str) -> bool:
    """Tells whether it looks like the text of a list, tuple or set and not like a glob."""
    return _LIKE_A_LIST.fullmatch(text) is not None


def texts_of(text: str) -> list[str] | None:
    """The texts of a list or tuple of them, as Python or JSON writes it; None for any other text."""
    found = literal(text) if _LIST.fullmatch(text) else None
    one = (found,) if isinstance(found, str) else found
    return list(one) if isinstance(one, (list, tuple)) else None


def literal(text: str) -> Any:
    """The value of JSON, or of a Python literal; None for text that is neither."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
