"""Packed key ranges: the same ranges again, no larger than was said before, and nothing else is taken for them."""

from __future__ import annotations

import base64
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.model import packed_ranges as packed
from s3_crosscopy.model.input_limits import Limit
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.packed_ranges import pack, packed_bytes, unpack

keys = st.text(max_size=20) | st.text("ab/é", max_size=300)
ranges_of_any_kind = st.lists(st.builds(KeyRange, keys, st.none() | keys), max_size=12).map(tuple)


def text_of(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data)).decode()


@given(ranges_of_any_kind)
def test_ranges_are_the_same_after_they_were_packed(ranges: tuple[KeyRange, ...]) -> None:
    assert unpack(pack(ranges)) == ranges


@given(ranges_of_any_kind, ranges_of_any_kind)
def test_what_ranges_take_is_the_sum_of_what_each_part_takes(
    one: tuple[KeyRange, ...], other: tuple[KeyRange, ...]
) -> None:
    before = one[-1].end if one else ""
    if before is not None:
        assert packed_bytes((*one, *other)) == packed_bytes(one) + packed_bytes(other, before)
    # Text of three bytes has four characters; what cannot be compressed grows by a few bytes.
    assert len(pack(one)) <= 4 * (packed_bytes(one) + 20) / 3 + 4


def test_single_keys_that_differ_in_a_number_take_a_few_bytes_each() -> None:
    ranges = [KeyRange(f"db/day={day:05d}/_", f"db/day={day:05d}/_SUCCESS") for day in range(10_000)]
    assert packed_bytes(ranges) <= 8 * len(ranges) + 40


WHOLE = zlib.compress(b"\x01\x00\x01a\x00\x00")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("not base64", "cannot be unpacked"),
        (base64.b64encode(b"not zlib").decode(), "cannot be unpacked"),
        (base64.b64encode(WHOLE[:-2]).decode(), "are cut, or go on behind their end"),
        (base64.b64encode(WHOLE + b"more").decode(), "are cut, or go on behind their end"),
        (text_of(b"\x05\x00\x00\x00\x00"), "do not fit together"),
        (text_of(b"\x01\x03\x00\x00\x00"), "do not fit together"),
        (text_of(b"\x01\x00\x05a"), "do not fit together"),
        (text_of(b"\x01\x00\x01a\x02\x00"), "do not fit together"),
        (text_of(b"\x01\x00"), "do not fit together"),
        (text_of(b"\x81\x80\x80\x80\x01"), "hold a length that no key has"),
        (text_of(b"\x01\x00\x01\xff\x00\x00"), "can't decode"),
    ],
)
def test_what_is_no_packed_ranges_is_refused_in_one_line(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as raised:
        unpack(text)
    assert "\n" not in str(raised.value)


def test_the_right_bytes_are_taken() -> None:
    assert unpack(base64.b64encode(WHOLE).decode()) == (KeyRange("", "a"),)


def test_a_few_bytes_that_would_be_very_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"it has more than 16 MiB, the limit of a checkpoint's packed key ranges"):
        unpack(text_of(b"\0" * (16 * 2**20 + 1)))
    few = Limit("a test", 1000, "bytes", "")
    monkeypatch.setattr(packed, "LEFT_KEYS", few)
    with pytest.raises(ValueError, match="it has more than 1,000 B, the limit of a test"):
        unpack(text_of(b"\x01\x00\x40" + b"a" * 64 + b"\x00\x00" + b"\x41\x00\x00\x40\x00" * 20))
