"""How a copy keeps its source's ETag, as a table, and the reasons why one did not."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.value_samples import MD5, listed, options

from s3_crosscopy.core.transfer.etag_preservation import (
    ETAG_RULES,
    EtagRule,
    Way,
    encryption_loss,
    etag_loss,
    etag_rule,
    keeps_etags,
    make_in_parts,
    needs_first_part,
    own_layout,
)
from s3_crosscopy.core.transfer.multipart_layout import uniform_part_bytes
from s3_crosscopy.model.objects import Facts, Listed
from s3_crosscopy.model.outcomes import EtagLoss, Verified

MIB, GIB = 2**20, 2**30
ONE, OWN, BY_SIZE = Way.COPY_OBJECT, Way.OWN_LAYOUT, Way.BY_SIZE


def source(size: int, parts: int | None = None) -> Listed:
    return listed(size=size, etag=MD5 if parts is None else f"{MD5}-{parts}")


def facts(size: int = 0, *, parts: int | None = None, encryption: str = "AES256") -> Facts:
    return Facts(size, MD5, "2026-01-01T00:00:00", parts=parts, encryption=encryption)


def test_the_table_has_one_row_for_each_case() -> None:
    cases = [(row.in_parts, row.possible) for row in ETAG_RULES]
    assert cases == [(False, True), (False, False), (True, True), (True, False)]


@pytest.mark.parametrize(
    ("size", "parts", "way", "loss"),
    [
        (0, None, ONE, None),
        (1, None, ONE, None),
        (2 * GIB, None, ONE, None),
        (5 * GIB, None, ONE, None),
        (5 * GIB + 1, None, BY_SIZE, EtagLoss.ABOVE_LIMIT),
        (1, 1, OWN, None),
        (5 * GIB, 1, OWN, None),
        (5 * GIB + 1, 1, BY_SIZE, EtagLoss.IMPOSSIBLE),
        (0, 1, BY_SIZE, EtagLoss.IMPOSSIBLE),
        (5 * MIB + 1, 2, OWN, None),
        (5 * MIB, 2, BY_SIZE, EtagLoss.IMPOSSIBLE),
        (3 * MIB, 3, BY_SIZE, EtagLoss.IMPOSSIBLE),
        (6 * GIB, 2, OWN, None),
        (10 * GIB + 1, 2, BY_SIZE, EtagLoss.IMPOSSIBLE),
        (100 * GIB, 10_001, BY_SIZE, EtagLoss.IMPOSSIBLE),
    ],
)
def test_the_etag_and_the_size_tell_how_an_etag_can_be_kept(
    size: int, parts: int | None, way: Way, loss: EtagLoss | None
) -> None:
    rule = etag_rule(source(size, parts))
    assert rule == EtagRule(parts is not None, loss is None, way, loss)


@given(st.integers(0, 60 * GIB), st.none() | st.integers(1, 10_001))
def test_an_upload_in_the_sources_layout_is_only_tried_where_some_part_size_is_possible(
    size: int, parts: int | None
) -> None:
    rule = etag_rule(source(size, parts))
    if rule.way is OWN:
        assert parts is not None
        least = max(-(-size // parts), 5 * MIB if parts > 1 else 1)
        assert uniform_part_bytes(size, parts, least)
    assert (rule.loss is None) is (rule.way is not BY_SIZE)


@pytest.mark.parametrize(
    ("size", "parts", "usual", "preserving"),
    [
        (1, None, False, False),
        (2 * GIB, None, True, False),
        (6 * GIB, None, True, True),
        (1, 1, False, True),
        (0, 1, False, False),
        (20 * MIB, 3, False, True),
        (3 * MIB, 3, False, False),
        (2 * GIB, 3, True, True),
        (20 * GIB, 3, True, True),
    ],
)
def test_the_threshold_decides_only_where_the_etag_does_not(
    size: int, parts: int | None, usual: bool, preserving: bool
) -> None:
    assert make_in_parts(options())(source(size, parts)) is usual
    assert make_in_parts(options(preserve_etag=True))(source(size, parts)) is preserving


@pytest.mark.parametrize(
    ("size", "parts", "needed"),
    [(20 * MIB, None, False), (20 * MIB, 1, False), (20 * MIB, 2, True), (2 * MIB, 2, False)],
)
def test_a_head_of_the_first_part_is_made_only_where_it_can_tell_something(
    size: int, parts: int | None, needed: bool
) -> None:
    assert needs_first_part(source(size, parts)) is needed


@pytest.mark.parametrize(
    ("of", "first", "layout"),
    [
        (source(6 * GIB), None, EtagLoss.ABOVE_LIMIT),
        (source(2 * GIB), None, EtagLoss.OTHER),
        (source(7, 1), None, 7),
        (source(2 * MIB, 2), None, EtagLoss.IMPOSSIBLE),
        (source(20 * MIB, 3), None, EtagLoss.UNKNOWN),
        (source(20 * MIB, 3), facts(20 * MIB), EtagLoss.UNKNOWN),
        (source(20 * MIB, 3), facts(8 * MIB, parts=4), EtagLoss.UNKNOWN),
        (source(20 * MIB, 3), facts(8 * MIB, parts=3), 8 * MIB),
        (source(20 * MIB, 3), facts(5 * MIB, parts=3), EtagLoss.UNEVEN),
    ],
)
def test_the_first_part_shows_the_layout_or_the_reason_why_there_is_none(
    of: Listed, first: Facts | None, layout: int | EtagLoss
) -> None:
    assert own_layout(of, first) == layout
    assert isinstance(own_layout(of, first), EtagLoss) is isinstance(layout, EtagLoss)


KMS: dict[str, Any] = {"kms_encryption_type": "aws:kms", "preserve_etag": True}
KEEP: dict[str, Any] = {"preserve_etag": True}


@pytest.mark.parametrize(
    ("given_options", "encryption", "loss"),
    [
        (KEEP, None, None),
        (KEEP, "AES256", None),
        (KEEP, "aws:kms", EtagLoss.SOURCE_KMS),
        (KEEP, "aws:kms:dsse", EtagLoss.SOURCE_KMS),
        (KMS, None, EtagLoss.COPY_KMS),
        ({**KMS, "kms_encryption_type": "AES256"}, "AES256", None),
        (KMS, "AES256", EtagLoss.COPY_KMS),
        (KMS, "aws:kms", EtagLoss.SOURCE_KMS),
    ],
)
def test_encryption_is_a_reason_where_it_is_known(
    given_options: dict[str, Any], encryption: str | None, loss: EtagLoss | None
) -> None:
    head = None if encryption is None else facts(encryption=encryption)
    assert encryption_loss(options(**given_options), head) is loss


@pytest.mark.parametrize(
    ("of", "known", "head", "loss"),
    [
        (source(1), None, None, EtagLoss.OTHER),
        (source(1), None, facts(encryption="aws:kms"), EtagLoss.SOURCE_KMS),
        (source(20 * MIB, 3), EtagLoss.UNEVEN, facts(encryption="aws:kms"), EtagLoss.UNEVEN),
        (source(6 * GIB), EtagLoss.PROPERTIES, None, EtagLoss.ABOVE_LIMIT),
        (source(2 * MIB, 2), None, None, EtagLoss.IMPOSSIBLE),
    ],
)
def test_a_copy_with_another_etag_has_the_most_certain_reason(
    of: Listed, known: EtagLoss | None, head: Facts | None, loss: EtagLoss
) -> None:
    for verified in set(Verified) - {Verified.ETAG}:
        assert etag_loss(options(**KEEP), of, verified, known, head) == loss.value
        assert etag_loss(options(), of, verified, known, head) == ""


def test_the_etag_of_the_copy_is_the_proof_whatever_was_expected() -> None:
    for known, head in itertools.product((None, *EtagLoss), (None, facts(encryption="aws:kms"))):
        assert etag_loss(options(**KMS), source(6 * GIB), Verified.ETAG, known, head) == ""


def test_a_dry_run_keeps_no_etags() -> None:
    assert keeps_etags(options(**KEEP))
    assert not keeps_etags(options(**KEEP, dry_run=True))
    assert not keeps_etags(options())
