"""Comparing by the listings: the table, what is learnt of a side, and that HEADs would have decided the same."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.value_samples import MD5, OTHER_MD5, THEN, facts

from s3_crosscopy.core.decide import comparison
from s3_crosscopy.core.decide.comparison import COPY_NEWER, ETAG_DIFFERS, UNCLEAR, WITHIN_A_DAY, decide_by_facts
from s3_crosscopy.core.decide.comparison_table import By, look_up
from s3_crosscopy.core.decide.head_comparison import DEST_DENIED, DEST_MISSING, decide_by_heads, decide_by_refusal
from s3_crosscopy.core.decide.learnt_side import ENOUGH, LearntSide
from s3_crosscopy.core.decide.listing_comparison import SAMPLED, ListingComparison
from s3_crosscopy.model.objects import CHECKSUM_NOT_LISTED, Checksum, Facts, Listed
from s3_crosscopy.model.operations import Side
from s3_crosscopy.model.outcomes import COMPARED_BY, Action, Decision, Reason

CRC, SHA = "CRC64NVME:FULL_OBJECT", "SHA256:FULL_OBJECT"
OF_PARTS = "CRC32:COMPOSITE"
TABLE = {
    (common, plain, md5s): (
        By.HEADS
        if common is not False
        else By.TIMES
        if not plain
        else {True: By.CONTENT, False: By.TIMES, None: By.HEADS}[md5s]
    )
    for common, plain, md5s in product((True, False, None), (True, False), (True, False, None))
}
NEXT_MONTH = "2026-12-01T10:00:00Z"


@pytest.mark.parametrize(("case", "by"), TABLE.items())
def test_every_row_of_the_table(case: tuple[bool | None, bool, bool | None], by: By) -> None:
    assert look_up(*case) is by


def test_a_case_that_the_table_does_not_have_is_a_bug() -> None:
    with pytest.raises(AssertionError, match="everything"):
        look_up("other", True, None)  # type: ignore[arg-type]


def row(etag: str, checksum: str = "", modified: str = THEN) -> Listed:
    return Listed("k", 1, etag, modified, checksum=checksum)


def taught(source: Facts | None = None, dest: Facts | None = None, times: int = ENOUGH) -> ListingComparison:
    made = ListingComparison()
    for side, known in ((Side.SOURCE, source), (Side.DEST, dest)):
        for _ in range(times if known is not None else 0):
            made.learn(side, known)  # type: ignore[arg-type]
    return made


BARE = facts(etag=MD5)
UNDER_KMS = facts(etag=MD5, encryption="aws:kms")
IN_PARTS = facts(etag=f"{MD5}-2")

CASES: list[tuple[str, ListingComparison, Listed, Listed, Decision]] = [
    ("a common checksum", ListingComparison(), row(f"{MD5}-2", CRC), row(f"{MD5}-3", CRC), UNCLEAR),
    ("one of several", ListingComparison(), row(f"{MD5}-2", "SHA1,SHA256:"), row(f"{MD5}-3", SHA), UNCLEAR),
    ("other checksums", ListingComparison(), row(f"{MD5}-2", CRC), row(f"{MD5}-3", SHA, NEXT_MONTH), COPY_NEWER),
    (
        "checksums of parts",
        ListingComparison(),
        row(f"{MD5}-2", OF_PARTS),
        row(f"{MD5}-3", CRC, NEXT_MONTH),
        COPY_NEWER,
    ),
    (
        "within a day",
        ListingComparison(),
        row(f"{MD5}-2", OF_PARTS),
        row(MD5, CRC, "2026-11-01T20:00:00Z"),
        WITHIN_A_DAY,
    ),
    ("nothing is known", ListingComparison(), row(f"{MD5}-2"), row(f"{MD5}-3", "", NEXT_MONTH), UNCLEAR),
    ("not listed", ListingComparison(), row(f"{MD5}-2", CHECKSUM_NOT_LISTED), row(f"{MD5}-3", CRC), UNCLEAR),
    ("no checksums", taught(IN_PARTS), row(f"{MD5}-2"), row(f"{MD5}-3", "", NEXT_MONTH), COPY_NEWER),
    ("not enough", taught(IN_PARTS, IN_PARTS, ENOUGH - 1), row(f"{MD5}-2"), row(f"{MD5}-3", "", NEXT_MONTH), UNCLEAR),
    ("MD5s", taught(BARE, BARE), row(MD5), row(OTHER_MD5, "", NEXT_MONTH), ETAG_DIFFERS),
    ("KMS at one side", taught(BARE, UNDER_KMS), row(MD5), row(OTHER_MD5, "", NEXT_MONTH), COPY_NEWER),
    ("one side is not known", taught(BARE, IN_PARTS), row(MD5), row(OTHER_MD5, "", NEXT_MONTH), UNCLEAR),
    ("both kinds are unknown", taught(IN_PARTS, IN_PARTS), row(MD5), row(OTHER_MD5, "", NEXT_MONTH), UNCLEAR),
]


@pytest.mark.parametrize(("made", "source", "dest", "wanted"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_what_the_listings_tell_decides(
    made: ListingComparison, source: Listed, dest: Listed, wanted: Decision
) -> None:
    assert made.decide(source, dest) is wanted


def test_a_listing_that_names_one_checksum_names_all() -> None:
    side = LearntSide()
    assert side.whole_checksums(row(MD5)) is None
    assert side.whole_checksums(row(MD5, CRC)) == frozenset({"CRC64NVME"})
    assert side.whole_checksums(row(MD5)) == frozenset()
    side.learn(facts(checksum=Checksum("CRC64NVME", "FULL_OBJECT", "a")))
    assert side.whole_checksums(row(MD5)) == frozenset()


def test_a_listing_that_hides_a_checksum_is_not_believed_any_more() -> None:
    side = LearntSide()
    for _ in range(ENOUGH):
        side.learn(BARE)
    assert side.whole_checksums(row(MD5)) == frozenset()
    side.learn(facts(checksum=Checksum("CRC64NVME", "FULL_OBJECT", "a")))
    for _ in range(2 * ENOUGH):
        side.learn(BARE)
    assert side.whole_checksums(row(MD5)) is None


def test_a_contradicting_encryption_goes_back_to_asking() -> None:
    made = taught(BARE, BARE)
    made.learn(Side.DEST, UNDER_KMS)
    assert made.decide(row(MD5), row(OTHER_MD5)) is UNCLEAR


def test_of_what_was_learnt_one_in_a_thousand_is_asked() -> None:
    made = taught(BARE, BARE)
    decided = [made.decide(row(MD5), row(OTHER_MD5)) for _ in range(3 * SAMPLED)]
    assert [number for number, decision in enumerate(decided, 1) if decision is UNCLEAR] == [1000, 2000, 3000]


def test_what_the_listings_name_is_never_sampled() -> None:
    made = ListingComparison()
    decided = {made.decide(row(f"{MD5}-2", OF_PARTS), row(f"{MD5}-3", SHA)) for _ in range(3 * SAMPLED)}
    assert UNCLEAR not in decided


ETAGS = st.sampled_from([MD5, OTHER_MD5, f"{MD5}-2", f"{MD5}-3", "odd"])
TIMES = st.sampled_from(["2026-11-01T10:00:00Z", "2026-11-01T10:00:01.500Z", "2026-11-02T10:00:00Z", NEXT_MONTH])
CHECKSUMS = st.none() | st.builds(
    Checksum,
    st.sampled_from(["CRC64NVME", "SHA256"]),
    st.sampled_from(["FULL_OBJECT", "COMPOSITE"]),
    st.sampled_from(["a", "b"]),
)


@st.composite
def sides(draw: st.DrawFn) -> tuple[Facts, list[Facts], bool]:
    """An object of a side, others of it that were asked for, and if its listing names checksums.

    A side is encrypted in one way, and a listing that names no checksum is one of a server without any, or one where
    every object has one.
    """
    encryption = draw(st.sampled_from(["", "AES256", "aws:kms", "aws:kms:dsse"]))
    names = draw(st.booleans())
    always = CHECKSUMS if names else draw(st.sampled_from([st.none(), CHECKSUMS.filter(lambda one: one is not None)]))
    one = st.builds(facts, etag=ETAGS, modified=TIMES, checksum=always, encryption=st.just(encryption))
    return draw(one), draw(st.lists(one, min_size=1, max_size=4)), names


def listed(known: Facts, names: bool) -> Listed:
    checksum = known.checksum
    told = f"{checksum.algorithm}:{checksum.kind}" if names and checksum is not None else ""
    return Listed("k", known.size, known.etag, known.modified, checksum=told)


@given(sides(), sides())
def test_without_heads_the_decision_is_the_one_with_heads(
    source: tuple[Facts, list[Facts], bool], dest: tuple[Facts, list[Facts], bool]
) -> None:
    made = ListingComparison()
    for others in zip(source[1] * ENOUGH, dest[1] * ENOUGH, strict=False):
        made.decide(listed(others[0], source[2]), listed(others[1], dest[2]))
        made.learn(Side.SOURCE, others[0])
        made.learn(Side.DEST, others[1])
    if source[0].etag == dest[0].etag:
        return  # equal ETags are not compared further
    decision = made.decide(listed(source[0], source[2]), listed(dest[0], dest[2]))

    assert decision in (UNCLEAR, decide_by_facts(source[0], dest[0]))


def test_a_refused_head_of_the_destination_decides_only_if_it_says_something() -> None:
    decided = {reason: decide_by_refusal(reason) for reason in Reason}
    copies = {Reason.DENIED: DEST_DENIED, Reason.MISSING: DEST_MISSING, Reason.UNCONFIRMED: DEST_MISSING}
    assert decided == {**dict.fromkeys(Reason), **copies}


@pytest.mark.parametrize(("began", "reason"), [("", "same etag"), (THEN, "copied earlier"), (NEXT_MONTH, "same etag")])
def test_an_equal_copy_since_the_run_began_is_its_own(began: str, reason: str) -> None:
    assert decide_by_heads(facts(), facts(), began).reason == reason


def test_a_changed_object_is_no_copy_of_this_run() -> None:
    assert decide_by_heads(facts(size=2), facts(), THEN).reason == "size differs"


def test_every_reason_of_a_comparison_says_what_compared() -> None:
    named = {one.reason for one in vars(comparison).values() if isinstance(one, Decision)}
    assert COMPARED_BY.keys() <= named
    assert {Action.COPY, Action.SKIP} >= {
        one.action for one in vars(comparison).values() if isinstance(one, Decision) and one.reason in COMPARED_BY
    }
