"""The table of gaps itself: no entry without a test, and a server that got better is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.server_differences import DONE, GAPS, Behaviour, expect


def test_every_behaviour_is_tested() -> None:
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py") if path != Path(__file__))

    assert [one.name for one in Behaviour if f"Behaviour.{one.name}," not in tests] == []


def test_a_server_that_got_better_is_told_to_lose_its_entry() -> None:
    assert Behaviour.OVERWRITE_REFUSED in GAPS["moto"]

    with pytest.raises(AssertionError, match=r"remove its entry from gaps\.py"):
        expect("moto", Behaviour.OVERWRITE_REFUSED, "refused", "refused")


def test_a_gap_allows_only_what_it_says() -> None:
    with pytest.raises(AssertionError, match="ignores If-None-Match"):
        expect("moto", Behaviour.OVERWRITE_REFUSED, "something else", "refused")


def test_without_an_entry_a_server_has_to_do_what_s3_does() -> None:
    with pytest.raises(AssertionError):
        expect("memory", Behaviour.OVERWRITE_REFUSED, DONE, "refused")
