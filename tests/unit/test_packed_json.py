"""Packed JSON comes back as it was, and what is no such text, or too large, is a line and not a gigabyte."""

from __future__ import annotations

import base64
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.model.input_limits import Limit
from s3_crosscopy.model.packed_json import pack, unpack

SMALL = Limit("a value", 1024, "bytes", "for this test")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.recursive(st.none() | st.integers(-9, 9) | TEXT, lambda some: st.lists(some, max_size=4), max_leaves=8))
def test_what_was_packed_is_unpacked(value: object) -> None:
    text = pack(value)
    assert text.isascii()
    assert unpack(text, SMALL) == value


def test_keys_that_begin_alike_take_little() -> None:
    keys = [f"{'warehouse/' * 90}{number:08}" for number in range(16)]
    assert len(pack(keys)) < 300


@given(st.text(max_size=40) | st.binary(max_size=40).map(lambda data: base64.b64encode(zlib.compress(data)).decode()))
def test_whatever_a_table_holds_is_a_value_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        unpack(text, SMALL)


def of(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("no base64!", "is no packed JSON"),
        ("é", "is no packed JSON"),
        (of(b"not compressed"), "is no packed JSON"),
        (of(zlib.compress(b"[1, 2")), "is no JSON"),
        (of(zlib.compress(b"x" * 50)[:-6]), "is packed JSON that was cut"),
        (of(zlib.compress(b"0" * 10_000_000))[:900], "has more than 1 KiB, the limit of a value"),
        ("A" * 1028, "has more than 1 KiB, the limit of a value"),
    ],
    ids=["no-base64", "no-ascii", "not-compressed", "no-json", "cut", "much-larger", "long"],
)
def test_what_is_no_packed_json_is_one_line(text: str, line: str) -> None:
    with pytest.raises(ValueError, match=line):
        unpack(text, SMALL)
