from __future__ import annotations

from tests.unit.layouts import CASES, permissions

from s3_crosscopy.access.examination import Scope
from s3_crosscopy.access.rules.policies import additions, policies


def test_what_mends_one_document_in_rounds_has_each_sid_once() -> None:
    policy_context, needs = CASES[0].policy_context, permissions(two=CASES[0].two)
    complete = policies(needs, policy_context)
    first = additions(policies([one for one in needs if one.action.startswith("s3:Put")], policy_context))
    second = additions(policies([one for one in needs if one.action == "s3:GetObject"], policy_context))

    printed = [*complete, *first, *second]
    sids = [(one.place, each["Sid"]) for one in printed for each in one.document["Statement"]]

    assert len(set(sids)) == len(sids)


def test_but_for_its_name_a_statement_stays_as_it_is() -> None:
    policy_context, needs = CASES[0].policy_context, permissions(two=CASES[0].two)
    tags = [one for one in needs if one.place is Scope.SOURCE and one.action == "s3:GetObjectTagging"]
    before, after = policies(tags, policy_context), additions(policies(tags, policy_context))

    assert [one[:2] for one in after] == [one[:2] for one in before]
    (was,), (now,) = before[0].document["Statement"], after[0].document["Statement"]
    assert (was["Sid"], now["Sid"]) == ("CrossCopyCopierSourceObjects", "CrossCopyCopierSourceGetObjectTagging")
    assert {**now, "Sid": was["Sid"]} == was
