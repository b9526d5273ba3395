"""How far a check came: what was as it should be is not compared again, whatever was split while it was walked."""

from __future__ import annotations

from s3_crosscopy.core.state.checked_ranges import LIMITS, Checked
from s3_crosscopy.model.checkpoint import Checking
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.packed_ranges import packed_bytes

ALL = (KeyRange(),)


def test_what_was_compared_and_is_as_it_should_be_is_done_with() -> None:
    checked = Checked(ALL)
    assert checked.snapshot() == Checking((KeyRange(),), 0)
    checked.passed(0, "k", 10, good=True)
    assert checked.snapshot() == Checking((KeyRange("k", None),), 10)
    checked.passed(0, "m", 0, good=True)
    checked.ended(0)
    assert checked.snapshot() == Checking((), 10)
    assert checked.compared == 10


def test_what_is_not_as_it_should_be_is_compared_again_with_its_neighbours() -> None:
    checked = Checked(ALL)
    checked.passed(0, "c", 3, good=True)
    checked.passed(0, "f", 4, good=False)
    checked.passed(0, "k", 5, good=True)
    checked.ended(0)
    assert checked.snapshot() == Checking((KeyRange("c", "f"),), 8)
    assert checked.compared == 12


def test_a_range_that_was_split_off_is_done_with_by_itself() -> None:
    checked = Checked(ALL)
    checked.passed(0, "c", 3, good=True)
    assert checked.split(0, "m") == 1
    checked.passed(1, "x", 7, good=True)
    assert checked.snapshot() == Checking((KeyRange("c", "m"), KeyRange("x", None)), 10)
    checked.passed(0, "m", 4, good=True)
    checked.ended(0)
    checked.ended(1)
    assert checked.snapshot() == Checking((), 14)


def test_a_split_that_is_taken_back_leaves_nothing_behind() -> None:
    checked = Checked(ALL)
    checked.passed(0, "c", 3, good=True)
    checked.unsplit(0, checked.split(0, "m"))
    checked.passed(0, "p", 4, good=True)
    checked.ended(1)
    assert checked.snapshot() == Checking((KeyRange("p", None),), 7)
    checked.ended(0)
    assert checked.snapshot() == Checking((), 7)


def test_a_later_attempt_compares_what_is_left_and_what_was_copied_since() -> None:
    before = Checking((KeyRange("c", "f"), KeyRange("x", None)), 8)
    checked = Checked(ALL, before, (KeyRange("e", "g"), KeyRange("k", "l")))
    assert checked.ranges == (KeyRange("c", "g"), KeyRange("k", "l"), KeyRange("x", None))
    assert checked.snapshot() == Checking(checked.ranges, 8)
    for number, one in enumerate(checked.ranges):
        checked.passed(number, one.end or "z", 2, good=True)
        checked.ended(number)
    assert checked.snapshot() == Checking((), 14)


def test_its_part_of_a_checkpoint_stays_small_and_counts_nothing_twice() -> None:
    name = "x" * 1000
    checked = Checked(ALL)
    numbers = [0]
    for letter in "bcdefghijk":
        numbers.append(checked.split(numbers[-1], f"{letter}{name}"))
    for number, letter in zip(numbers, "abcdefghijk", strict=True):
        checked.passed(number, f"{letter}y{name}", 1, good=True)
    assert packed_bytes(checked.snapshot().left) <= LIMITS.most_bytes
    assert 0 < checked.snapshot().compared < checked.compared == len(numbers)
    for number in numbers:
        checked.ended(number)
