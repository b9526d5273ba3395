from __future__ import annotations

from typing import Any

import pytest
from tests.unit.value_samples import options

from s3_crosscopy.core.empty_source import MISSING, Samples, merged, nothing_new, why_empty
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.tally import Tally


def report(
    counts: dict[str, int], decisions: dict[str, int] | None = None, samples: dict[str, tuple[str, ...]] | None = None
) -> Report:
    return Report(
        source="s3://src/in/",
        dest="s3://dst/out/",
        counts={**Tally().as_dict(), **counts},
        decisions=decisions or {},
        verified_by={},
        throttled=0,
        seconds=1.0,
        samples=samples or {},
    )


GLOB, SIZE, TIME = "filtered by glob", "filtered by size", "filtered by time"
SEES = "globs are relative to the source prefix, or see one object's name; here:"


@pytest.mark.parametrize(
    ("wish", "of", "says"),
    [
        ({}, report({}), "s3://src/in/ is empty"),
        (
            {"include": "*.cvs"},
            report({"listed": 4, "filtered": 4}, {GLOB: 4}, {GLOB: ("a.csv", "b\n.csv", "day/c.csv")}),
            f"include='*.cvs' left out 4 of 4 ({SEES} 'a.csv', 'b\\n.csv', 'day/c.csv')",
        ),
        (
            {"exclude": ["*.csv", "*.json"]},
            report({"listed": 1, "filtered": 1}, {GLOB: 1}, {GLOB: ("orders.csv",)}),
            f"exclude=['*.csv', '*.json'] left out the only object ({SEES} 'orders.csv')",
        ),
        (
            {"include": "a*", "exclude": "*z", "min_size": "1MiB"},
            report({"listed": 3, "filtered": 3}, {GLOB: 2, SIZE: 1}, {GLOB: ("b", "az"), SIZE: ("ab",)}),
            (f"include='a*', exclude='*z' left out 2 of 3 ({SEES} 'b', 'az'),"
            " and min_size='1 MiB' left out 1 of 3 (the first are 'ab')"),
        ),
        (
            {"min_size": 1, "max_size": 1234},
            report({"listed": 2, "filtered": 2}, {SIZE: 2}),
            "min_size='1 B', max_size='1234 B' left out 2 of 2",
        ),
        (
            {"allow_bucket_root": True},
            report({"listed": 1, "filtered": 1}, {"prefix marker": 1}, {"prefix marker": ("",)}),
            "the prefix's own marker has no name at the root of a bucket",
        ),
        (
            {"manifest": "keys.txt"},
            report({"listed": 2, "missing": 2}, {}, {MISSING: ("in/a ", "in/b ")}),
            ("2 of 2 keys of the manifest are not at the source"
            " (a manifest has one full key a line; the first are 'in/a ', 'in/b ')"),
        ),
        (
            {"manifest": "keys.txt", "exclude": "*.tmp"},
            report({"listed": 3, "missing": 2, "filtered": 1}, {GLOB: 1}),
            "exclude='*.tmp' left out 1 of 3, and 2 of 3 keys of the manifest are not at the source",
        ),
        (
            {},
            report({"listed": 1_000, "missing": 1_000}, {}, {MISSING: ("in/a",)}),
            "1,000 of 1,000 were deleted since they were listed ('in/a')",
        ),
        ({}, report({"listed": 1, "missing": 1}), "1 of 1 were deleted since they were listed"),
    ],
)  # fmt: skip
def test_the_line_names_what_left_nothing_and_the_first_keys_as_the_filter_sees_them(
    wish: dict[str, Any], of: Report, says: str
) -> None:
    assert of.empty
    said = why_empty(of, options(**wish))
    assert said == (says if not of.counts["listed"] else f"nothing of s3://src/in/ is left to copy: {says}")
    assert "\n" not in said


def test_globs_and_keys_of_any_length_make_a_line_that_can_be_read() -> None:
    many = report({"listed": 9, "filtered": 9}, {GLOB: 9}, {GLOB: ("k" * 1000, "l" * 1000, "m" * 1000)})
    assert len(why_empty(many, options(include=["g" * 500, "h" * 500]))) < 600


@pytest.mark.parametrize(
    ("of", "says"),
    [
        (report({"listed": 3, "filtered": 3}, {TIME: 3}), "3 left out by their time of modification"),
        (report({"listed": 3, "filtered": 3}, {TIME: 1, GLOB: 2}), "1 left out by their time of modification"),
        (report({"listed": 3, "filtered": 1, "skipped": 2}, {GLOB: 1, "archived": 2}), "2 because they are archived"),
        (
            report({"listed": 4000, "filtered": 3000, "skipped": 1000}, {TIME: 3000, "archived": 1000}),
            "3,000 left out by their time of modification, 1,000 because they are archived",
        ),
        (report({"listed": 3, "filtered": 1, "missing": 2}, {TIME: 1}), "1 left out by their time of modification"),
        (report({}), ""),
        (report({"listed": 3, "filtered": 3}, {GLOB: 3}), ""),
        (report({"listed": 3, "filtered": 2, "copied": 1}, {TIME: 2}), ""),
        (report({"listed": 3, "filtered": 2, "skipped": 1}, {TIME: 2, "same etag": 1}), ""),
        (report({"listed": 3, "filtered": 2, "failed": 1}, {TIME: 2, "archived": 1}), ""),
    ],
)  # fmt: skip
def test_a_day_without_news_is_told_as_such(of: Report, says: str) -> None:
    assert nothing_new(of) == (f"nothing was to be copied: {says}" if says else "")
    assert not (says and of.empty)


def test_samples_are_the_first_few_of_each_reason_as_globs_see_them() -> None:
    samples = Samples(len("in/"))
    samples.note(GLOB, (f"in/{number}" for number in range(2)))
    samples.note(SIZE, ["in/big"])
    samples.note(GLOB, ["in/2", "in/3"])
    samples.note(MISSING, ["in/gone"])
    assert samples.first() == {GLOB: ("0", "1", "2"), SIZE: ("big",), MISSING: ("in/gone",)}


def test_samples_of_several_runs_become_those_of_one() -> None:
    assert merged([{}, {GLOB: ["a", "b"]}, {GLOB: ["c", "d"], MISSING: ["in/x"]}]) == {
        GLOB: ("a", "b", "c"),
        MISSING: ("in/x",),
    }
