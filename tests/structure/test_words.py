"""Code, messages and pages use the words of the field: no old word comes back."""

from __future__ import annotations

import pytest
from tests.structure.words import GONE, VAGUE_NAMES, count_variables, count_words, texts, variables_of

COUNTS = count_words(texts())


@pytest.mark.parametrize("word", GONE)
def test_a_word_that_is_gone_does_not_come_back(word: str) -> None:
    assert COUNTS[word] == 0, f"write {GONE[word]!r} instead of {word!r}"


def test_variables_say_what_they_hold() -> None:
    counts = count_variables()
    assert {name: counts[name] for name in VAGUE_NAMES if counts[name]} == {}


@pytest.mark.parametrize("text", ["census", "CensusTaker", "_census", "a_census_of", "the CENSUS.", "`census`"])
def test_a_word_is_found_in_prose_and_in_identifiers(text: str) -> None:
    assert count_words([text])["census"] == 1


@pytest.mark.parametrize("text", ["censuses", "recensus"])
def test_a_longer_word_is_another_one(text: str) -> None:
    assert count_words([text])["census"] == 0


def test_an_expression_is_found_across_lines_and_in_identifiers() -> None:
    assert count_words(["the second\n    round", "SECOND_ROUND"])["second round"] == 2


def test_the_names_of_variables_are_assigned_looped_over_or_parameters() -> None:
    code = "def f(one, *said):\n    for at in one:\n        found = [each for each in said if name]"
    assert sorted(variables_of(code)) == ["at", "each", "found", "one", "said"]
