"""What a user gives for a whole copy, and what each of its tasks makes of it."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.test_resume import spec

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.shards.pairs import at_once, read_pairs, spec_of_part

ONE, TWO = ("s3://a/p/", "s3://b/q/"), ("s3://c/r/", "s3://d/s/")


@pytest.mark.parametrize(
    ("given", "pairs"),
    [
        ((None, *ONE), [ONE]),
        (([ONE, TWO], None, None), [ONE, TWO]),
        (([list(ONE)], None, None), [ONE]),
        (([{"source": ONE[0], "dest": ONE[1]}], None, None), [ONE]),
        (('[["s3://a/p/", "s3://b/q/"]]', None, None), [ONE]),
    ],
)
def test_pairs_are_read_in_every_shape(given: Any, pairs: list[tuple[str, str]]) -> None:
    assert read_pairs(*given) == pairs


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ((None, None, None), "source: is missing"),
        ((None, ONE[0], None), "dest: is missing"),
        (([ONE], *ONE), "pairs: source and dest are given too"),
        (([], None, None), "pairs: is empty"),
        (("nothing", None, None), "pairs: 'nothing' is not JSON"),
        (('"text"', None, None), "pairs: 'text' is not a list"),
        (({"source": "a"}, None, None), "pairs: .* is not a list"),
        ((3, None, None), "pairs: 3 is not a list"),
        (([("a",)], None, None), "pairs: .* is not a pair"),
        (([("a", 3)], None, None), "pairs: .* is not a pair"),
        (([{"source": "a"}], None, None), "pairs: .* is not a pair"),
    ],
)
def test_what_are_no_pairs_is_one_line(given: Any, line: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{line}[^\n]*; [^\n]*$"):
        read_pairs(*given)


def test_shards_share_the_request_rate_and_an_empty_one_fails_nothing() -> None:
    part = spec_of_part(spec(max_requests_per_second=100, if_empty="fail"), 8)
    assert part.options.max_requests_per_second == 12.5
    assert part.options.if_empty == "succeed"
    assert spec_of_part(spec(), 8).options.max_requests_per_second is None


@pytest.mark.parametrize(
    ("limits", "expected"), [((), 64), ((8,), 8), ((None, 16), 16), ((8, 16), 8), ((100, None), 64)]
)
def test_as_many_shards_run_at_once_as_airflow_lets(limits: tuple[int | None, ...], expected: int) -> None:
    assert at_once(64, *limits) == expected
