from __future__ import annotations

import fnmatch
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.value_samples import listed

from s3_crosscopy.core.decide.filters import (
    NO_MATCH,
    OTHER_SIZE,
    OTHER_TIME,
    glob_start,
    make_choice,
    make_filter,
    make_last,
)
from s3_crosscopy.core.spec import CopySpec, resolve_spec
from s3_crosscopy.model.objects import Listed


def spec(source: str = "s3://src/in/", **options: object) -> CopySpec:
    return resolve_spec(source, "s3://dst/out/", options)


@pytest.mark.parametrize(
    ("include", "exclude", "passing", "refused"),
    [
        (["*.csv"], [], ["a.csv", "deep/er/a.csv", ".csv"], ["a.csv.gz", "a.CSV", "acsv"]),
        (["data/*"], [], ["data/a", "data/x/y"], ["data", "more/data/a"]),
        (["*/part-?.parquet"], [], ["a/part-1.parquet", "a/b/part-/.parquet"], ["a/part-10.parquet", "part-1.parquet"]),
        (["part-[0-4]*"], [], ["part-0", "part-4/x"], ["part-5", "part-[0-4]"]),
        (["part-[!0-4]"], [], ["part-5", "part-x"], ["part-3", "part-"]),
        (["a[[]1].csv"], [], ["a[1].csv"], ["a1.csv"]),
        (["a[1.csv"], [], ["a[1.csv"], ["a1.csv"]),  # a bracket that never closes is itself
        (["*.csv", "*.json"], [], ["a.csv", "b.json"], ["a.txt"]),
        ([], ["*.tmp"], ["a", "a.tmpx"], ["a.tmp", "x/y.tmp"]),
        ([], ["_temporary/*", "*/_SUCCESS"], ["_SUCCESS", "a"], ["_temporary/0/a", "x/_SUCCESS"]),
        (["*.csv"], ["old/*"], ["new/a.csv"], ["old/a.csv", "a.txt"]),  # exclude wins
        (["a.csv"], ["*"], [], ["a.csv", "b"]),
        (["a.b"], [], ["a.b"], ["axb"]),  # a dot is a dot
        (["a+b (1)|$^{x}\\d"], [], ["a+b (1)|$^{x}\\d"], ["aab (1)", "a+b (1)"]),
        (["ü*"], [], ["ü/x", "ünï"], ["u/x"]),
        (["*"], [], ["", "a\nb", "x/"], []),
        (["a*b"], [], ["a\nb"], ["a\nb\n"]),
    ],
)
def test_globs_choose_relative_keys(
    include: list[str], exclude: list[str], passing: list[str], refused: list[str]
) -> None:
    passes = make_filter(include, exclude)
    assert passes is not None
    assert [key for key in passing if not passes(key)] == []
    assert [key for key in refused if passes(key)] == []


def test_without_globs_there_is_no_filter_to_ask() -> None:
    assert make_filter([], []) is None


globs = st.lists(st.text(alphabet="ab/*?[!]-.|()", min_size=1, max_size=6), max_size=4)


@given(globs, globs, st.text(alphabet="ab/[]!-.|()", max_size=6))
def test_many_globs_at_once_are_each_of_them_asked_alone(include: list[str], exclude: list[str], key: str) -> None:
    wanted = not include or any(fnmatch.fnmatchcase(key, glob) for glob in include)
    unwanted = any(fnmatch.fnmatchcase(key, glob) for glob in exclude)
    passes = make_filter(include, exclude)
    assert (passes is None or passes(key)) == (wanted and not unwanted)


NOON = "2026-01-31T12:00:00"


@pytest.mark.parametrize(
    ("wish", "passing", "refused", "reason"),
    [
        ({"min_size": 5}, [5, 6, 10**12], [0, 4], OTHER_SIZE),
        ({"max_size": 5}, [0, 5], [6, 10**12], OTHER_SIZE),
        ({"min_size": 5, "max_size": 5}, [5], [4, 6], OTHER_SIZE),
        ({"max_size": 0}, [0], [1], OTHER_SIZE),
        ({"min_size": 0}, [0, 1], [], OTHER_SIZE),
        ({"modified_after": NOON}, ["12:00:01", "23:59:59"], ["12:00:00", "11:59:59"], OTHER_TIME),
        ({"modified_before": NOON}, ["11:59:59", "00:00:00"], ["12:00:00", "12:00:01"], OTHER_TIME),
        ({"modified_after": NOON, "modified_before": "2026-01-31T12:00:02Z"},
         ["12:00:01"], ["12:00:00", "12:00:02"], OTHER_TIME),
    ],
)  # fmt: skip
def test_sizes_include_their_bounds_and_times_do_not(
    wish: dict[str, Any], passing: list[int | str], refused: list[int | str], reason: object
) -> None:
    why_not = make_choice(spec(**wish))
    assert why_not is not None
    for one, expected in [*((one, None) for one in passing), *((one, reason) for one in refused)]:
        source = listed(size=one) if isinstance(one, int) else listed(modified=f"2026-01-31T{one}+00:00")
        assert why_not(source) is expected, one


