"""Parses the text that a template such as `{{ params.x }}` renders for a list, a mapping or None.

Such text must not be used as a glob or a name: an `exclude` that is the text of a list would exclude nothing.
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
    """Return True if the text is a rendered None."""
    return text.strip() == "None"


def like_a_list(text: str) -> bool:
    """Return True if the text looks like a rendered list, tuple or set, and not like a glob."""
    return _LIKE_A_LIST.fullmatch(text) is not None


def texts_of(text: str) -> list[str] | None:
    """Return the items of a list or tuple of texts, as written by Python or JSON; None for any other text."""
    value = literal(text) if _LIST.fullmatch(text) else None
    items = (value,) if isinstance(value, str) else value
    return list(items) if isinstance(items, (list, tuple)) else None


def literal(text: str) -> Any:
    """Return the value of JSON or of a Python literal; None for any other text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
