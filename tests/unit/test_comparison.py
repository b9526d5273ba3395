from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.value_samples import LATER, MD5, OTHER_MD5, THEN, facts, listed

from s3_crosscopy.core.decide import comparison
from s3_crosscopy.core.decide.comparison import (
    COPIED_EARLIER,
    GONE,
    NO_KEY,
    archived,
    decide_by_facts,
    make_decide,
    needs_destination,
    rules,
)
from s3_crosscopy.core.decide.comparison import _first as first_row_that_fits
from s3_crosscopy.model.objects import Checksum, Facts, Listed
from s3_crosscopy.model.outcomes import COMPARED_BY, Action, Decision

OVERWRITES = ("if_changed", "always", "never")
COMPARES = ("auto", "etag", "size", "mtime", "checksum")

# What the destination has beside a source of size 1, MD5 and THEN: None, or (same size, same etag, copy newer).
SITUATIONS = (
    None,
    (True, True, True),
    (True, True, False),
    (True, False, True),
    (True, False, False),
    (False, True, True),
    (False, True, False),
    (False, False, True),
    (False, False, False),
)
NEW, SIZE = "copy: new", "copy: size differs"
# One column a situation, in their order.
IF_CHANGED = {
    "auto": [NEW, *["skip: same etag"] * 2, *["compare: etag unclear"] * 2, *[SIZE] * 4],
    "checksum": [NEW, *["skip: same etag"] * 2, *["compare: etag unclear"] * 2, *[SIZE] * 4],
    "etag": [NEW, *["skip: same etag"] * 2, *["copy: etag differs"] * 2, *[SIZE] * 4],
    "size": [NEW, *["skip: same size"] * 4, *[SIZE] * 4],
    "mtime": [NEW, *["skip: copy newer", "copy: source newer"] * 2, *[SIZE] * 4],
}
EXPECTED = {
    **{("if_changed", compare): row for compare, row in IF_CHANGED.items()},
    **{("always", compare): ["copy: always"] * 9 for compare in COMPARES},
    **{("never", compare): [NEW, *["skip: exists"] * 8] for compare in COMPARES},
}
CASES = [
    (overwrite, compare, situation, expected)
    for (overwrite, compare), row in EXPECTED.items()
    for situation, expected in zip(SITUATIONS, row, strict=True)
]


def in_words(decision: Decision) -> str:
    return f"{decision.action.value}: {decision.reason}"


def there(situation: tuple[bool, bool, bool] | None) -> Listed | None:
    if situation is None:
        return None
    same_size, same_etag, newer = situation
    return listed("d", 1 if same_size else 2, MD5 if same_etag else OTHER_MD5, LATER if newer else THEN)


@pytest.mark.parametrize(("overwrite", "compare", "situation", "expected"), CASES)
def test_every_row_of_the_table(
    overwrite: str, compare: str, situation: tuple[bool, bool, bool] | None, expected: str
) -> None:
    assert in_words(make_decide(overwrite, compare)(listed("s"), there(situation))) == expected


def test_the_expected_table_covers_every_combination() -> None:
    assert set(EXPECTED) == {(overwrite, compare) for overwrite in OVERWRITES for compare in COMPARES}
    assert len(set(SITUATIONS)) == 9


seconds = st.integers(0, 2).map(lambda second: f"2026-11-01T10:00:0{second}")
tails = st.sampled_from(["", "Z", "+00:00", ".000Z", ".999Z"])
any_listed = st.builds(
    listed,
    st.just("k"),
    st.integers(0, 1),
    st.sampled_from([MD5, OTHER_MD5, f"{MD5}-2"]),
    st.builds(str.__add__, seconds, tails),
)


def naively(overwrite: str, compare: str, source: Listed, dest: Listed | None) -> Decision:
    """Row by row, each condition asked of the two objects."""
    for row in rules(overwrite, compare):
        if row.exists not in (None, dest is not None):
            continue
        if dest is None:
            return row.decision
        if (
            row.same_size in (None, source.size == dest.size)
            and row.same_etag in (None, source.etag == dest.etag)
            and row.copy_newer in (None, dest.modified[:19] > source.modified[:19])
        ):
            return row.decision
    raise AssertionError("no row fits")


@given(st.sampled_from(OVERWRITES), st.sampled_from(COMPARES), any_listed, st.none() | any_listed)
def test_the_function_is_the_first_row_that_fits(
    overwrite: str, compare: str, source: Listed, dest: Listed | None
) -> None:
    assert make_decide(overwrite, compare)(source, dest) == naively(overwrite, compare, source, dest)


