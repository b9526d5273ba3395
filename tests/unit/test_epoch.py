from __future__ import annotations

import pytest

from s3_crosscopy.plan.epoch import since

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
    assert since(modified, began) is may_be
