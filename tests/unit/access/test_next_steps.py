"""After a denied request: what to replace, what is to be allowed besides, and that the copy is run again."""

from __future__ import annotations

import pytest

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
from s3_crosscopy.access.rules.next_steps import next_steps, policies_command

LIST = Permission("s3:ListBucket", Party.COPIER, Scope.SOURCE, "arn:aws:s3:::src", "lists")
READ = Permission("s3:GetObject", Party.COPIER, Scope.SOURCE, "arn:aws:s3:::src/p/*", "reads")
TAGS = Permission("s3:GetObjectTagging", Party.COPIER, Scope.SOURCE, "arn:aws:s3:::src/p/*", "tags")
UNKNOWN_ROLE = "arn:aws:iam::COPIER-ACCOUNT:role/COPIER-ROLE"
ROLE = "arn:aws:iam::222222222222:role/copier"
PRINTS_ALL = "this prints all, if it also has the options of the copy:"
REPLACE = "replace these before use: COPIER-ACCOUNT, COPIER-ROLE"
AGAIN = "attach the policies, then run the copy again (in Airflow: clear the task); what has arrived is skipped"
DENY = "if it is denied again with these policies: look for an explicit Deny, which no Allow overrides"


def examination(*findings: Finding, role: str = ROLE, source: str = "s3://src/p/") -> Examination:
    return Examination(
        source=source,
        dest="s3://dst/q/",
        principals=(Principal(Party.COPIER, role_arn=None if role == UNKNOWN_ROLE else role),),
        buckets=(BucketSettings(Scope.SOURCE, "src"), BucketSettings(Scope.DEST, "dst", owner="222222222222")),
        findings=findings,
        policies=(Policy("identity policy of the copier", role, {"Version": "2012-10-17", "Statement": []}),),
    )


DENIED = Finding(LIST, FindingStatus.MISSING, "LIST is denied")
UNTESTED = (Finding(READ, FindingStatus.UNKNOWN, "?"), Finding(TAGS, FindingStatus.UNKNOWN, "?"))
COMMAND = (
    "  s3-crosscopy policies s3://src/p/ s3://dst/q/ --copier-arn"
    " arn:aws:iam::222222222222:role/copier --dest-account 222222222222"
)


@pytest.mark.parametrize(
    ("examined", "expected"),
    [
        (examination(DENIED), (AGAIN, DENY)),
        (examination(DENIED._replace(denied_by="an implicit deny")), (AGAIN,)),
        (
            examination(DENIED, *UNTESTED),
            (
                f"2 more permissions are needed but were not tested; {PRINTS_ALL}",
                COMMAND,
                AGAIN,
                DENY,
            ),
        ),
        (
            examination(DENIED, UNTESTED[0]),
            (
                f"1 more permission is needed but was not tested; {PRINTS_ALL}",
                COMMAND,
                AGAIN,
                DENY,
            ),
        ),
        (
            examination(DENIED, role=UNKNOWN_ROLE),
            (
                f"{REPLACE} (s3-crosscopy doctor puts in what --copier-arn names)",
                AGAIN,
                DENY,
            ),
        ),
        (
            examination(DENIED, role=f"{UNKNOWN_ROLE}/x")._replace(principals=(Principal(Party.COPIER, arn=ROLE),)),
            (REPLACE, AGAIN, DENY),
        ),
        (examination(DENIED)._replace(policies=()), ()),
    ],
)
def test_the_steps_after_suggested_policies(examined: Examination, expected: tuple[str, ...]) -> None:
    assert next_steps(examined) == expected


def test_the_command_can_be_pasted_whatever_the_prefix_and_whoever_reads() -> None:
    examined = examination(role=UNKNOWN_ROLE, source="s3://src/late events/")
    both = examined._replace(principals=(Principal(Party.COPIER), Principal(Party.READER, arn="arn:reader")))
    assert policies_command(both) == (
        "s3-crosscopy policies 's3://src/late events/' s3://dst/q/ --copier-arn ARN --reader-arn arn:reader"
        " --dest-account 222222222222"
    )