@given(st.sampled_from(OVERWRITES), st.sampled_from(COMPARES), any_listed, st.none() | any_listed)
def test_without_a_look_at_the_destination_the_decision_is_the_same(
    overwrite: str, compare: str, source: Listed, dest: Listed | None
) -> None:
    decide = make_decide(overwrite, compare)
    if not needs_destination(overwrite):
        assert decide(source, dest) == decide(source, None)


def test_only_always_needs_no_destination() -> None:
    assert [overwrite for overwrite in OVERWRITES if not needs_destination(overwrite)] == ["always"]


@pytest.mark.parametrize(
    ("source", "dest", "expected"),
    [
        ("2026-11-01T10:00:00Z", "2026-11-01T10:00:00Z", "copy: source newer"),
        # Within one second nobody knows: a listing has whole seconds, a HEAD has not always.
        ("2026-11-01T10:00:00.000Z", "2026-11-01T10:00:00.999Z", "copy: source newer"),
        # What follows the seconds is spelt in several ways, and none of them is time.
        ("2026-11-01T10:00:00+00:00", "2026-11-01T10:00:00Z", "copy: source newer"),
        ("2026-11-01T10:00:00", "2026-11-01T10:00:00.000Z", "copy: source newer"),
        ("2026-11-01T10:00:00+00:00", "2026-11-01T10:00:01Z", "skip: copy newer"),
        ("2026-11-01T10:00:01Z", "2026-11-01T10:00:00Z", "copy: source newer"),
        ("2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", "skip: copy newer"),
    ],
)
def test_a_copy_must_be_younger_by_a_second_to_be_newer(source: str, dest: str, expected: str) -> None:
    decide = make_decide("if_changed", "mtime")
    assert in_words(decide(listed(modified=source), listed(modified=dest))) == expected
    by_facts = decide_by_facts(facts(modified=source), facts(etag=f"{MD5}-3", modified=dest))
    assert in_words(by_facts) == expected


def test_a_table_with_a_hole_is_noticed_when_it_is_made() -> None:
    with pytest.raises(AssertionError, match="no row for"):
        first_row_that_fits((), exists=True)


WITHIN = "copy: multipart source, copied within a day of it"
ALMOST_A_DAY, A_DAY = "2026-11-02T09:59:59+00:00", "2026-11-02T10:00:00+00:00"
FULL = Checksum("CRC64NVME", "FULL_OBJECT", "AAAA")
FULL_OTHER = Checksum("CRC64NVME", "FULL_OBJECT", "BBBB")
SHA = Checksum("SHA256", "FULL_OBJECT", "AAAA")
COMPOSITE = Checksum("SHA256", "COMPOSITE", "AAAA-2")


