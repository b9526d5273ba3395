"""JSON from outside: a value, or one line that says what is wrong; never more work than its length."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.model.input_limits import ALL, CHECKPOINT, DEPTH, INTEGER, Limit
from s3_crosscopy.model.json_text import read_json

SMALL = Limit("a test", 40, "bytes", "so that it is short")

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4),
)  # fmt: skip


@given(values, st.booleans())
def test_whatever_json_can_say_is_read_as_python_reads_it(value: object, escaped: bool) -> None:
    text = json.dumps(value, ensure_ascii=escaped)
    assert read_json(text, CHECKPOINT) == read_json(text.encode(), CHECKPOINT) == json.loads(text)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is no JSON (Expecting value: line 1 column 1 (char 0))"),
        (b" " * 41, "has more than 40 B, the limit of a test"),
        (b"\xff", "is no UTF-8"),
        ("NaN", "holds NaN, which is no JSON"),
        ("[-Infinity]", "holds -Infinity, which is no JSON"),
        ("1e999", "holds a number that is too large"),
        ("9" * 31, "has more than 30 digits, the limit of an integer in JSON"),
        ('"\\ud800"', "holds a text that is no valid unicode"),
        ('"\ud800"', "holds a text that is no valid unicode"),
        ("[" * 33, "has more than 32 levels, the limit of nested JSON"),
        ("{" * 33, "has more than 32 levels, the limit of nested JSON"),
    ],
)
def test_anything_else_is_refused_in_one_line(data: bytes | str, why: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read_json(data, SMALL)
    assert str(caught.value) == why


def test_what_is_just_within_the_limits_is_read() -> None:
    deep = "[" * DEPTH.most + "]" * DEPTH.most
    assert json.dumps(read_json(deep, CHECKPOINT)) == deep
    assert read_json("9" * INTEGER.most, CHECKPOINT) == 10**INTEGER.most - 1
    assert read_json(b" " * 38 + b"{}", SMALL) == {}
    assert read_json('"\\ud83d\\ude00"', SMALL) == "\U0001f600"


@pytest.mark.parametrize("text", ["[" * 99, r"[\\\"[\"" * 40, "][" * 99, "[{" * 99])
def test_brackets_in_a_text_are_no_depth(text: str) -> None:
    value = [text, {text: [text]}]
    assert read_json(json.dumps(value), CHECKPOINT) == value


@pytest.mark.parametrize("limit", ALL, ids=lambda limit: limit.subject)
def test_every_limit_says_what_it_is_of_and_why(limit: Limit) -> None:
    assert limit.most > 0
    assert limit.why
    assert limit.exceeded == f"has more than {limit.shown}, the limit of {limit.subject}"
