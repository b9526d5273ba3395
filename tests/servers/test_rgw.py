"""The RGW server enforces what cross-account tests stand on, and deviates from AWS where `rgw.py` says so."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.servers.policies import trust_policy
from tests.servers.rgw import RgwServer
from tests.servers.stub_rules import forward_all, require_external_id
from tests.servers.stub_server import StubServer

SOURCE, DESTINATION = "smoke-src", "smoke-dst"
COPY = {"Bucket": DESTINATION, "Key": "copied", "CopySource": {"Bucket": SOURCE, "Key": "key"}}


@pytest.fixture(scope="module")
def buckets(rgw: RgwServer) -> None:
    rgw.client(rgw.src).create_bucket(Bucket=SOURCE)
    rgw.client(rgw.dst).create_bucket(Bucket=DESTINATION)
    rgw.client(rgw.src).put_object(Bucket=SOURCE, Key="key", Body=b"content")


@pytest.fixture
def source(rgw: RgwServer, buckets: None) -> Any:
    """The source's owner's client; nobody else is granted anything."""
    client = rgw.client(rgw.src)
    client.delete_bucket_policy(Bucket=SOURCE)
    client.put_object_acl(Bucket=SOURCE, Key="key", ACL="private")
    return client


@pytest.fixture(scope="module")
def copier_arn(rgw: RgwServer, buckets: None) -> str:
    """A role of the destination account that `op` may assume."""
    return rgw.create_role(rgw.dst, "copier", rgw.user_arn(rgw.op), [DESTINATION])


def assert_denied(client: Any, **arguments: Any) -> None:
    with pytest.raises(ClientError) as caught:
        client.copy_object(**{**COPY, **arguments})
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_destination_user_may_not_copy_from_a_bucket_that_does_not_grant_it(rgw: RgwServer, source: Any) -> None:
    assert_denied(rgw.client(rgw.dst))


def test_a_role_copies_when_the_source_bucket_grants_exactly_that_role(
    rgw: RgwServer, source: Any, copier_arn: str
) -> None:
    copier = rgw.client(rgw.assume(rgw.op, copier_arn))
    assert_denied(copier)

    rgw.put_bucket_policy(rgw.src, SOURCE, rgw.role_arn("someone-else"))
    assert_denied(copier)

    rgw.put_bucket_policy(rgw.src, SOURCE, copier_arn)
    assert copier.copy_object(**COPY)["CopyObjectResult"]["ETag"]
    assert copier.get_object(Bucket=DESTINATION, Key="copied")["Body"].read() == b"content"
    assert_denied(rgw.client(rgw.dst))


def test_a_destination_user_copies_when_the_source_bucket_grants_it(rgw: RgwServer, source: Any) -> None:
    rgw.put_bucket_policy(rgw.src, SOURCE, rgw.user_arn(rgw.dst))

    assert rgw.client(rgw.dst).copy_object(**COPY)["CopyObjectResult"]["ETag"]


def test_a_role_without_a_policy_of_its_own_may_not_write(rgw: RgwServer, source: Any) -> None:
    rgw.iam(rgw.dst).create_role(RoleName="powerless", AssumeRolePolicyDocument=trust_policy(rgw.user_arn(rgw.op)))
    rgw.put_bucket_policy(rgw.src, SOURCE, rgw.role_arn("powerless"))

    assert_denied(rgw.client(rgw.assume(rgw.op, rgw.role_arn("powerless"))))


def test_only_the_trusted_principal_assumes_a_role(rgw: RgwServer, copier_arn: str) -> None:
    with pytest.raises(ClientError, match="AssumeRole"):
        rgw.assume(rgw.src, copier_arn)


def test_a_wrong_secret_is_refused(rgw: RgwServer, buckets: None) -> None:
    # RGW with STS has no SignatureDoesNotMatch: the error of the last of its engines wins.
    with pytest.raises(ClientError, match="AccessDenied"):
        rgw.client(rgw.src._replace(secret_key="wrong")).list_objects_v2(Bucket=SOURCE)


def test_behind_the_stub_only_the_right_external_id_assumes_the_role_that_copies(
    rgw: RgwServer, source: Any, copier_arn: str, stub: StubServer
) -> None:
    stub.rules = [require_external_id("ext-1"), forward_all]
    stub.upstream = rgw.endpoint_url
    front = RgwServer(stub.endpoint_url)
    rgw.put_bucket_policy(rgw.src, SOURCE, copier_arn)

    for wrong in (None, "ext-2"):
        with pytest.raises(ClientError, match="AccessDenied"):
            front.assume(rgw.op, copier_arn, wrong)
    copier = front.client(front.assume(rgw.op, copier_arn, "ext-1"))
    assert copier.copy_object(**COPY)["CopyObjectResult"]["ETag"]


def test_rgw_itself_never_meets_a_trust_policy_with_an_external_id(rgw: RgwServer, buckets: None) -> None:
    rgw.iam(rgw.dst).create_role(
        RoleName="external", AssumeRolePolicyDocument=trust_policy(rgw.user_arn(rgw.op), "ext-1")
    )

    with pytest.raises(ClientError, match="AssumeRole"):
        rgw.assume(rgw.op, rgw.role_arn("external"), "ext-1")


def test_rgw_copies_a_part_across_accounts_only_for_a_user_whom_the_objects_acl_grants(
    rgw: RgwServer, source: Any, copier_arn: str
) -> None:
    role, user = rgw.client(rgw.assume(rgw.op, copier_arn)), rgw.client(rgw.dst)
    rgw.put_bucket_policy(rgw.src, SOURCE, "*", ["s3:*"])
    upload = user.create_multipart_upload(Bucket=DESTINATION, Key="parts")["UploadId"]
    part = {**COPY, "Key": "parts", "UploadId": upload, "PartNumber": 1}
    for denied in (role, user):
        with pytest.raises(ClientError, match="AccessDenied"):
            denied.upload_part_copy(**part)

    source.put_object_acl(Bucket=SOURCE, Key="key", GrantRead="id=dst")

    assert user.upload_part_copy(**part)["CopyPartResult"]["ETag"]
    with pytest.raises(ClientError, match="AccessDenied"):
        role.upload_part_copy(**part)
