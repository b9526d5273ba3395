from __future__ import annotations

import pytest
from tests.unit.value_samples import facts, listed

from s3_crosscopy.core.decide.comparison import ALWAYS, ETAG_DIFFERS, NEW
from s3_crosscopy.core.transfer.preconditions import (
    UNKNOWN,
    Refusal,
    Then,
    after_refusal,
    expected_of,
    is_expected,
    precondition,
    refusal,
)
from s3_crosscopy.model.objects import Facts, Listed
from s3_crosscopy.model.operations import ABSENT
from s3_crosscopy.model.outcomes import Decision

THERE = listed("q/k", 1, "e1")


@pytest.mark.parametrize(
    ("decision", "dest", "expected"),
    [
        (NEW, None, ABSENT),
        (ETAG_DIFFERS, THERE, "e1"),
        (ETAG_DIFFERS, THERE._replace(etag=""), UNKNOWN),
        (ALWAYS, None, UNKNOWN),
        (ALWAYS, THERE, UNKNOWN),
    ],
)
def test_a_write_expects_what_the_decision_saw(decision: Decision, dest: Listed | None, expected: str) -> None:
    assert expected_of(decision, dest) == expected


@pytest.mark.parametrize(
    ("expected", "parameter"), [(ABSENT, {"IfNoneMatch": "*"}), ("e1", {"IfMatch": '"e1"'}), (UNKNOWN, {})]
)
def test_an_expectation_is_one_parameter(expected: str, parameter: dict[str, str]) -> None:
    assert precondition(expected) == parameter


@pytest.mark.parametrize(
    ("expected", "dest", "same"),
    [
        (ABSENT, None, True),
        (ABSENT, facts(etag="e1"), False),
        ("e1", facts(etag="e1"), True),
        ("e1", facts(etag="e2"), False),
        ("e1", None, False),
    ],
)
def test_the_destination_is_as_expected_or_it_is_not(expected: str, dest: Facts | None, same: bool) -> None:
    assert is_expected(expected, dest) is same


@pytest.mark.parametrize(
    ("expected", "code", "status", "why"),
    [
        (ABSENT, "PreconditionFailed", 412, Refusal.CHANGED),
        ("e1", "412", 412, Refusal.CHANGED),
        ("e1", "NoSuchKey", 404, Refusal.CHANGED),
        (ABSENT, "NoSuchKey", 404, None),
        ("e1", "NoSuchUpload", 404, None),
        ("e1", "404", 404, None),
        (ABSENT, "ConditionalRequestConflict", 409, Refusal.CONFLICT),
        ("e1", "OperationAborted", 409, None),
        (ABSENT, "NotImplemented", 501, Refusal.NOT_ACCEPTED),
        (ABSENT, "SomethingOfOurs", 501, Refusal.NOT_ACCEPTED),
        ("e1", "InvalidArgument", 400, Refusal.NOT_ACCEPTED),
        ("e1", "InvalidRequest", 400, Refusal.NOT_ACCEPTED),
        ("e1", "InvalidTag", 400, None),
        ("e1", "AccessDenied", 403, None),
        (UNKNOWN, "PreconditionFailed", 412, None),
        (UNKNOWN, "ConditionalRequestConflict", 409, None),
        (UNKNOWN, "NotImplemented", 501, None),
    ],
)
def test_a_refusal_is_read_from_the_answer(expected: str, code: str, status: int, why: Refusal | None) -> None:
    assert refusal(expected, code, status) is why


@pytest.mark.parametrize("why", [Refusal.CHANGED, Refusal.CONFLICT])
@pytest.mark.parametrize("source_known", [True, False])
@pytest.mark.parametrize("required", [True, False])
def test_a_destination_that_changed_is_decided_about_again(why: Refusal, source_known: bool, required: bool) -> None:
    assert after_refusal(why, as_expected=False, source_known=source_known, required=required) is Then.DECIDE


@pytest.mark.parametrize(
    ("why", "source_known", "required", "then"),
    [
        (Refusal.CONFLICT, False, False, Then.AGAIN),
        (Refusal.CONFLICT, True, True, Then.AGAIN),
        (Refusal.CHANGED, False, False, Then.SOURCE),
        (Refusal.CHANGED, False, True, Then.SOURCE),
        (Refusal.CHANGED, True, True, Then.SOURCE),
        (Refusal.CHANGED, True, False, Then.WITHOUT),
    ],
)
def test_a_destination_that_did_not_change(why: Refusal, source_known: bool, required: bool, then: Then) -> None:
    assert after_refusal(why, as_expected=True, source_known=source_known, required=required) is then
