"""Buckets and principals as people have them: each ends in a line or a row, and nothing is left behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from s3_crosscopy.selftest import selftest_run
from tests.cli.shell import write_profiles
from tests.selftest.conftest import DENIED, Lab
from tests.selftest.expected_differences import MOTO
from tests.servers.http_messages import Answer, Request, Response

if TYPE_CHECKING:
    from tests.servers.moto import MotoServer
    from tests.servers.stub_server import StubServer

Rule = Callable[[Request], Answer | None]
WRITING, REQUESTS, COPIES, RUNS = (*selftest_run.CHECKS,)[:4]


@pytest.fixture
def only(few: None, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A self-test of a few small objects, with these checks only."""
    every = dict(selftest_run.CHECKS)

    def restrict(*titles: str) -> None:
        monkeypatch.setattr(selftest_run, "CHECKS", {title: every[title] for title in titles})

    return restrict


def result_of(lab: Lab, *arguments: str) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """Exit code, result, and its rows by id. Nothing but its own prefixes may be touched, and nothing be left."""
    before = lab.content()
    ended = lab.run("--yes", "--no-mask", *arguments)
    assert lab.content() == before
    assert "Traceback" not in ended.err
    result = json.loads((lab.path / "selftest.json").read_text())
    return ended.code, result, {row["id"]: row for row in result["rows"]}


def denied(*operations: str, bucket: str = "", after: int = 0) -> Rule:
    """A rule that denies these operations, all but the first `after` requests."""
    seen = []

    def rule(request: Request) -> Answer | None:
        if request.operation not in operations or (bucket and request.bucket != bucket):
            return None
        seen.append(request)
        return DENIED if len(seen) > after else None

    return rule


def must_refuse(lab: Lab, stub: StubServer, code: int, *texts: str) -> None:
    before = lab.content()
    ended = lab.run("--yes")
    assert ended.code == code
    assert [text for text in texts if text not in ended.err] == []
    assert lab.content() == before
    assert [request.method for request in stub.requests if request.method in ("PUT", "POST")] == []


def test_list_may_be_allowed_below_the_prefix_only(fronted: Lab, stub: StubServer, only: Callable[..., None]) -> None:
    only(WRITING, REQUESTS)

    def rule(request: Request) -> Answer | None:
        if request.operation == "HeadBucket":
            return Response(403, {"x-amz-bucket-region": "eu-west-3"})
        listed = request.operation in ("ListObjectsV2", "ListObjectVersions", "ListMultipartUploads")
        return DENIED if listed and not request.query["prefix"].startswith("tmp/") else None

    stub.rules.insert(0, rule)
    _, result, rows = result_of(fronted)

    assert (result["left"], result["stopped"]) == ([], "")
    assert result["dest"]["region"] == "eu-west-3"
    assert rows["key-plain.written"]["verdict"] == rows["bucket.region"]["verdict"] == "ok"


@pytest.mark.parametrize(
    ("query", "body", "text"),
    [
        (
            "versioning",
            b"<VersioningConfiguration><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>",
            "has MFA delete",
        ),
        (
            "requestPayment",
            b"<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>",
            "has Requester Pays",
        ),
    ],
)
def test_a_bucket_that_would_keep_or_charge_is_refused(
    fronted: Lab, stub: StubServer, query: str, body: bytes, text: str
) -> None:
    stub.rules.insert(0, lambda request: Response(body=body) if query in request.query else None)

    must_refuse(fronted, stub, 2, f"source: s3://{fronted.buckets[0]} {text}", "; name a bucket without it")


@pytest.mark.parametrize(
    ("operation", "versioned", "permission"),
    [
        ("ListMultipartUploads", False, "s3:ListBucketMultipartUploads"),
        ("AbortMultipartUpload", False, "s3:AbortMultipartUpload"),
        ("ListObjectsV2", False, "s3:ListBucket"),
        ("ListObjectVersions", True, "s3:ListBucketVersions"),
        ("DeleteObject", True, "s3:DeleteObjectVersion"),
    ],
)
def test_what_could_not_be_removed_is_not_written(
    fronted: Lab, stub: StubServer, operation: str, versioned: bool, permission: str
) -> None:
    if versioned:
        fronted.version_on()

    def rule(request: Request) -> Answer | None:
        name = "ListObjectVersions" if "versions" in request.query else request.operation
        return DENIED if name == operation else None

    stub.rules.insert(0, rule)

    must_refuse(fronted, stub, 1, "nothing was written", f"it needs {permission}")


