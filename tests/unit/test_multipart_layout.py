from __future__ import annotations

from hashlib import md5
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.core.transfer.multipart_layout import (
    MAX_PARTS,
    Span,
    choose_part_bytes,
    may_be_uniform,
    parts_in_etag,
    spans,
    uniform_part_bytes,
)

# S3's limits once more, as numbers: a slip in the product's constants must not be repeated here.
MIB, GIB, TIB = 1_048_576, 1_073_741_824, 1_099_511_627_776
LEAST, MOST = 5_242_880, 5_368_709_120
LARGEST_OBJECT = 53_687_091_200_000

sizes = st.one_of(st.integers(1, LARGEST_OBJECT), st.integers(1, 2 * GIB), st.just(LARGEST_OBJECT))
part_wishes = st.none() | st.integers(LEAST, MOST)


def check_tiles(size: int, cut: list[Span]) -> None:
    assert cut[0].first == 0
    assert cut[-1].last == size - 1
    assert [span.number for span in cut] == list(range(1, len(cut) + 1))
    assert all(after.first == before.last + 1 for before, after in pairwise(cut))
    assert all(span.first <= span.last for span in cut)


@given(sizes, part_wishes, st.integers(1, 10_000))
def test_the_parts_of_any_object_tile_it_within_the_limits(size: int, requested: int | None, concurrency: int) -> None:
    part_bytes = choose_part_bytes(size, requested, concurrency)
    assert LEAST <= part_bytes <= MOST
    cut = spans(size, part_bytes)
    check_tiles(size, cut)
    assert len(cut) <= 10_000
    assert all(span.last - span.first + 1 == part_bytes for span in cut[:-1])


