"""What people read: the same screen in an exception, a log file and a terminal without colours."""

from __future__ import annotations

import json

from s3_crosscopy.access.examination import (
    BucketSettings,
    Examination,
    Finding,
    FindingStatus,
    Party,
    Permission,
    Policy,
    Principal,
    Scope,
)
from s3_crosscopy.access.examination_text import examination_text, verdict

LIST = Permission("s3:ListBucket", Party.COPIER, Scope.DEST, "arn:aws:s3:::dst", "lists")
READ = Permission("s3:GetObject", Party.COPIER, Scope.SOURCE, "arn:aws:s3:::src/p/*", "reads")
TAGS = Permission("s3:GetObjectTagging", Party.COPIER, Scope.SOURCE, "arn:aws:s3:::src/p/*", "tags")
POLICY = Policy("bucket policy of the source bucket", "src", {"Version": "2012-10-17", "Statement": []})


def examination(*findings: Finding, problems: tuple[str, ...] = (), denied: str = "") -> Examination:
    return Examination(
        source="s3://src/p/",
        dest="s3://dst/q/",
        principals=(
            Principal(
                Party.COPIER,
                "profile 'b'",
                arn="arn:aws:sts::222222222222:assumed-role/copier/x",
                account="222222222222",
                expires="2026-11-24T20:00:00.000Z",
                chained=True,
            ),
            Principal(Party.READER),
        ),
        buckets=(
            BucketSettings(Scope.SOURCE, "src", encryption="aws:kms", kms_key=""),
            BucketSettings(Scope.DEST, "dst", owner="222222222222", region="eu-west-1", encryption="AES256"),
        ),
        findings=findings,
        pitfalls=("a trap",),
        policies=(POLICY,) if findings else (),
        problems=problems,
        denied=denied,
    )


FOUND = examination(
    Finding(LIST, FindingStatus.HOLDS, "a LIST was answered"),
    Finding(READ, FindingStatus.MISSING, "HEAD was answered 403", "an implicit deny"),
    Finding(TAGS, FindingStatus.UNKNOWN, "no object is known"),
)


def test_the_first_line_says_what_is_wrong() -> None:
    lacks = "the copier is missing permission s3:GetObject at the source bucket (arn:aws:s3:::src/p/*)"
    assert verdict(examination()) == "no permission is known to be missing"
    assert verdict(FOUND) == lacks
    tags = Finding(TAGS, FindingStatus.MISSING, "403")
    assert verdict(examination(FOUND.findings[1], tags)) == f"{lacks}, and 1 more permission is missing"
    assert verdict(examination(FOUND.findings[1], tags, tags)) == f"{lacks}, and 2 more permissions are missing"
    assert verdict(examination(FOUND.findings[1], problems=("the clock is wrong",))) == "the clock is wrong"


def test_a_screen_says_who_what_and_how_and_unknown_is_said_to_be_unknown() -> None:
    lines = examination_text(FOUND).splitlines()

    session = "arn:aws:sts::222222222222:assumed-role/copier/x (profile 'b')"
    assert lines[1] == f"  copier:  {session}, account 222222222222, until 2026-11-24T20:00:00Z, a chained role"
    assert lines[2] == "  reader:  unknown, account unknown"
    assert lines[3].startswith("  s3://src: owner unknown, Region unknown")
    assert "encryption aws:kms with aws/s3" in lines[3]
    assert "owner 222222222222, Region eu-west-1" in lines[4]
    assert "  holds      copier s3:ListBucket on arn:aws:s3:::dst: a LIST was answered" in lines
    assert "  MISSING    copier s3:GetObject on arn:aws:s3:::src/p/*: HEAD was answered 403; an implicit deny" in lines
    assert "  not probed copier s3:GetObjectTagging on arn:aws:s3:::src/p/*: no object is known" in lines
    assert lines[lines.index("pitfalls:") + 1] == "  a trap"
    assert lines[lines.index("next:") + 1].startswith("  1 more permission is needed but was not tested")
    assert lines.index("next:") < lines.index("suggested policies:")


def test_a_screens_policy_can_be_pasted() -> None:
    text = examination_text(FOUND)
    assert json.loads(text[text.index("{") :]) == POLICY.document


def test_a_screen_for_an_exception_names_only_what_is_missing_and_what_was_denied() -> None:
    lines = examination_text(FOUND._replace(denied="CopyObject was denied"), only_missing=True).splitlines()
    assert lines[0] == "CopyObject was denied"
    assert [line.split()[0] for line in lines[lines.index("permissions:") + 1 : lines.index("pitfalls:")]] == [
        "MISSING"
    ]


def test_a_denial_without_a_grant_that_is_known_to_be_missing_shows_those_that_might_be() -> None:
    holds, _, unknown = FOUND.findings
    lines = examination_text(examination(holds, unknown, denied="denied"), only_missing=True).splitlines()
    assert lines[1] == "no permission is known to be missing"
    assert [line.split()[0] for line in lines[lines.index("permissions:") + 1 : lines.index("pitfalls:")]] == ["not"]


def test_a_principal_without_an_arn_is_unknown_and_has_its_label() -> None:
    assert Principal(Party.COPIER, "profile 'b'").shown == "unknown (profile 'b')"
    assert Principal(Party.COPIER).shown == "unknown"


def test_nothing_found_is_a_short_screen() -> None:
    assert "permissions:" not in examination_text(examination())
    assert "suggested policies" not in examination_text(examination())


def test_json_has_everything_and_says_whether_it_is_well() -> None:
    as_json = json.loads(json.dumps(FOUND.as_dict()))
    assert as_json["ok"] is False
    assert [one["status"] for one in as_json["grants"]] == ["holds", "missing", "cannot be probed"]
    assert as_json["policies"][0]["attach_to"] == "src"
    assert examination(Finding(TAGS, FindingStatus.UNKNOWN, "")).ok
    assert not examination(problems=("x",)).ok