def test_a_permission_that_one_check_needs_is_a_row_and_the_others_are_tried(
    fronted: Lab, stub: StubServer, only: Callable[..., None]
) -> None:
    only(WRITING, REQUESTS, RUNS)
    stub.rules.insert(0, denied("CreateMultipartUpload", bucket=fronted.buckets[1]))
    fronted.version_on()

    code, result, rows = result_of(fronted)

    assert code == 1
    assert (result["left"], result["stopped"]) == ([], "")
    assert rows["check-requests.complete"]["seen"] == "CreateMultipartUpload: 403 AccessDenied"
    assert rows["check-requests.complete"]["verdict"] == "differs"
    assert rows["run.changed"]["verdict"] == rows["run.version"]["verdict"] == "ok"


def test_a_data_path_that_copies_nothing_is_one_row(fronted: Lab, stub: StubServer, only: Callable[..., None]) -> None:
    only(WRITING, COPIES)
    stub.rules.insert(0, denied("CopyObject", "UploadPartCopy"))

    _, _, rows = result_of(fronted)

    assert rows["run.boto3"]["seen"] == "5 failed (CopyObject AccessDenied, UploadPartCopy AccessDenied)"
    copied = [row for row in rows.values() if row["id"].endswith((".boto3", ".fast")) and row["id"][:4] != "run."]
    assert len(copied) == 10
    assert {(row["verdict"], row["why"]) for row in copied} == {("not tried", "nothing was copied")}


def test_a_response_that_ends_in_the_middle_is_a_row(fronted: Lab, stub: StubServer, only: Callable[..., None]) -> None:
    only(WRITING, COPIES)

    def rule(request: Request) -> Answer | None:
        if request.operation != "GetObject" or not request.key.endswith("boto3/plain.txt"):
            return None
        return Response(body=b"only half of it", cut_at=7)

    stub.rules.insert(0, rule)
    code, result, rows = result_of(fronted)

    assert code == 1
    assert (result["left"], result["stopped"]) == ([], "")
    assert rows["key-plain.boto3"]["seen"].startswith("GetObject: 0 Connection")
    assert rows["key-plain.fast"]["verdict"] == "ok"


EXPIRED = Response(
    400, {"Content-Type": "text/xml"}, b"<Error><Code>ExpiredToken</Code><Message>has expired</Message></Error>"
)


def expires(access_key: str, at: str, then: Callable[[], None] = lambda: None) -> Rule:
    """From the first request of the operation `at` on, S3 takes this key for expired."""
    ended: list[str] = []

    def rule(request: Request) -> Answer | None:
        if access_key not in request.headers.get("Authorization", ""):
            return None
        if request.operation == at and not ended:
            ended.append(at)
            then()
        return EXPIRED if ended else None

    return rule


def test_a_token_that_expires_ends_it_in_lines_that_say_what_may_remain(
    fronted: Lab, stub: StubServer, moto: MotoServer, only: Callable[..., None]
) -> None:
    only(WRITING, REQUESTS)
    stub.rules.insert(0, expires(moto.dst.access_key, "CreateMultipartUpload"))

    ended = fronted.run("--yes", "--no-mask")

    assert ended.code == 1
    result = json.loads((fronted.path / "selftest.json").read_text())
    assert "ExpiredToken" in result["stopped"]
    unknown = [line for line in result["left"] if f"remain below s3://{fronted.buckets[1]}/tmp/s3-" in line]
    assert unknown == result["left"]
    assert "not complete: " in ended.out
    assert "Traceback" not in ended.err
    at_source = fronted.clients[0].list_objects_v2(Bucket=fronted.buckets[0], Prefix="tmp/s3-crosscopy-selftest-")
    assert [row["Key"] for row in at_source.get("Contents", ())] == ["tmp/s3-crosscopy-selftest-"]


