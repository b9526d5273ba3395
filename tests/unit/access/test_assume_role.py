from __future__ import annotations

import pytest

from s3_crosscopy.access.rules.assume_role import is_external_id, policies_to_assume, refused_assumption
from s3_crosscopy.access.rules.policies import how_to_attach

USER, ROLE = "arn:aws:iam::111111111111:user/worker", "arn:aws:iam::222222222222:role/copier"
SAID = f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"


def test_sts_own_words_say_who_may_not_assume_what() -> None:
    assert refused_assumption(SAID) == (USER, ROLE)
    session = "arn:aws:sts::111111111111:assumed-role/worker/i-1"
    by_session = SAID.replace(USER, session)
    assert refused_assumption(by_session) == ("arn:aws:iam::111111111111:role/worker", ROLE)


@pytest.mark.parametrize(
    "said",
    [
        "Access Denied",
        "",
        SAID.replace("sts:AssumeRole", "s3:GetObject"),
        f"User: {USER} is not authorized to perform: sts:AssumeRole",
    ],
)
def test_other_words_say_nothing(said: str) -> None:
    assert refused_assumption(said) is None


def test_the_role_has_to_trust_and_the_caller_has_to_be_allowed_to_ask() -> None:
    trust, ask = policies_to_assume(USER, ROLE)

    assert (trust.attach_to, ask.attach_to) == (ROLE, USER)
    (trusts,) = trust.document["Statement"]
    assert trusts["Principal"] == {"AWS": USER}
    assert "Condition" not in trusts
    (asks,) = ask.document["Statement"]
    assert (asks["Action"], asks["Resource"]) == (["sts:AssumeRole"], ROLE)
    assert "update-assume-role-policy" in how_to_attach(trust)
    assert "inline or as a managed policy" in how_to_attach(ask)


def test_an_external_id_is_asked_for_and_not_repeated() -> None:
    trust, _ = policies_to_assume(USER, ROLE, with_external_id=True)
    (trusts,) = trust.document["Statement"]
    assert trusts["Condition"] == {"StringEquals": {"sts:ExternalId": "THE-EXTERNAL-ID-OF-THE-CONNECTION"}}


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("ab", True),
        ("x" * 1224, True),
        ("Az09_+=,.@:/-", True),
        ("x", False),
        ("x" * 1225, False),
        ("with space", False),
        ("ab\n", False),
        ("äö", False),
    ],
)
def test_an_external_id_is_what_sts_takes(text: str, taken: bool) -> None:
    assert is_external_id(text) is taken
