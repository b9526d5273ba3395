"""The pairs of one group: none may write what another one writes or reads."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.test_spec import spec

from s3_crosscopy.core.pair_overlap import check_pairs
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import InvalidInput

Pair = tuple[str, str]


def specs(pairs: Sequence[Pair], kind: str = "auto") -> list[CopySpec]:
    return [spec(*pair, kind=kind, allow_bucket_root=True) for pair in pairs]


@pytest.mark.parametrize(
    ("kind", "pairs"),
    [
        ("auto", [("s3://aaa/x/", "s3://ddd/y/")]),
        ("auto", [("s3://aaa/x/", "s3://ddd/x/"), ("s3://aaa/y/", "s3://ddd/y/")]),
        # One source to several places, also a part of it.
        ("auto", [("s3://aaa/x/", "s3://ddd/y/"), ("s3://aaa/x/", "s3://eee/y/"), ("s3://aaa/x/1/", "s3://eee/z/")]),
        ("auto", [("s3://aaa/", "s3://ddd/y/"), ("s3://aaa/", "s3://eee/y/")]),
        # The same keys in other buckets, names that only begin alike, objects side by side.
        ("auto", [("s3://aaa/x/", "s3://ddd/y/"), ("s3://aaa/y/", "s3://eee/y/")]),
        ("auto", [("s3://aaa/x/", "s3://ddd/y/"), ("s3://ddd/yy/", "s3://eee/y/"), ("s3://bbb/x/", "s3://ddd/yyy/")]),
        ("auto", [("s3://aaa/f", "s3://ddd/"), ("s3://bbb/g", "s3://ddd/")]),
        ("auto", [("s3://aaa/f", "s3://ddd/y"), ("s3://bbb/x/", "s3://ddd/y/"), ("s3://ddd/y2", "s3://eee/y")]),
        ("object", [("s3://aaa/f", "s3://ddd/y"), ("s3://aaa/g", "s3://ddd/yy"), ("s3://ddd/y/", "s3://eee/f")]),
        ("auto", []),
    ],
)
def test_pairs_that_keep_out_of_each_others_way_are_taken_in_any_order(kind: str, pairs: list[Pair]) -> None:
    for order in permutations(pairs):
        check_pairs(specs(order, kind))


@pytest.mark.parametrize(
    ("kind", "pairs", "named"),
    [
        ("auto", [("s3://aaa/x/", "s3://ddd/y/"), ("s3://bbb/x/", "s3://ddd/y/")], "write onto each other"),
        ("auto", [("s3://aaa/x/", "s3://ddd/y/"), ("s3://bbb/x/", "s3://ddd/y/z/")], "write onto each other"),
        ("auto", [("s3://aaa/x/", "s3://ddd"), ("s3://bbb/x/", "s3://ddd/y/z/")], "write onto each other"),
        ("auto", [("s3://aaa/x/", "s3://ddd/y/"), ("s3://bbb/f", "s3://ddd/y/f")], "write onto each other"),
        ("auto", [("s3://aaa/x/", "s3://ddd/y/"), ("s3://bbb/f", "s3://ddd/y/")], "write onto each other"),
        ("auto", [("s3://aaa/f", "s3://ddd/y"), ("s3://bbb/g", "s3://ddd/y")], "write onto each other"),
        ("auto", [("s3://aaa/1/f", "s3://ddd/"), ("s3://aaa/2/f", "s3://ddd/")], "write onto each other"),
        ("prefix", [("s3://aaa/x", "s3://ddd/y"), ("s3://bbb/x", "s3://ddd/y2")], "write onto each other"),
        ("auto", [("s3://aaa/x/", "s3://ddd/y/"), ("s3://aaa/x/", "s3://ddd/y/")], "is given twice; leave one out"),
        ("auto", [("s3://aaa/f", "s3://ddd/"), ("s3://aaa/f", "s3://ddd/f")], "is given twice; leave one out"),
        # A chain: also a part of what is written, or more than that, or one object of it.
        ("auto", [("s3://aaa/x/", "s3://ddd/y/"), ("s3://ddd/y/", "s3://bbb/y/")], "writes what .* reads"),
        ("auto", [("s3://aaa/x/", "s3://ddd/y/"), ("s3://ddd/y/z/", "s3://bbb/y/")], "writes what .* reads"),
        ("auto", [("s3://aaa/x/", "s3://ddd/y/z/"), ("s3://ddd/y/", "s3://bbb/y/")], "writes what .* reads"),
        ("auto", [("s3://aaa/x/", "s3://ddd/y/z/"), ("s3://ddd/", "s3://bbb/y/")], "writes what .* reads"),
        ("auto", [("s3://aaa/x/", "s3://ddd/y/"), ("s3://ddd/y/f", "s3://bbb/f")], "writes what .* reads"),
        ("auto", [("s3://aaa/f", "s3://ddd/y/"), ("s3://ddd/y/", "s3://bbb/y/")], "writes what .* reads"),
        ("auto", [("s3://aaa/f", "s3://ddd/f"), ("s3://ddd/f", "s3://bbb/f")], "writes what .* reads"),
        # Two that exchange their places.
        ("auto", [("s3://aaa/x/", "s3://ddd/y/"), ("s3://ddd/y/", "s3://aaa/x/")], "writes what .* reads"),
    ],
)
def test_pairs_that_meet_are_refused_in_one_line_that_names_both(kind: str, pairs: list[Pair], named: str) -> None:
    apart = ("s3://nnn/1/", "s3://ooo/1/")
    for order in permutations([*pairs, apart]):
        with pytest.raises(InvalidInput, match=named) as refused:
            check_pairs(specs(order, kind))
        line = str(refused.value)
        assert "\n" not in line
        assert line.startswith("pairs: ")
        assert all(f"{one.source_url} -> {one.dest_url}" in line for one in specs(pairs, kind))
        assert "s3://ooo/" not in line


def test_the_line_of_a_chain_says_which_pair_has_to_wait() -> None:
    first, then = ("s3://aaa/x/", "s3://ddd/y/"), ("s3://ddd/y/", "s3://bbb/y/")
    for order in ((first, then), (then, first)):
        with pytest.raises(
            InvalidInput, match=r"^pairs: s3://aaa/x/ -> s3://ddd/y/ writes what s3://ddd/y/ -> s3://bbb/y/ "
        ):
            check_pairs(specs(order))


buckets = st.sampled_from(["bkt-a", "bkt-b"])
keys = st.text(alphabet="xy/", max_size=3)
urls = st.builds("s3://{}/{}".format, buckets, keys)


def meet(one: CopySpec, other: CopySpec, *, read: bool) -> bool:
    """By the definition: some key is written by one, and written (or read) by the other."""
    mine = (one.dest.name, one.dest_prefix, one.single)
    theirs = (other.source.name, other.source_prefix) if read else (other.dest.name, other.dest_prefix)
    if mine[0] != theirs[0]:
        return False
    if one.single:
        return mine[1] == theirs[1] if other.single else mine[1].startswith(theirs[1])
    return theirs[1].startswith(mine[1]) or (not other.single and mine[1].startswith(theirs[1]))


@given(st.lists(st.tuples(urls, urls), max_size=5), st.sampled_from(["auto", "prefix", "object"]))
def test_refused_is_exactly_what_two_pairs_have_in_common(pairs: list[Pair], kind: str) -> None:
    fit = []
    for pair in pairs:
        try:
            fit += specs([pair], kind)
        except InvalidInput:  # wrong by itself
            continue
    wrong = any(meet(one, other, read=read) for one, other in permutations(fit, 2) for read in (False, True))
    try:
        check_pairs(fit)
    except InvalidInput:
        assert wrong
    else:
        assert not wrong
