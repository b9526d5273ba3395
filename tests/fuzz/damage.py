"""Values that are nearly right: a valid one of ours, with some of its parts replaced, dropped or cut."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

HOSTILE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**63, 2**64, 10**29, 10**31, 10**400, -(10**400)),
    *(0.5, -0.0, 1e-320, 1e308, -1e308, float("nan"), float("inf"), float("-inf")),
    *("", "x", "0", "-1", "1e999", "x" * 2_000, "\x00", "\n", "\x1b[31m", "\u202e", "\ud800", "\U0010ffff"),
    *("../x", "/dev/zero", "s3://", "s3://b/k", "javascript:alert(1)", "<script>", "9" * 2_000),
    *([], {}, [[]], [None], {"": None}, {"name": 1}, [1, 2, 3], ["a", "b"], [["k", "r"], ["k", "r"], ["l", "s"]]),
)
LARGE: tuple[Any, ...] = ("9" * 50_000, [["k" * 1_000, "r"] for _ in range(50)], list(range(5_000)))
"""Put in every place by `enlarged`. Not drawn: three of them, one in the other, would be no input of some kilobytes."""
DEEP = "\x02deep\x02"
"""In the text it becomes what no `json.dumps` could write."""
DEEP_LEVELS = 2_000
"""Twice what Python's own reader takes."""

hostile = st.one_of(
    st.sampled_from(HOSTILE), st.just(DEEP), st.integers(), st.floats(), st.text(st.characters(), max_size=5)
)


# Made once: to make a strategy takes as long as to draw from it. A number is taken modulo what there is.
NUMBER = st.integers(0, 2**16 - 1)
_UP_TO_3, _UP_TO_19 = st.integers(0, 3), st.integers(0, 19)
_FEW_BYTES = st.binary(max_size=4)


@st.composite
def damaged(draw: st.DrawFn, value: Any) -> Any:
    """The value with up to three parts replaced or dropped."""
    found = {"": copy.deepcopy(value)}
    for _ in range(draw(_UP_TO_3)):
        places = list(_places(found))
        holder, name = places[draw(NUMBER) % len(places)]
        if holder is not found and draw(_UP_TO_3) == 3:
            del holder[name]
        else:
            holder[name] = copy.deepcopy(draw(hostile))
    return found[""]


def enlarged(value: Any) -> Iterator[Any]:
    """The value with each of its parts replaced by each of what is large."""
    for at in range(len(list(_places({"": value})))):
        for large in LARGE:
            found = {"": copy.deepcopy(value)}
            holder, name = list(_places(found))[at]
            holder[name] = large
            yield found[""]


@st.composite
def damaged_text(draw: st.DrawFn, value: Any) -> bytes:
    """The same as JSON, which may be cut, or have a few bytes of another kind in it."""
    text = json.dumps(draw(damaged(value)), ensure_ascii=draw(st.booleans()))
    text = text.replace(json.dumps(DEEP), "[" * DEEP_LEVELS + "]" * DEEP_LEVELS)
    return draw(damaged_bytes(text.encode("utf-8", "surrogatepass")))


@st.composite
def damaged_bytes(draw: st.DrawFn, data: bytes) -> bytes:
    """Mostly the same, sometimes cut, sometimes with other bytes somewhere in it."""
    how = draw(_UP_TO_19)
    if how > 5:
        return data
    at = draw(NUMBER) % (len(data) + 1)
    if how < 2:
        return data[:at]
    return data[:at] + draw(_FEW_BYTES) + data[at + how - 2 :]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every part of a value, as what holds it and where in that."""
    names = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for name in names:
        yield value, name
        yield from _places(value[name])