def test_a_token_that_expires_is_read_again_from_the_profile(
    fronted: Lab, stub: StubServer, moto: MotoServer, only: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    only(WRITING, REQUESTS)
    newer = moto.assume(moto.dst.name)

    def renew() -> None:
        write_profiles(fronted.path, {"a": moto.src, "b": newer}, monkeypatch)

    stub.rules.insert(0, expires(moto.dst.access_key, "CreateMultipartUpload", renew))
    _, result, rows = result_of(fronted)

    assert (result["left"], result["stopped"]) == ([], "")
    assert rows["request.list-parts.aborted"]["verdict"] == "ok"
    assert any(newer.access_key in request.headers.get("Authorization", "") for request in stub.requests)


def test_what_can_be_removed_is_removed_if_uploads_cannot_be_listed_any_more(
    fronted: Lab, stub: StubServer, only: Callable[..., None]
) -> None:
    only(WRITING)
    stub.rules.insert(0, denied("ListMultipartUploads", after=2))

    code, result, _ = result_of(fronted)

    assert code == 1
    assert len(result["left"]) == 2
    assert all("it is not known which uploads remain below s3://" in line for line in result["left"])


def test_a_check_that_fails_before_the_first_row_is_a_row(
    fronted: Lab, stub: StubServer, only: Callable[..., None]
) -> None:
    only(WRITING)

    def rule(request: Request) -> Answer | None:
        return DENIED if request.operation == "PutObject" and request.key.endswith("/mirror/a") else None

    stub.rules.insert(0, rule)
    code, result, rows = result_of(fronted)

    assert code == 1
    assert rows["put-early.complete"]["seen"] == "PutObject: 403 AccessDenied"
    assert rows["key-plain.written"]["verdict"] == "ok"
    assert result["left"] == []


def test_a_name_to_skip_that_there_is_not_is_one_line(lab: Lab) -> None:
    ended = lab.run("--yes", "--skip", "key-plain.written")

    assert ended.code == 2
    assert "--skip: there is no object or request 'key-plain.written'" in ended.err


def test_buckets_may_encrypt_with_kms_by_default(fronted: Lab, only: Callable[..., None]) -> None:
    only(WRITING, COPIES)
    key = "arn:aws:kms:us-east-1:222222222222:key/12345678-1234-1234-1234-123456789012"
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": by_default}]}
    for client, bucket in zip(fronted.clients, fronted.buckets, strict=True):
        client.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)

    _, result, rows = result_of(fronted)

    assert rows["default.encryption"]["verdict"] == "ok"
    differs = {name for name, row in rows.items() if row["verdict"] == "differs"}
    assert differs <= MOTO.keys()
    assert result["left"] == []


def test_buckets_may_be_in_two_regions(moto: MotoServer, lab: Lab, only: Callable[..., None]) -> None:
    only(WRITING, COPIES)
    bucket = f"{lab.buckets[1][:50]}-eu"
    lab.clients[1].create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    _, result, rows = result_of(lab._replace(buckets=(lab.buckets[0], bucket)))

    assert (result["source"]["region"], result["dest"]["region"]) == ("us-east-1", "eu-west-1")
    assert rows["run.boto3"]["verdict"] == rows["run.fast"]["verdict"] == "ok"


@pytest.mark.parametrize("profile", ["role", "chained"])
def test_a_profile_that_asks_for_mfa_codes_is_one_line(lab: Lab, profile: str) -> None:
    config = lab.path / "config"
    role = "role_arn=arn:aws:iam::222222222222:role/copier\n"
    config.write_text(
        f"{config.read_text()}[profile role]\n{role}source_profile=b\nmfa_serial=arn:aws:iam::222222222222:mfa/me\n"
        f"[profile chained]\n{role}source_profile=role\n"
    )

    ended = lab.run("--yes", "--source-profile", profile)

    assert ended.code == 2
    assert "s3-crosscopy: --source-profile: the profile asks for an MFA code" in ended.err