@given(st.integers(1, 500), st.integers(1, 60))
def test_spans_tile_at_any_part_size(size: int, part_bytes: int) -> None:
    cut = spans(size, part_bytes)
    check_tiles(size, cut)
    assert len(cut) == -(-size // part_bytes)


def test_no_bytes_have_no_parts() -> None:
    assert spans(0, LEAST) == []


@given(sizes, st.integers(LEAST, MOST), st.integers(1, 10_000))
def test_a_wished_part_size_is_kept_unless_it_needs_too_many_parts(size: int, requested: int, concurrency: int) -> None:
    chosen = choose_part_bytes(size, requested, concurrency)
    if -(-size // requested) <= MAX_PARTS:
        assert chosen == requested
    else:
        # Raised, and no further than it must be.
        assert chosen > requested
        assert -(-size // (chosen - 1)) > MAX_PARTS


@pytest.mark.parametrize(
    ("size", "requested", "concurrency", "expected"),
    [
        (GIB, None, 64, 128 * MIB),  # small: no more requests than pay
        (64 * GIB, None, 64, GIB),  # one part a slot
        (64 * GIB + 1, None, 64, GIB + MIB),  # whole MiB
        (100 * GIB, None, 1, MOST),  # never above S3's limit
        (LARGEST_OBJECT, None, 10_000, MOST),
        (TIB, LEAST, 64, 109_951_163),  # 10,000 parts, not 209,716
        (TIB, GIB, 64, GIB),
    ],
)
def test_parts_are_large_but_keep_the_window_busy(
    size: int, requested: int | None, concurrency: int, expected: int
) -> None:
    assert choose_part_bytes(size, requested, concurrency) == expected


@pytest.mark.parametrize(
    ("etag", "parts"),
    [
        ("d41d8cd98f00b204e9800998ecf8427e", None),
        ("d41d8cd98f00b204e9800998ecf8427e-1", 1),
        ("D41D8CD98F00B204E9800998ECF8427E-10000", 10_000),
        ("d41d8cd98f00b204e9800998ecf8427e-0", None),
        ("d41d8cd98f00b204e9800998ecf8427e-", None),
        ("d41d8cd98f00b204e9800998ecf8427e-2x", None),
        ("d41d8cd98f00b204e9800998ecf8427-2", None),
        ("not-2", None),
        ("", None),
    ],
)
def test_a_multipart_etag_tells_its_parts(etag: str, parts: int | None) -> None:
    assert parts_in_etag(etag) == parts


# Layouts in MiB around the limits; scaled by `MIB` they are what S3 would hold.
uniform_layouts = st.integers(5, 5 * 1024).flatmap(
    lambda each: st.builds(
        lambda many, last: [each] * many + [min(last, each)], st.integers(0, 30), st.integers(1, 5 * 1024)
    )
)
any_layouts = st.lists(st.integers(5, 12), min_size=1, max_size=6)


def is_uniform(layout: list[int]) -> bool:
    return all(part == layout[0] for part in layout[:-1]) and layout[-1] <= layout[0]


@given(uniform_layouts)
def test_a_uniform_layout_is_recognised(layout: list[int]) -> None:
    scaled = [part * MIB for part in layout]
    assert uniform_part_bytes(sum(scaled), len(scaled), scaled[0]) == scaled[0]


@given(uniform_layouts | any_layouts)
def test_a_recognised_layout_has_the_parts_and_the_first_part_of_the_source(layout: list[int]) -> None:
    scaled = [part * MIB for part in layout]
    found = uniform_part_bytes(sum(scaled), len(scaled), scaled[0])
    if found is None:
        assert not is_uniform(layout)
    else:
        cut = spans(sum(scaled), found)
        assert len(cut) == len(scaled)
        assert cut[0].last + 1 == scaled[0]


@pytest.mark.parametrize(
    ("size", "parts", "first", "why"),
    [
        (16 * MIB, 3, 5 * MIB, "three parts of 5 MiB hold only 15"),
        (10 * MIB, 3, 5 * MIB, "two parts of 5 MiB hold it all"),
        (3 * MIB, 2, 2 * MIB, "a part below 5 MiB"),
        (10 * GIB + 2, 2, MOST + 1, "a part above 5 GiB"),
        (MOST + 1, 1, MOST + 1, "one part above 5 GiB"),
        (9 * MIB, 1, 8 * MIB, "one part that is not the object"),
        (10_001 * LEAST, 10_001, LEAST, "more parts than S3 takes"),
    ],
)
def test_a_layout_that_s3_would_not_copy_is_unknown(size: int, parts: int, first: int, why: str) -> None:
    assert uniform_part_bytes(size, parts, first) is None, why


def test_a_single_part_of_any_size_is_copied_as_one() -> None:
    assert uniform_part_bytes(3 * MIB, 1, 3 * MIB) == 3 * MIB
    assert uniform_part_bytes(MOST, 1, MOST) == MOST


def test_a_source_of_as_many_parts_as_there_may_be_is_recognised() -> None:
    assert uniform_part_bytes(10_000 * LEAST, 10_000, LEAST) == LEAST
    assert uniform_part_bytes(LARGEST_OBJECT, 10_000, MOST) == MOST


def multipart_etag(parts: list[bytes]) -> str:
    """As S3 computes it: the MD5 of the parts' MD5s."""
    return md5(b"".join(md5(part).digest() for part in parts)).hexdigest() + f"-{len(parts)}"


def cut_at(content: bytes, layout: list[int]) -> list[bytes]:
    ends = [sum(layout[: number + 1]) for number in range(len(layout))]
    return [content[end - part : end] for end, part in zip(ends, layout, strict=True)]


@given(uniform_layouts.filter(lambda layout: sum(layout) < 20_000))
def test_copying_in_the_recognised_layout_reproduces_the_etag(layout: list[int]) -> None:
    # A byte stands for a MiB.
    content = bytes(number * 31 % 251 for number in range(sum(layout)))
    source_etag = multipart_etag(cut_at(content, layout))
    parts = parts_in_etag(source_etag)
    assert parts is not None
    part_bytes = uniform_part_bytes(len(content) * MIB, parts, layout[0] * MIB)
    assert part_bytes is not None
    cut = spans(len(content) * MIB, part_bytes)
    assert multipart_etag([content[span.first // MIB : (span.last + 1) // MIB] for span in cut]) == source_etag


@given(st.integers(0, LARGEST_OBJECT), st.integers(1, 10_001), st.integers(1, MOST))
def test_a_layout_that_cannot_be_uniform_is_so_with_no_part_size(size: int, parts: int, first: int) -> None:
    assert may_be_uniform(size, parts) or not uniform_part_bytes(size, parts, first)


@pytest.mark.parametrize(
    ("size", "parts", "possible"),
    [
        (0, 1, False),
        (1, 1, True),
        (MOST, 1, True),
        (MOST + 1, 1, False),
        (LEAST, 2, False),
        (LEAST + 1, 2, True),
        (10 * MIB, 3, False),
    ],
)
def test_the_size_alone_shows_if_parts_can_be_uniform(size: int, parts: int, possible: bool) -> None:
    assert may_be_uniform(size, parts) is possible
