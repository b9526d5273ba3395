"""The limits of what is read: each has its reason, and says itself what was over it."""

from __future__ import annotations

import pytest

from s3_crosscopy.model import input_limits as limits
from s3_crosscopy.model.input_limits import ALL, Limit


def test_each_limit_of_the_module_is_in_the_table_once_and_has_a_reason() -> None:
    named = [value for value in vars(limits).values() if isinstance(value, Limit)]
    assert sorted(named) == sorted(ALL)
    assert all(one.why and one.most > 0 for one in ALL)


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        (limits.PAGE, "has more than 6 MiB, the limit of a page of S3's"),
        (limits.TAGS, "has more than 200,000 tags, the limit of an answer's XML"),
    ],
)
def test_what_is_over_a_limit_is_told_with_its_number(limit: Limit, says: str) -> None:
    assert limit.exceeded == says


def test_a_text_that_is_only_shown_loses_its_end_and_says_so() -> None:
    assert limits.CODE.cut("c" * 128) == "c" * 128
    assert limits.CODE.cut("c" * 129) == "c" * 128 + "..."
