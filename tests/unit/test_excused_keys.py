"""Keys that a run told not to have copied: known one by one up to a bound, and by their number beyond it."""

from __future__ import annotations

from s3_crosscopy.core.excused_keys import Excused


def test_a_key_that_was_added_is_known_and_no_other_is() -> None:
    excused = Excused()
    for number in range(0, 20_000, 2):
        excused.add(f"p/{number:06}")
    assert len(excused) == 10_000
    assert [number for number in range(20_000) if f"p/{number:06}" in excused] == list(range(0, 20_000, 2))
    assert "" not in excused
    assert not Excused()


def test_beyond_the_bound_only_their_number_is_known() -> None:
    excused = Excused(most=2)
    for key in ("a", "b", "c", "d", "e"):
        excused.add(key)
    assert ["a" in excused, "b" in excused, "c" in excused] == [True, True, False]
    assert (len(excused), excused.unknown) == (2, 3)
