"""What a bucket says of itself is told, and what it does not say is unknown and never guessed."""

from __future__ import annotations

import uuid
from typing import Any

import boto3
import pytest

from s3_crosscopy.access.examination import BucketSettings, Scope
from s3_crosscopy.access.probes.bucket_settings import NOBODY, bucket_facts
from s3_crosscopy.access.probes.probe_clients import ProbeClients
from s3_crosscopy.adapters.boto.clients import S3Clients
from s3_crosscopy.model.location import Bucket
from tests.access.enforcing_stub import clients
from tests.servers import s3_responses as answers
from tests.servers.http_messages import Answer, Request, Response
from tests.servers.moto import DST_ACCOUNT_ID, SRC_ACCOUNT_ID, MotoServer
from tests.servers.stub_server import StubServer

KEY = "arn:aws:kms:eu-west-1:222222222222:key/1"
HOME = {"x-amz-bucket-region": "eu-west-1"}
UNKNOWN = BucketSettings(Scope.DEST, "dst")


def setting(root: str, inner: str) -> Response:
    return answers.xml(root, inner)


SETTINGS = {
    "ownershipControls": setting(
        "OwnershipControls", "<Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule>"
    ),
    "encryption": setting(
        "ServerSideEncryptionConfiguration",
        "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>"
        f"<KMSMasterKeyID>{KEY}</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule>",
    ),
    "versioning": setting("VersioningConfiguration", "<Status>Enabled</Status>"),
    "object-lock": setting(
        "ObjectLockConfiguration",
        "<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode>"
        "<Years>1</Years></DefaultRetention></Rule>",
    ),
    "requestPayment": setting("RequestPaymentConfiguration", "<Payer>Requester</Payer>"),
}
NOT_SET = {
    "ownershipControls": answers.error("OwnershipControlsNotFoundError", 404),
    "encryption": answers.error("ServerSideEncryptionConfigurationNotFoundError", 404),
    "versioning": setting("VersioningConfiguration", ""),
    "object-lock": answers.error("ObjectLockConfigurationNotFoundError", 404),
    "requestPayment": setting("RequestPaymentConfiguration", "<Payer>BucketOwner</Payer>"),
}
THIRTY_DAYS = "<DefaultRetention><Mode>GOVERNANCE</Mode><Days>30</Days></DefaultRetention>"
DENIED = answers.error("AccessDenied", 403, "Access Denied")


class Settings:
    """A rule: a bucket with these settings, of this owner; `looks`: it knows the expected owner's header."""

    def __init__(self, settings: dict[str, Response], owner: str = "222222222222", looks: bool = True) -> None:
        self.settings = settings
        self.owner = owner
        self.looks = looks
        self.head = Response(200, HOME)

    def __call__(self, request: Request) -> Answer:
        expected = request.headers.get("x-amz-expected-bucket-owner")
        if self.looks and expected not in (None, self.owner):
            return Response(403, HOME)
        if request.operation == "HeadBucket":
            return self.head
        return next((answer for name, answer in self.settings.items() if name in request.query), DENIED)


def facts(stub: StubServer, rule: Settings, owner: str | None = None, candidates: Any = ()) -> BucketSettings:
    stub.rules = [rule]
    return bucket_facts(clients(stub.endpoint_url), Scope.DEST, Bucket("dst", owner), candidates)


def test_every_setting_is_told(stub: StubServer) -> None:
    found = facts(stub, Settings(SETTINGS), candidates=["111111111111", "222222222222"])

    assert found == BucketSettings(
        Scope.DEST,
        "dst",
        owner="222222222222",
        region="eu-west-1",
        partition="aws",
        ownership="BucketOwnerEnforced",
        encryption="aws:kms",
        kms_key=KEY,
        versioning="Enabled",
        object_lock="COMPLIANCE 1 year",
        payer="Requester",
    )
    assert {request.method for request in stub.requests} == {"GET", "HEAD"}


def test_what_is_not_set_is_told_as_that(stub: StubServer) -> None:
    found = facts(stub, Settings(NOT_SET))

    assert found == UNKNOWN._replace(
        region="eu-west-1",
        partition="aws",
        ownership="ObjectWriter",
        encryption="",
        versioning="off",
        object_lock="off",
        payer="BucketOwner",
    )


@pytest.mark.parametrize(
    "answer", [DENIED, answers.error("NotImplemented", 501), answers.error("MethodNotAllowed", 405)]
)
def test_what_may_not_be_read_or_is_not_there_is_unknown_and_no_problem(stub: StubServer, answer: Response) -> None:
    assert facts(stub, Settings(dict.fromkeys(SETTINGS, answer))) == UNKNOWN._replace(
        region="eu-west-1", partition="aws"
    )


def test_an_empty_answer_to_a_setting_that_a_server_does_not_have_is_unknown(stub: StubServer) -> None:
    empty = {
        "ownershipControls": setting("OwnershipControls", ""),
        "encryption": setting("ServerSideEncryptionConfiguration", ""),
        "object-lock": setting("ObjectLockConfiguration", ""),
        "requestPayment": setting("RequestPaymentConfiguration", ""),
    }

    assert facts(stub, Settings(empty)) == UNKNOWN._replace(region="eu-west-1", partition="aws")