@pytest.mark.parametrize(
    ("source", "dest", "expected"),
    [
        (facts(size=1), facts(size=2), "copy: size differs"),
        (facts(size=1, etag=MD5), facts(size=2, etag=MD5), "copy: size differs"),
        (facts(checksum=FULL), facts(checksum=FULL_OTHER), "skip: same etag"),
        (facts(encryption="aws:kms"), facts(encryption="aws:kms"), "skip: same etag"),
        # Two MD5s differ: another content, whatever the times say.
        (facts(), facts(etag=OTHER_MD5, modified=LATER), "copy: etag differs"),
        (facts(encryption="AES256"), facts(etag=OTHER_MD5, encryption="AES256"), "copy: etag differs"),
        # One of them is no MD5: times decide.
        (facts(), facts(etag=OTHER_MD5, encryption="aws:kms", modified=LATER), "skip: copy newer"),
        (facts(), facts(etag=OTHER_MD5, encryption="aws:kms"), "copy: source newer"),
        (facts(encryption="aws:kms"), facts(etag=OTHER_MD5, modified=LATER), "skip: copy newer"),
        (facts(encryption="aws:kms:dsse"), facts(etag=OTHER_MD5, modified=LATER), "skip: copy newer"),
        (facts(etag=f"{MD5}-2"), facts(etag=OTHER_MD5), "copy: source newer"),
        (facts(), facts(etag=f"{OTHER_MD5}-2", modified=LATER), "skip: copy newer"),
        # The time of a multipart source is when its upload began: it may be younger than a copy of the same day.
        (facts(etag=f"{MD5}-2"), facts(etag=OTHER_MD5, modified=LATER), WITHIN),
        (facts(etag=f"{MD5}-1"), facts(etag=OTHER_MD5, encryption="aws:kms", modified=LATER), WITHIN),
        (facts(etag="as-this-server-likes-12"), facts(etag=OTHER_MD5, modified=LATER), WITHIN),
        (facts(etag="as-this-server-likes"), facts(etag=OTHER_MD5, modified=LATER), "skip: copy newer"),
        (facts(etag="42"), facts(etag=OTHER_MD5, modified=LATER), "skip: copy newer"),
        (facts(etag=f"{MD5}-2"), facts(etag=f"{OTHER_MD5}-2", modified=LATER), WITHIN),
        (facts(etag=f"{MD5}-2", encryption="aws:kms"), facts(etag=OTHER_MD5, modified=ALMOST_A_DAY), WITHIN),
        (facts(etag=f"{MD5}-2", encryption="aws:kms"), facts(etag=OTHER_MD5, modified=A_DAY), "skip: copy newer"),
        (facts(etag=f"{MD5}-2"), facts(etag=f"{OTHER_MD5}-3", modified=A_DAY), "skip: copy newer"),
        (facts(etag=f"{MD5}-2", modified=""), facts(etag=f"{OTHER_MD5}-3", modified=A_DAY), WITHIN),
        (facts(etag="opaque"), facts(etag=OTHER_MD5, modified=LATER), "skip: copy newer"),
        # A checksum of the whole content beats times and encryption.
        (
            facts(checksum=FULL, encryption="aws:kms"),
            facts(etag=OTHER_MD5, checksum=FULL),
            "skip: same checksum",
        ),
        (
            facts(etag=f"{MD5}-2", checksum=FULL),
            facts(etag=OTHER_MD5, checksum=FULL_OTHER, modified=LATER),
            "copy: checksum differs",
        ),
        # Checksums that cannot be compared tell nothing.
        (facts(checksum=FULL), facts(etag=OTHER_MD5), "copy: etag differs"),
        (facts(), facts(etag=OTHER_MD5, checksum=FULL), "copy: etag differs"),
        (
            facts(etag=f"{MD5}-2", checksum=SHA),
            facts(etag=OTHER_MD5, checksum=FULL, modified=LATER),
            WITHIN,
        ),
        (
            facts(etag=f"{MD5}-2", checksum=COMPOSITE),
            facts(etag=f"{OTHER_MD5}-2", checksum=COMPOSITE),
            "copy: source newer",
        ),
        (
            facts(etag=f"{MD5}-2", checksum=COMPOSITE),
            facts(etag=OTHER_MD5, checksum=SHA, modified=LATER),
            WITHIN,
        ),
        (
            facts(etag=MD5, checksum=SHA, encryption="aws:kms"),
            facts(etag=f"{OTHER_MD5}-2", checksum=COMPOSITE),
            "copy: source newer",
        ),
    ],
)
def test_the_second_look_at_two_heads(source: Facts, dest: Facts, expected: str) -> None:
    assert in_words(decide_by_facts(source, dest)) == expected


@given(any_listed, any_listed)
def test_the_second_look_always_ends_in_a_copy_or_a_skip(source: Listed, dest: Listed) -> None:
    decision = decide_by_facts(
        Facts(source.size, source.etag, source.modified), Facts(dest.size, dest.etag, dest.modified)
    )
    assert decision.action in (Action.COPY, Action.SKIP)


@pytest.mark.parametrize("storage_class", ["GLACIER", "DEEP_ARCHIVE"])
def test_an_archived_object_is_refused_or_left_out_unless_it_is_restored(storage_class: str) -> None:
    source = listed()._replace(storage_class=storage_class)
    refused, left_out = archived(source, "fail"), archived(source, "skip")
    assert refused is not None
    assert left_out is not None
    assert (in_words(refused), in_words(left_out)) == ("refuse: archived", "skip: archived")
    restored = source._replace(restored=True)
    assert archived(restored, "fail") is archived(restored, "skip") is None


@pytest.mark.parametrize("storage_class", ["STANDARD", "GLACIER_IR", "INTELLIGENT_TIERING", "STANDARD_IA", ""])
def test_what_can_be_read_at_once_is_not_archived(storage_class: str) -> None:
    source = listed()._replace(storage_class=storage_class)
    assert archived(source, "fail") is archived(source, "skip") is None


def test_what_is_decided_without_the_table_is_counted_under_its_own_name() -> None:
    assert [in_words(one) for one in (COPIED_EARLIER, GONE, NO_KEY)] == [
        "earlier: copied earlier",
        "miss: not at the source",
        "filter: prefix marker",
    ]
    always = make_decide("always", "auto")
    assert in_words(always(listed(), None)) == "copy: always"


def test_every_skip_comes_from_a_comparison_of_both_objects_or_from_none_at_all() -> None:
    skips = {one for one in vars(comparison).values() if isinstance(one, Decision) and one.action is Action.SKIP}
    # An index is refused with a `compare` of sizes and with `since`, and the other two do not look at the copy.
    assert skips - comparison.UNCHANGED == {
        comparison.SAME_SIZE, comparison.EXISTS, comparison.ARCHIVED_LEFT_OUT, comparison.PROVEN,
    }  # fmt: skip
    assert {COMPARED_BY[decision.reason] for decision in comparison.UNCHANGED} == {"etag", "checksum", "time", "index"}