@pytest.mark.parametrize("form", [f"{NOON}Z", f"{NOON}.000Z", f"{NOON}+00:00", NOON])
def test_the_form_in_which_a_server_tells_a_time_does_not_matter(form: str) -> None:
    after, before = make_choice(spec(modified_after=NOON)), make_choice(spec(modified_before=NOON))
    assert after is not None
    assert before is not None
    assert after(listed(modified=form)) is before(listed(modified=form)) is OTHER_TIME


def test_the_first_test_that_an_object_does_not_pass_is_why_it_is_left_out() -> None:
    why_not = make_choice(spec(include="*.csv", min_size=5, modified_after=NOON))
    assert why_not is not None
    assert why_not(listed("in/a.txt", 1, modified="2026-01-01T00:00:00")) is NO_MATCH
    assert why_not(listed("in/a.csv", 1, modified="2026-01-01T00:00:00")) is OTHER_SIZE
    assert why_not(listed("in/a.csv", 5, modified="2026-01-01T00:00:00")) is OTHER_TIME
    assert why_not(listed("in/a.csv", 5, modified="2026-02-01T00:00:00")) is None


def test_globs_of_a_choice_look_at_what_follows_the_prefix() -> None:
    why_not = make_choice(spec(include="a/*"))
    assert why_not is not None
    assert why_not(listed("in/a/x")) is None
    assert why_not(listed("in/in/a/x")) is NO_MATCH


def test_without_a_wish_there_is_no_choice_to_ask() -> None:
    assert make_choice(spec()) is None


def test_the_first_glob_that_matches_gives_a_marker_its_turn() -> None:
    turn_of = make_last(spec(copy_last=["*/_SUCCESS", "_delta_log/*", "*SUCCESS"]))
    assert turn_of is not None
    keys = ["in/a/_SUCCESS", "in/_delta_log/0.json", "in/_delta_log/_SUCCESS", "in/_SUCCESS", "in/a/data"]
    assert [turn_of(key) for key in keys] == [0, 1, 0, 2, None]


def test_without_globs_nothing_goes_last() -> None:
    assert make_last(spec(copy_last="off")) is None


def test_a_key_that_could_not_be_looked_at_is_never_left_out_by_size_or_time() -> None:
    why_not = make_choice(spec(min_size=1, modified_after="2026-01-01", exclude="*.tmp"))
    assert why_not is not None
    assert why_not(Listed("in/unseen", 0, "", "")) is None
    assert why_not(Listed("in/unseen.tmp", 0, "", "")) is not None


@pytest.mark.parametrize(
    ("source", "wish", "seen"),
    [
        ("s3://src/in/", {}, "day/orders.csv"),
        ("s3://src/in/day/orders.csv", {}, "orders.csv"),
        ("s3://src/orders.csv", {}, "orders.csv"),
        ("s3://src/in/folder/", {"kind": "object"}, "folder/"),
    ],
)
def test_globs_see_what_follows_the_prefix_and_of_one_object_its_name(
    source: str, wish: dict[str, object], seen: str
) -> None:
    one = spec(source, **wish)
    key = one.source_prefix if one.single else "in/day/orders.csv"
    assert key[glob_start(one) :] == seen


def test_one_object_is_left_out_or_goes_last_by_its_name() -> None:
    single = "s3://src/in/day/orders.csv"
    for wish, decided in (
        ({"include": "*.csv"}, None),
        ({"exclude": "orders.*"}, NO_MATCH),
        ({"include": "day/*"}, NO_MATCH),
    ):
        why_not = make_choice(spec(single, **wish))
        assert why_not is not None
        assert why_not(listed("in/day/orders.csv")) is decided, wish
    turn_of = make_last(spec(single, copy_last="orders.csv"))
    assert turn_of is not None
    assert turn_of("in/day/orders.csv") == 0
