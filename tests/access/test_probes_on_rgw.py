"""On a server that enforces policies: take away one grant and no other, and the probes name exactly that one.

`op` has nothing but what the two buckets' policies grant it, so that a grant taken away is gone.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import boto3
import pytest
from botocore.config import Config

from s3_crosscopy.access.examination import FindingStatus, Party, Permission, Principal, Scope
from s3_crosscopy.access.probes.bucket_settings import bucket_facts
from s3_crosscopy.access.probes.caller_identity import identify
from s3_crosscopy.access.probes.probe_clients import ProbeClients
from s3_crosscopy.access.probes.probe_table import ProbeResults, probe
from s3_crosscopy.access.probes.sample import find_sample
from s3_crosscopy.access.rules.permissions import RunNeeds, needed
from s3_crosscopy.adapters.boto.clients import S3Clients
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.model.location import Bucket
from tests.access.enforcing_stub import spec_of
from tests.servers.accounts import Account
from tests.servers.rgw import RgwServer

SOURCE_ACTIONS = ("s3:ListBucket", "s3:GetObject", "s3:GetObjectTagging")
DEST_ACTIONS = (
    "s3:ListBucket",
    "s3:GetObject",
    "s3:PutObject",
    "s3:PutObjectTagging",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
    "s3:ListBucketMultipartUploads",
)
DELETES = "s3:DeleteObject"
# A write with tags is let pass without the grant (RGW 16); PutObjectTagging itself is not, but that is no copy.
NOT_ENFORCED = "s3:PutObjectTagging"
# NoSuchKey for a missing upload, whatever the grants; and whoever began an upload may list its parts.
OF_OWN_UPLOADS = "s3:ListMultipartUploadParts"
ENFORCED = tuple(one for one in DEST_ACTIONS if one not in (NOT_ENFORCED, OF_OWN_UPLOADS))


class Buckets:
    """A source of `src` and a destination of `dst`, each with an object, granted to `op` as a test says."""

    def __init__(self, rgw: RgwServer) -> None:
        run = uuid.uuid4().hex[:8]
        self.rgw = rgw
        self.source, self.dest = f"raw-{run}", f"landing-{run}"
        for account, bucket, key in ((rgw.src, self.source, "events/a"), (rgw.dst, self.dest, "in/there")):
            rgw.client(account).create_bucket(Bucket=bucket)
            rgw.client(account).put_object(Bucket=bucket, Key=key, Body=b"content")

    def permission(
        self, source: Sequence[str] = SOURCE_ACTIONS, dest: Sequence[str] = (*DEST_ACTIONS, DELETES)
    ) -> None:
        op = self.rgw.user_arn(self.rgw.op)
        self.rgw.put_bucket_policy(self.rgw.src, self.source, op, source)
        self.rgw.put_bucket_policy(self.rgw.dst, self.dest, op, dest)

    def access(self, account: Account) -> S3Clients:
        session = boto3.Session(account.access_key, account.secret_key, account.session_token, "us-east-1")
        url = self.rgw.endpoint_url
        config = Config(s3={"addressing_style": "path"}, proxies={})
        return S3Clients(session, endpoint_url=url, sts_endpoint_url=url, config=config, label="op")

    def spec(self) -> CopySpec:
        return spec_of(f"s3://{self.source}/events/", f"s3://{self.dest}/in/")

    def probe(self, *, write: bool = False) -> ProbeResults:
        spec, asked = self.spec(), ProbeClients(self.access(self.rgw.op))
        permissions = needed(RunNeeds(spec, two=False, source_key="", dest_key=""))
        dest = bucket_facts(asked, Scope.DEST, spec.dest)
        return probe(permissions, spec, asked, find_sample(asked, spec), write=write, dest=dest)

    def keys(self) -> list[str]:
        """Objects and uploads of the destination."""
        owner = self.rgw.client(self.rgw.dst)
        objects = owner.list_objects_v2(Bucket=self.dest).get("Contents", ())
        uploads = owner.list_multipart_uploads(Bucket=self.dest).get("Uploads", ())
        return [row["Key"] for row in (*objects, *uploads)]


@pytest.fixture(scope="module")
def buckets(rgw: RgwServer) -> Buckets:
    return Buckets(rgw)


def missing(found: ProbeResults) -> set[tuple[Scope, str]]:
    return {
        (one.permission.place, one.permission.action) for one in found.findings if one.status is FindingStatus.MISSING
    }


def status_of(found: ProbeResults, place: Scope, action: str) -> FindingStatus:
    return next(one.status for one in found.findings if _is(one.permission, place, action))


def _is(permission: Permission, place: Scope, action: str) -> bool:
    return (permission.place, permission.action) == (place, action)


def without(actions: Sequence[str], action: str) -> list[str]:
    return [one for one in actions if one != action]


def test_with_every_grant_nothing_is_missing_and_nothing_is_written(buckets: Buckets) -> None:
    buckets.permission()

    found = buckets.probe()

    assert missing(found) == set()
    assert (found.notes, found.problems) == ((), ())
    assert status_of(found, Scope.DEST, "s3:PutObject") is FindingStatus.INFERRED
    assert status_of(found, Scope.DEST, OF_OWN_UPLOADS) is FindingStatus.UNKNOWN
    assert buckets.keys() == ["in/there"]


@pytest.mark.parametrize("action", SOURCE_ACTIONS)
def test_the_grant_that_the_source_does_not_give_is_named(buckets: Buckets, action: str) -> None:
    buckets.permission(source=without(SOURCE_ACTIONS, action))

    # Without a listing no object is known, and a missing key that is denied tells nothing: they stay unknown.
    assert missing(buckets.probe()) == {(Scope.SOURCE, action)}


@pytest.mark.parametrize("action", ENFORCED)
def test_the_grant_that_the_destination_does_not_give_is_named(buckets: Buckets, action: str) -> None:
    buckets.permission(dest=without(DEST_ACTIONS, action))

    assert missing(buckets.probe()) == {(Scope.DEST, action)}
    assert buckets.keys() == ["in/there"]


def test_with_writes_every_grant_is_found_to_hold_and_nothing_stays(buckets: Buckets) -> None:
    buckets.permission()

    found = buckets.probe(write=True)

    assert {one.status for one in found.findings} == {FindingStatus.HOLDS}
    assert (found.notes, found.problems) == ((), ())
    assert buckets.keys() == ["in/there"]


@pytest.mark.parametrize("action", ENFORCED)
def test_with_writes_the_grant_that_the_destination_does_not_give_is_named(buckets: Buckets, action: str) -> None:
    buckets.permission(dest=[*without(DEST_ACTIONS, action), DELETES])

    assert missing(buckets.probe(write=True)) == {(Scope.DEST, action)}
    assert buckets.keys() == ["in/there"]


def test_without_the_grant_to_delete_only_an_upload_is_begun_and_it_is_gone(buckets: Buckets) -> None:
    buckets.permission(dest=DEST_ACTIONS)

    found = buckets.probe(write=True)

    assert {one.status for one in found.findings} == {FindingStatus.HOLDS}
    assert "s3:DeleteObject is denied" in found.notes[0]
    assert buckets.keys() == ["in/there"]


@pytest.mark.parametrize("action", [NOT_ENFORCED, OF_OWN_UPLOADS])
def test_what_rgw_allows_without_a_grant_is_not_missed(buckets: Buckets, action: str) -> None:
    buckets.permission(dest=[*without(DEST_ACTIONS, action), DELETES])

    assert missing(buckets.probe(write=True)) == set()


def test_a_server_without_get_caller_identity_leaves_the_principal_unknown_and_is_no_problem(buckets: Buckets) -> None:
    found = identify(buckets.access(buckets.rgw.op), Party.COPIER)

    assert found == Principal(Party.COPIER, "op", expires="", problem="")


def test_what_rgw_does_not_have_or_does_not_tell_is_unknown(buckets: Buckets) -> None:
    buckets.permission()
    stranger = bucket_facts(
        ProbeClients(buckets.access(buckets.rgw.op)), Scope.DEST, Bucket(buckets.dest), ["222222222222"]
    )
    owner = bucket_facts(
        ProbeClients(buckets.access(buckets.rgw.dst)), Scope.DEST, Bucket(buckets.dest), ["222222222222"]
    )

    assert set(stranger[2:-1]) == {None}
    assert owner == stranger._replace(versioning="off", object_lock="off", payer="BucketOwner")
