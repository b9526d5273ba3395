"""Parses JSON from untrusted sources: strictly, and with limits for bytes, depth and digits.

Python's own parser accepts NaN, Infinity and lone surrogates, which UTF-8 cannot hold, turns 1e999 into `inf`, and
raises RecursionError for deep nesting. All of these raise ValueError here.
"""

from __future__ import annotations

import json
import math
import re
from itertools import accumulate

from s3_crosscopy.model.input_limits import DEPTH, INTEGER, Limit

_STRING = re.compile(r'"[^"]*"?')
_NO_BRACKETS = re.compile(r"[^][{}]+")
_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_json(data: bytes | str, limit: Limit) -> object:
    """Return the value. Raises ValueError with a text that continues the name of a file, such as "is no JSON"."""
    if len(data) > limit.most:
        raise ValueError(limit.exceeded)
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("is no UTF-8") from None
    if _is_deep(text):
        raise ValueError(DEPTH.exceeded)
    try:
        value: object = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"is no JSON ({error})") from None
    if _SURROGATE.search(text) or (_ESCAPED_SURROGATE.search(text) and not _is_unicode(value)):
        raise ValueError("holds a text that is no valid unicode")
    return value


def _is_deep(text: str) -> bool:
    """Return True if JSON is nested too deep, in linear time and without recursion. Any result for other text."""
    if text.count("[") + text.count("{") <= DEPTH.most:
        return False
    bare = _STRING.sub("", text.replace("\\\\", "").replace('\\"', ""))
    brackets = _NO_BRACKETS.sub("", bare)
    return any(depth > DEPTH.most for depth in accumulate(map(_STEPS.__getitem__, brackets)))


def _is_unicode(value: object) -> bool:
    return not _SURROGATE.search(json.dumps(value, ensure_ascii=False))


def _integer(digits: str) -> int:
    if len(digits) > INTEGER.most:
        raise ValueError(INTEGER.exceeded)
    return int(digits)


def _number(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("holds a number that is too large")
    return number


def _constant(name: str) -> object:
    raise ValueError(f"holds {name}, which is no JSON")


_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_number, parse_constant=_constant)
