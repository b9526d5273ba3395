"""`s3-crosscopy policies` prints the policies of a planned copy, and asks nobody."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from s3_crosscopy.cli.command_parser import Parser
from s3_crosscopy.cli.commands import policies_command as policies
from s3_crosscopy.cli.output import complain
from s3_crosscopy.errors import InvalidInput

SRC, DST, OTHER = "111111111111", "222222222222", "333333333333"
COPIER, READER = f"arn:aws:iam::{DST}:role/copier", f"arn:aws:iam::{SRC}:role/lister"
SOURCE_KEY = f"arn:aws:kms:eu-west-1:{SRC}:key/1111-aa"
DEST_KEY = f"arn:aws:kms:us-east-1:{DST}:key/2222-bb"
PLACES = ("s3://src/in/", "s3://dst/out/")
ACCOUNTS = ("--source-account", SRC, "--dest-account", DST)
KEYS = ("--source-kms-key", SOURCE_KEY, "--dest-kms-key", DEST_KEY)
PULL = ("--copier-arn", COPIER, *ACCOUNTS)
NO_CONDITION = (
    "note: s3:ListBucket has no condition on s3:prefix, because HeadBucket and the HEAD of a missing key have no"
    " prefix: with the condition S3 answers 403 instead of 404, and a missing key looks like access denied"
)

Prints = Callable[..., str]

TELLS_IMPORTS = """
import sys
from s3_crosscopy.cli.command_parser import Parser
from s3_crosscopy.cli.commands import policies_command as policies
parser = Parser()
policies.add_arguments(parser)
assert policies.run(parser.parse_args(sys.argv[1:])) == 0
print("imported", sorted({"boto3", "botocore", "rich", "airflow"} & set(sys.modules)))
"""


@pytest.fixture
def prints(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Prints:
    """Runs the command where no socket can be made; its output."""

    def forbidden(*_: object, **__: object) -> NoReturn:
        raise AssertionError("the command made a socket")

    monkeypatch.setattr(socket, "socket", forbidden)

    def run(*arguments: str, places: tuple[str, str] = PLACES) -> str:
        parser = Parser(prog="s3-crosscopy policies")
        policies.add_arguments(parser)
        assert policies.run(parser.parse_args([*places, *arguments])) == 0
        return capsys.readouterr().out

    return run


def documents(prints: Prints, *arguments: str) -> dict[str, dict[str, Any]]:
    found = json.loads(prints(*arguments, "--json"))
    return {one["place"]: one["document"] for one in found["policies"]}


def actions(document: dict[str, Any]) -> set[str]:
    return {action for statement in document["Statement"] for action in statement["Action"]}


@pytest.mark.parametrize(
    ("arguments", "layout"),
    [
        (PULL, "pull role in the destination account"),
        (
            ("--copier-arn", f"arn:aws:iam::{SRC}:role/push", *ACCOUNTS),
            "push role in the source account",
        ),
        (
            ("--copier-arn", COPIER, "--source-account", DST, "--dest-account", DST),
            "one shared role in the account of both buckets",
        ),
        (("--copier-arn", f"arn:aws:iam::{OTHER}:user/me", *ACCOUNTS), "one shared role in a third account"),
        (
            (*PULL, "--reader-arn", READER),
            "list-only role plus copy role (pull role in the destination account)",
        ),
        # A session of the same role is no second principal.
        (
            (*PULL, "--reader-arn", f"arn:aws:sts::{DST}:assumed-role/copier/task"),
            "pull role in the destination account",
        ),
        (("--reader-arn", READER), "list-only role plus copy role (not known, because the accounts are not)"),
        ((), "not known, because the accounts are not"),
        # The owner that the copy expects is as good.
        (
            (
                "--copier-arn",
                COPIER,
                "--expected-bucket-owner",
                DST,
                "--expected-source-bucket-owner",
                SRC,
            ),
            "pull role in the destination account",
        ),
    ],
)
def test_the_first_line_names_the_layout(prints: Prints, arguments: tuple[str, ...], layout: str) -> None:
    assert prints(*arguments).splitlines()[0] == f"layout: {layout}"
    assert json.loads(prints(*arguments, "--json"))["layout"] == layout


def test_each_policy_has_a_heading_that_says_where_it_goes_and_json_to_paste(prints: Prints) -> None:
    said = prints(*PULL, *KEYS, "--trusted-arn", f"arn:aws:iam::{OTHER}:role/airflow", "--external-id", "handshake")

    blocks = said.split("\n\n")
    headings = [block.splitlines()[0] for block in blocks[1:-1]]
    replaces = "replaces the whole document"
    assert headings == [
        f"1. identity policy of the copier: attach it to {COPIER}, inline or as a managed policy",
        (
            f"2. trust policy of the copier: add the statement to those of {COPIER}, because update-assume-role-policy "
            f"{replaces}"
        ),
        (
            f"3. bucket policy of the source bucket: add the statements to those of src, because put-bucket-policy "
            f"{replaces}"
        ),
        (
            f"4. key policy of the source KMS key: add the statements to those of {SOURCE_KEY}, because put-key-policy "
            f"{replaces}"
        ),
        (
            f"5. key policy of the destination KMS key: add the statements to those of {DEST_KEY}, "
            f"because put-key-policy {replaces}"
        ),
    ]
    for block in blocks[1:-1]:
        assert json.loads(block.partition("\n")[2])["Version"] == "2012-10-17"
    assert blocks[-1].splitlines() == [
        "note: the trusted principal also needs sts:AssumeRole on the copying role in its own identity policy",
        NO_CONDITION,
    ]


def test_where_everything_is_known_only_the_missing_condition_is_told_behind_the_policies(prints: Prints) -> None:
    assert prints(*PULL, *KEYS).endswith(f"\n}}\n\n{NO_CONDITION}\n")


def test_of_one_object_it_is_told_that_its_listing_cannot_be_narrower(prints: Prints) -> None:
    said = prints(*PULL, *KEYS, places=("s3://src/in/f", "s3://dst/out/f")).splitlines()[-1]

    assert said.startswith(NO_CONDITION)
    assert said.endswith("a copy of one object needs the permission for nothing else, so it cannot be narrower")


@pytest.mark.parametrize(
    ("more", "told"),
    [((), True), (("--external-id", "hand-shake"), False)],
)
def test_trust_in_a_whole_account_without_an_external_id_is_remarked(
    prints: Prints, more: tuple[str, ...], told: bool
) -> None:
    said = prints(*PULL, "--trusted-arn", f"arn:aws:iam::{OTHER}:root", *more)

    [line] = [line for line in said.splitlines() if "confused deputy" in line] or [""]
    assert line.startswith(f"note: the trust policy lets every role and user of account {OTHER}") is told
    assert ("--external-id" in line) is told


def test_trust_in_one_role_is_not_remarked(prints: Prints) -> None:
    assert "confused deputy" not in prints(*PULL, "--trusted-arn", f"arn:aws:iam::{OTHER}:role/airflow")


@pytest.mark.parametrize("given", ["x", "", "with space", "a\nb", "ä" * 3, "x" * 1225, "semi;colon"])
def test_an_external_id_that_iam_would_not_take_is_refused_without_being_repeated(prints: Prints, given: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        prints("--trusted-arn", f"arn:aws:iam::{OTHER}:role/airflow", "--external-id", given)

    line = "is not valid in IAM; give 2 to 1,224 letters, digits and characters of _+=,.@:/-"
    assert str(refused.value) == f"--external-id: {line}"


@pytest.mark.parametrize("given", ["ab", "x" * 1224, "Az09_+=,.@:/-"])
def test_an_external_id_as_iam_takes_it_is_in_the_trust_policy(prints: Prints, given: str) -> None:
    printed = documents(prints, *PULL, "--trusted-arn", f"arn:aws:iam::{OTHER}:role/airflow", "--external-id", given)

    [trust] = printed["trust policy of the copier"]["Statement"]
    assert trust["Condition"] == {"StringEquals": {"sts:ExternalId": given}}


def test_an_identity_policy_names_the_accounts_of_the_buckets_where_they_are_known(prints: Prints) -> None:
    report = ("--report", "s3://reports/r/", "--manifest", "s3://lists/m", "--expected-report-bucket-owner", OTHER)
    printed = documents(prints, *PULL, *KEYS, *report)

    identity = printed.pop("identity policy of the copier")
    of_s3 = [one for one in identity["Statement"] if ":s3:::" in one["Resource"]]
    found = {one["Resource"].split(":::")[1].split("/")[0]: one.get("Condition") for one in of_s3}
    owners = {"src": SRC, "dst": DST, "reports": OTHER}
    assert found == {
        **{name: {"StringEquals": {"aws:ResourceAccount": owner}} for name, owner in owners.items()},
        "lists": None,
    }
    assert "aws:ResourceAccount" not in json.dumps(printed)
    of_keys = [one for one in identity["Statement"] if one not in of_s3]
    assert [list(one["Condition"]["StringEquals"]) for one in of_keys] == [["kms:ViaService"]] * 2


def test_compact_is_one_line_a_policy_without_white_space(prints: Prints) -> None:
    lines = [line for line in prints(*PULL, "--compact").splitlines() if line.startswith("{")]

    assert len(lines) == 2
    assert all(" " not in line and json.loads(line) for line in lines)
    assert len(prints(*PULL, "--compact", "--json").splitlines()) == 1


def test_json_is_all_of_it(prints: Prints) -> None:
    found = json.loads(prints("--json"))

    assert list(found) == ["layout", "policies", "notes", "placeholders"]
    assert list(found["policies"][0]) == ["place", "attach_to", "document", "how"]
    assert found["placeholders"] == ["COPIER-ACCOUNT", "COPIER-ROLE"]


def test_what_is_not_known_is_told_at_the_end(prints: Prints) -> None:
    said = prints("--report", "s3://reports/r/")

    assert said.endswith("replace these before use: COPIER-ACCOUNT, COPIER-ROLE\n")
    here = "is not known, so its policy is printed too"
    assert [line for line in said.splitlines() if line.startswith("note: ")] == [
        f"note: the account of src {here}; see --source-account",
        f"note: the account of dst {here}; see --dest-account",
        f"note: the account of reports {here}",
        NO_CONDITION,
        "note: objects that are encrypted with a KMS key need more; see --source-kms-key and --dest-kms-key",
    ]


def test_a_session_is_named_as_its_role_and_the_lost_path_is_told(prints: Prints) -> None:
    said = prints("--copier-arn", f"arn:aws:sts::{DST}:assumed-role/copier/task", *ACCOUNTS)

    assert f'"AWS": "{COPIER}"' in said
    assert f"note: {COPIER} is derived from a session's ARN, which has no path" in said


def test_options_of_the_copy_change_what_is_granted(prints: Prints) -> None:
    identity = "identity policy of the copier"

    usual = actions(documents(prints, *PULL)[identity])
    fuller = documents(prints, *PULL, "--acl-policy", "private", "--tags", "drop", "--report", "s3://reports/r/")
    kms = ("--kms-key-id", DEST_KEY, "--kms-encryption-type", "aws:kms")

    assert usual >= {"s3:PutObjectTagging", "s3:ListBucket"}
    assert not usual & {"s3:PutObjectAcl", "kms:Decrypt"}
    assert actions(fuller[identity]) - usual == {"s3:PutObjectAcl"}
    assert usual - actions(fuller[identity]) == {"s3:GetObjectTagging", "s3:PutObjectTagging"}
    assert "bucket policy of the report's bucket" in fuller
    assert "key policy of the destination KMS key" in documents(prints, *PULL, *kms)


def test_china_is_told_by_its_region(prints: Prints) -> None:
    said = prints("--dest-region", "cn-north-1")

    assert "arn:aws-cn:s3:::src" in said
    assert "arn:aws:" not in said


@pytest.mark.parametrize(
    ("partition", "region", "via"),
    [
        ("aws-cn", "cn-north-1", "s3.cn-north-1.amazonaws.com.cn"),
        ("aws-us-gov", "us-gov-west-1", "s3.us-gov-west-1.amazonaws.com"),
        ("aws-eusc", "eusc-de-east-1", "s3.eusc-de-east-1.amazonaws.eu"),
        ("aws-iso", "us-iso-east-1", "s3.us-iso-east-1.c2s.ic.gov"),
        ("aws-iso-b", "us-isob-east-1", "s3.us-isob-east-1.sc2s.sgov.gov"),
        ("aws-iso-e", "eu-isoe-west-1", "s3.eu-isoe-west-1.cloud.adc-e.uk"),
        ("aws-iso-f", "us-isof-south-1", "s3.us-isof-south-1.csp.hci.ic.gov"),
    ],
)
def test_every_partition_has_its_own_arns_and_server_names(
    prints: Prints, partition: str, region: str, via: str
) -> None:
    key = f"arn:{partition}:kms:{region}:{DST}:key/1-2"
    said = prints("--dest-region", region, "--copier-arn", f"arn:{partition}:iam::{DST}:role/c", "--dest-kms-key", key)

    assert f'"kms:ViaService": "{via}"' in said
    assert f"arn:{partition}:s3:::src" in said
    assert "arn:aws:" not in said


def test_a_permission_sets_role_is_named_with_its_path(prints: Prints) -> None:
    said = prints("--copier-arn", f"arn:aws:sts::{DST}:assumed-role/AWSReservedSSO_Data_1/jane")

    named = f"arn:aws:iam::{DST}:role/aws-reserved/sso.amazonaws.com/SSO-REGION/AWSReservedSSO_Data_1"
    assert f"the permission set's inline policy in IAM Identity Center; {named} cannot be changed in IAM" in said
    assert f"note: SSO-REGION in {named} is the Region of IAM Identity Center" in said
    assert "SSO-REGION" in said.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ("--copier-arn", "copier"),
            (
                "--copier-arn: 'copier' is not the ARN of one role or user;"
                " it looks like arn:aws:iam::111122223333:role/name"
            ),
        ),
        (
            ("--reader-arn", "arn:aws:iam::111111111111:role/*"),
            (
                "--reader-arn: 'arn:aws:iam::111111111111:role/*' is not the ARN of one role or user; "
                "it looks like arn:aws:iam::111122223333:role/name"
            ),
        ),
        (
            ("--trusted-arn", "*"),
            "--trusted-arn: '*' is not the ARN of one role or user; it looks like arn:aws:iam::111122223333:role/name",
        ),
        (
            ("--copier-arn", f"arn:aws:iam::{DST}:user/me", "--trusted-arn", READER),
            "--trusted-arn: --copier-arn is not a role, so nobody can assume it; do not give --trusted-arn",
        ),
        (
            ("--copier-arn", f"arn:aws-moon:iam::{DST}:role/c"),
            (
                "--copier-arn: 'aws-moon' is not an AWS partition; botocore here knows "
                "aws, aws-cn, aws-eusc, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f, aws-us-gov"
            ),
        ),
        (("--external-id", "x"), "--external-id: requires --trusted-arn"),
        (("--source-account", "1"), "--source-account: '1' is not an AWS account id of 12 digits"),
        (
            ("--dest-account", SRC, "--expected-bucket-owner", DST),
            f"--dest-account: is {SRC}, but the copy expects the bucket's owner to be {DST}; correct one of them",
        ),
        (
            ("--source-kms-key", "alias/mine"),
            (
                "--source-kms-key: a policy cannot name a key by 'alias/mine'; give the full key ARN "
                "(arn:aws:kms:...:key/...)"
            ),
        ),
        (
            ("--kms-key-id", "1111-22", "--kms-encryption-type", "aws:kms"),
            "--kms-key-id: a policy cannot name a key by '1111-22'; give the full key ARN (arn:aws:kms:...:key/...)",
        ),
        (
            ("--source-kms-key", f"arn:aws:kms:eu-west-1:{SRC}:alias/aws/s3"),
            (
                "--source-kms-key: the policy of aws/s3 belongs to AWS, so no other account can use the key; "
                "do not give it within one account, or encrypt with a key of your own"
            ),
        ),
        (
            ("--dest-kms-key", DEST_KEY, "--dest-region", "eu-west-1"),
            (
                "--dest-kms-key: the key is in us-east-1 and the bucket in eu-west-1; "
                "S3 accepts keys of the bucket's own Region only"
            ),
        ),
        (
            ("--copier-arn", COPIER, "--source-region", "cn-north-1"),
            "ARNs and Regions are in aws and aws-cn; no copy leaves an AWS partition",
        ),
        (("--bucket-key-enabled",), "--bucket-key-enabled: means something only with --kms-encryption-type aws:kms"),
        (
            ("--report", "s3://src/in/r/"),
            "--report: s3://src/in/r/ lies below s3://src/in/, so it would be copied itself; name a place outside",
        ),
    ],
)
def test_what_cannot_be_printed_is_one_clear_line(
    prints: Prints, arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InvalidInput) as raised:
        prints(*arguments)

    complain(str(raised.value))
    [line] = capsys.readouterr().err.splitlines()
    assert line == f"s3-crosscopy: {says}"


def test_an_alias_may_stay_the_copys_own_when_the_keys_arn_is_given_too(prints: Prints) -> None:
    alias = ("--kms-key-id", "alias/mine", "--kms-encryption-type", "aws:kms")

    assert f"add the statements to those of {DEST_KEY}" in prints(*PULL, *alias, "--dest-kms-key", DEST_KEY)


def test_no_sdk_is_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TELLS_IMPORTS, *PLACES, *PULL, *KEYS],
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert done.stdout.endswith("imported []\n")
