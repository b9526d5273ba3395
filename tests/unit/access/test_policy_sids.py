from __future__ import annotations

from tests.unit.layouts import CASES, grants

from s3_crosscopy.access.examination import Scope
from s3_crosscopy.access.rules.policies import additions, policies


def test_what_mends_one_document_in_rounds_has_each_sid_once() -> None:
    ground, needs = CASES[0].ground, grants(two=CASES[0].two)
    complete = policies(needs, ground)
    first = additions(policies([one for one in needs if one.action.startswith("s3:Put")], ground))
    second = additions(policies([one for one in needs if one.action == "s3:GetObject"], ground))

    printed = [*complete, *first, *second]
    sids = [(one.place, each["Sid"]) for one in printed for each in one.document["Statement"]]

    assert len(set(sids)) == len(sids)


def test_but_for_its_name_a_statement_stays_as_it_is() -> None:
    ground, needs = CASES[0].ground, grants(two=CASES[0].two)
    tags = [one for one in needs if one.place is Scope.SOURCE and one.action == "s3:GetObjectTagging"]
    before, after = policies(tags, ground), additions(policies(tags, ground))

    assert [one[:2] for one in after] == [one[:2] for one in before]
    (was,), (now,) = before[0].document["Statement"], after[0].document["Statement"]
    assert (was["Sid"], now["Sid"]) == ("CrossCopyCopierSourceObjects", "CrossCopyCopierSourceGetObjectTagging")
    assert {**now, "Sid": was["Sid"]} == was
