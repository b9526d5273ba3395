"""What is not even tried, and what is said of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.test_spec import spec
from tests.unit.value_samples import any_keys, listed

from s3_crosscopy.core.decide.comparison import ARCHIVED_REFUSED, TOO_LONG
from s3_crosscopy.core.decide.refusals import Refusal, make_too_long, refusal
from s3_crosscopy.model.outcomes import Reason


def test_an_archived_object_is_refused_in_s3s_words_for_it() -> None:
    found = refusal(
        ARCHIVED_REFUSED, listed("a/k")._replace(storage_class="GLACIER"), spec("s3://src/a/", "s3://dst/b/")
    )
    assert found == Refusal(
        Reason.ARCHIVED,
        "InvalidObjectState",
        "the object is in GLACIER and not restored; restore it, or set archived='skip'",
    )


def test_a_key_that_comes_out_too_long_is_refused_with_its_length() -> None:
    found = refusal(TOO_LONG, listed("a/" + "k" * 1022), spec("s3://src/a/", "s3://dst/büs/"))
    assert found == Refusal(
        Reason.INVALID,
        "KeyTooLongError",
        "the destination key would have 1,027 bytes, S3 allows 1,024; shorten the destination prefix",
    )


@pytest.mark.parametrize("dest", ["s3://dst/a/", "s3://dst/b/", "s3://dst/"])
def test_under_a_prefix_that_is_not_longer_no_key_is_looked_at(dest: str) -> None:
    assert make_too_long(spec("s3://src/a/", dest, allow_bucket_root=True)) is None


def test_one_object_was_looked_at_when_the_places_were_read() -> None:
    assert make_too_long(spec("s3://src/a", "s3://dst/longer")) is None


@given(any_keys, st.integers(990, 1024), st.sampled_from(["b/", "ü/", "longer/by/far/", "\U0010ffff/"]))
def test_exactly_those_are_too_long_that_s3_would_refuse(name: str, length: int, prefix: str) -> None:
    found = spec("s3://src/a/", f"s3://dst/{prefix}")
    key = f"a/{name}" + "k" * (length - len(f"a/{name}".encode()))
    test = make_too_long(found)
    assert (test is not None and test(key)) is (len(found.dest_key(key).encode()) > 1024)