@pytest.mark.parametrize(("algorithm", "key"), [("AES256", None), ("aws:kms", ""), ("aws:kms:dsse", "")])
def test_a_default_encryption_without_a_key_is_s3s_own_or_the_managed_one(
    stub: StubServer, algorithm: str, key: str | None
) -> None:
    inner = (
        "<Rule><ApplyServerSideEncryptionByDefault>"
        f"<SSEAlgorithm>{algorithm}</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>"
    )
    found = facts(stub, Settings({"encryption": setting("ServerSideEncryptionConfiguration", inner)}))

    assert (found.encryption, found.kms_key) == (algorithm, key)


@pytest.mark.parametrize(
    ("inner", "lock"),
    [
        ("<ObjectLockEnabled>Enabled</ObjectLockEnabled>", "on"),
        (
            f"<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule>{THIRTY_DAYS}</Rule>",
            "GOVERNANCE 30 days",
        ),
    ],
)
def test_object_lock_is_told_with_its_default_retention(stub: StubServer, inner: str, lock: str) -> None:
    found = facts(stub, Settings({"object-lock": setting("ObjectLockConfiguration", inner)}))

    assert found.object_lock == lock


def test_the_region_is_told_by_a_refusal_too(stub: StubServer) -> None:
    rule = Settings({})
    rule.head = Response(403, HOME)

    assert facts(stub, rule) == UNKNOWN._replace(region="eu-west-1", partition="aws")


def test_no_owner_is_guessed_where_the_server_does_not_look_at_the_header(stub: StubServer) -> None:
    found = facts(stub, Settings({}, looks=False), owner="222222222222", candidates=["111111111111"])

    assert (found.owner, found.problem) == (None, "")
    asked = [request.headers.get("x-amz-expected-bucket-owner") for request in stub.requests_of("HeadBucket")]
    assert NOBODY in asked


def test_no_owner_is_told_where_no_candidate_is_the_one(stub: StubServer) -> None:
    assert facts(stub, Settings({}), candidates=["111111111111"]).owner is None


def test_another_owner_than_expected_is_a_problem(stub: StubServer) -> None:
    found = facts(stub, Settings(SETTINGS), owner="111111111111", candidates=["222222222222"])

    assert found.owner == "222222222222"
    assert "does not belong to the account 111111111111" in found.problem


def test_the_expected_owner_that_is_the_one_is_no_problem(stub: StubServer) -> None:
    found = facts(stub, Settings(SETTINGS), owner="222222222222")

    assert (found.owner, found.problem, found.payer) == ("222222222222", "", "Requester")


def test_a_bucket_that_does_not_exist_is_a_problem(stub: StubServer) -> None:
    rule = Settings({})
    rule.head = Response(404)

    assert "the bucket does not exist" in facts(stub, rule).problem


def test_a_head_that_was_answered_a_bare_400_is_explained_by_a_list(stub: StubServer) -> None:
    rule = Settings({"list-type": answers.error("ExpiredToken", 400, "The provided token has expired.")})
    rule.head = Response(400)

    assert "expired" in facts(stub, rule).problem


def test_a_head_that_nothing_explains_is_a_problem_all_the_same(stub: StubServer) -> None:
    rule = Settings({"list-type": answers.list_page([])})
    rule.head = Response(400)

    assert "a HEAD failed with 400" in facts(stub, rule).problem


def test_at_the_source_the_copier_is_asked_what_the_reader_may_not_know(stub: StubServer) -> None:
    settings = Settings(SETTINGS)

    def not_the_reader(request: Request) -> Answer | None:
        return DENIED if "Credential=READER" in request.headers["authorization"] else None

    stub.rules = [not_the_reader, settings]

    found = bucket_facts(clients(stub.endpoint_url), Scope.SOURCE, Bucket("src"), ["222222222222"])

    assert (found.owner, found.versioning, found.region) == ("222222222222", "Enabled", "eu-west-1")


def test_moto_tells_its_settings_and_no_owner(moto: MotoServer) -> None:
    name = f"facts-{uuid.uuid4().hex[:8]}"
    client = moto.client(moto.dst)
    client.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    client.put_bucket_ownership_controls(
        Bucket=name, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    )
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}}
    client.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [default]})
    session = boto3.Session(moto.dst.access_key, moto.dst.secret_key, moto.dst.session_token, "us-east-1")
    asked = ProbeClients(S3Clients(session, endpoint_url=moto.endpoint_url))

    found = bucket_facts(asked, Scope.DEST, Bucket(name, DST_ACCOUNT_ID), [SRC_ACCOUNT_ID])

    # moto serves whatever owner is expected, so that it proves none.
    assert found == BucketSettings(
        Scope.DEST,
        name,
        region="us-east-1",
        partition="aws",
        ownership="BucketOwnerPreferred",
        encryption="aws:kms",
        kms_key=KEY,
        versioning="Enabled",
        object_lock="on",
    )
