"""A row out of a report: every field of its own kind, and no number that an object cannot have."""

from __future__ import annotations

import pytest

from s3_crosscopy.model.input_limits import TEXT
from s3_crosscopy.model.location import MAX_KEY_BYTES
from s3_crosscopy.model.report_row import MOST_BYTES, MOST_SECONDS, ReportRow, row_of


def test_what_is_missing_is_empty_and_names_of_a_later_version_are_passed_over() -> None:
    assert row_of({"key": "k", "size": 3, "code": None, "colour": "red"}) == ReportRow("k", "", "", "", 3, "")


def test_the_largest_that_there_are_pass() -> None:
    said = {"key": "k" * MAX_KEY_BYTES, "size": MOST_BYTES, "at_s": MOST_SECONDS, "took_s": 1}
    row = row_of(said)
    assert (len(row.key), row.size, row.at_s, row.took_s) == (MAX_KEY_BYTES, MOST_BYTES, MOST_SECONDS, 1.0)


def test_of_a_long_message_the_begin_is_kept() -> None:
    assert row_of({"key": "k", "message": "m" * 10_000}).message == "m" * TEXT.most


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ([], "no key"),
        ({"size": 1}, "no key"),
        ({"key": 5}, "no key"),
        ({"key": "k" * 1025}, "key is longer than any key"),
        ({"key": "k", "dest_key": "k" * 1025}, "dest_key is longer than any key"),
        ({"key": "k", "code": 5}, "code is no text"),
        ({"key": "k", "size": "5"}, "size is no number"),
        ({"key": "k", "size": True}, "size is no number"),
        ({"key": "k", "size": -1}, "a size that no object has"),
        ({"key": "k", "size": 10**30}, "a size that no object has"),
        ({"key": "k", "at_s": -1.0}, "a time that no run took"),
        ({"key": "k", "took_s": 1e308}, "a time that no run took"),
        ({"key": "k", "took_s": float("nan")}, "a time that no run took"),
    ],
)
def test_anything_else_is_no_row(said: object, why: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        row_of(said)
    assert str(caught.value) == why
