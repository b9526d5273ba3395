from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import s3_crosscopy
from s3_crosscopy.core.timestamps import is_later_by, is_newer, is_since, may_be_since

DAY_S = 86_400


@pytest.mark.parametrize(
    ("later", "earlier", "expected"),
    [
        ("2026-11-02T10:00:00", "2026-11-01T10:00:00", True),
        ("2026-11-02T09:59:59", "2026-11-01T10:00:00", False),
        ("2026-11-01T10:00:00", "2026-11-02T10:00:00", False),
        ("2026-11-01T10:00:00", "2026-11-01T10:00:00", False),
        # Over the ends of a month, of a year, and of a February.
        ("2026-12-01T00:00:00", "2026-11-30T00:00:00", True),
        ("2027-01-01T23:59:58", "2026-12-31T23:59:59", False),
        ("2028-03-01T00:00:00", "2028-02-28T00:00:01", True),
        ("2027-03-01T00:00:00", "2027-02-28T00:00:01", False),
        # What follows the seconds is spelt in several ways, and no time.
        ("2026-11-02T10:00:00.999Z", "2026-11-01T10:00:00+00:00", True),
        ("2026-11-02T10:00:00Z", "2026-11-01T10:00:00.999Z", True),
        # What is no time proves nothing.
        ("", "2026-11-01T10:00:00", False),
        ("2026-11-01T10:00:00", "", False),
        ("2026-13-01T10:00:00", "2026-11-01T10:00:00", False),
        ("9999-12-31T23:59:59", "0001-01-01T00:00:00", True),
    ],
)
def test_a_time_is_a_day_later_or_not(later: str, earlier: str, expected: bool) -> None:
    assert is_later_by(later, earlier, DAY_S) is expected


@given(st.integers(10**6, 2**32), st.integers(-(10**6), 10**6), st.integers(0, 10**6))
def test_seconds_are_counted_as_they_pass(then_s: int, apart_s: int, seconds: int) -> None:
    then, now = (datetime.fromtimestamp(one, timezone.utc).isoformat() for one in (then_s, then_s + apart_s))
    assert is_later_by(now, then, seconds) is (apart_s >= seconds)


BEGAN = "2026-01-01T00:00:10.000Z"


@pytest.mark.parametrize(
    ("modified", "began", "may_be"),
    [
        ("2026-01-01T00:00:09.999Z", BEGAN, False),
        # A listing has whole seconds: what was written in the first one may have come after the listing.
        ("2026-01-01T00:00:10Z", BEGAN, True),
        ("2026-01-01T00:00:11Z", BEGAN, True),
        ("", BEGAN, True),
        ("2026-01-01T00:00:09Z", "", True),
    ],
)
def test_what_was_written_in_the_runs_first_second_may_have_been_written_since(
    modified: str, began: str, may_be: bool
) -> None:
    assert may_be_since(modified, began) is may_be


@pytest.mark.parametrize(
    ("time", "other", "newer", "since"),
    [
        ("2026-01-01T00:00:11Z", BEGAN, True, True),
        ("2026-01-01T00:00:10.999Z", BEGAN, False, True),
        ("2026-01-01T00:00:09.999Z", BEGAN, False, False),
        # A time that is not known is earlier than every other one.
        ("", BEGAN, False, False),
        (BEGAN, "", True, True),
        ("", "", False, True),
    ],
)
def test_times_compare_in_whole_seconds(time: str, other: str, newer: bool, since: bool) -> None:
    assert (is_newer(time, other), is_since(time, other)) == (newer, since)
    assert may_be_since(time, other) is (since or time == "")


def test_nothing_else_compares_times() -> None:
    root = Path(s3_crosscopy.__file__).parent
    assert [path for path in root.rglob("*.py") if ":19]" in path.read_text(encoding="utf-8")] == []
