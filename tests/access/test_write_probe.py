"""A write probe leaves nothing: not in a bucket with versions, not after it died, not where it may not delete."""

from __future__ import annotations

import uuid
from typing import Any

import boto3
import pytest

from s3_crosscopy.access.examination import BucketSettings, FindingStatus, Scope
from s3_crosscopy.access.probes.bucket_settings import bucket_facts
from s3_crosscopy.access.probes.probe_clients import ProbeClients
from s3_crosscopy.access.probes.probe_table import ProbeResults, probe
from s3_crosscopy.access.probes.sample import find_sample
from s3_crosscopy.access.rules.probe_keys import NO_UPLOAD, RESERVED_NAME
from s3_crosscopy.adapters.boto.clients import S3Clients
from s3_crosscopy.core.spec import CopySpec
from tests.access.enforcing_stub import RESERVED, Enforced, clients, grants_of, spec_of
from tests.servers import s3_responses as answers
from tests.servers.http_messages import Answer, Request
from tests.servers.moto import MotoServer
from tests.servers.stub_rules import always, forward_all
from tests.servers.stub_server import StubServer


class Killed(BaseException):
    """The process dies: nothing that the code does afterwards counts."""


class World:
    """A source and a destination in moto, and what a probe leaves there."""

    def __init__(self, moto: MotoServer, stub: StubServer) -> None:
        run = uuid.uuid4().hex[:10]
        self.source, self.dest = f"src-{run}", f"dst-{run}"
        self.owner = moto.client(moto.dst)
        for bucket in (self.source, self.dest):
            self.owner.create_bucket(Bucket=bucket)
        self.owner.put_object(Bucket=self.source, Key="events/a", Body=b"a")
        self.stub = stub
        stub.upstream, stub.rules = moto.endpoint_url, [forward_all]
        account = moto.dst
        session = boto3.Session(account.access_key, account.secret_key, account.session_token, "us-east-1")
        self.access = S3Clients(session, endpoint_url=stub.endpoint_url)

    def spec(self, **options: object) -> CopySpec:
        return spec_of(f"s3://{self.source}/events/", f"s3://{self.dest}/in/", **options)

    def probe(self, **options: object) -> ProbeResults:
        spec, asked = self.spec(**options), ProbeClients(self.access)
        facts = bucket_facts(asked, Scope.DEST, spec.dest)
        return probe(grants_of(spec, two=False), spec, asked, find_sample(asked, spec), write=True, dest=facts)

    def left(self) -> list[Any]:
        """Versions, delete markers and uploads of the whole destination."""
        versions = self.owner.list_object_versions(Bucket=self.dest)
        uploads = self.owner.list_multipart_uploads(Bucket=self.dest)
        return [*versions.get("Versions", ()), *versions.get("DeleteMarkers", ()), *uploads.get("Uploads", ())]

    def version(self) -> None:
        self.owner.put_bucket_versioning(Bucket=self.dest, VersioningConfiguration={"Status": "Enabled"})

    def die_at(self, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
        """From the request `call` on nothing is sent any more."""
        dead: list[str] = []
        send = ProbeClients.send

        def interrupted(self: ProbeClients, party: Any, bucket: Any, name: str, **args: object) -> Any:
            if dead or (name == call and args.get("UploadId") != NO_UPLOAD):
                dead.append(name)
                raise Killed
            return send(self, party, bucket, name, **args)

        with monkeypatch.context() as patched:
            patched.setattr(ProbeClients, "send", interrupted)
            with pytest.raises(Killed):
                self.probe()


@pytest.fixture
def world(moto: MotoServer, stub: StubServer) -> World:
    return World(moto, stub)


def statuses(found: ProbeResults) -> dict[str, FindingStatus]:
    return {f"{one.permission.action} {one.permission.place.value}": one.status for one in found.findings}


@pytest.mark.parametrize("versioned", [False, True])
def test_everything_is_found_out_and_nothing_stays(world: World, versioned: bool) -> None:
    if versioned:
        world.version()

    found = world.probe(tags={"team": "raw"}, acl_policy="bucket-owner-full-control", metadata={"by": "us"})

    told = statuses(found)
    assert told["s3:PutObject destination bucket"] is FindingStatus.HOLDS
    assert told["s3:PutObjectTagging destination bucket"] is FindingStatus.HOLDS
    assert told["s3:PutObjectAcl destination bucket"] is FindingStatus.HOLDS
    assert told["kms:Decrypt destination KMS key"] is FindingStatus.HOLDS
    assert (found.notes, found.problems) == ((), ())
    assert world.left() == []


def test_the_object_is_what_the_run_would_write(world: World) -> None:
    world.probe(
        tags={"team": "raw"}, storage_class="STANDARD_IA", kms_encryption_type="aws:kms", kms_key_id="arn:of:a:key"
    )

    put = world.stub.requests_of("PutObject")[0]
    assert put.key == f"in/{RESERVED_NAME}"
    assert put.headers["x-amz-tagging"] == "team=raw"
    assert put.headers["x-amz-storage-class"] == "STANDARD_IA"
    assert put.headers["x-amz-server-side-encryption-aws-kms-key-id"] == "arn:of:a:key"


@pytest.mark.parametrize("versioned", [False, True])
@pytest.mark.parametrize("call", ["CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"])
def test_what_a_probe_leaves_that_died_the_next_one_removes(
    world: World, monkeypatch: pytest.MonkeyPatch, call: str, versioned: bool
) -> None:
    if versioned:
        world.version()
    world.die_at(monkeypatch, call)
    assert [row["Key"] for row in world.left()] != []
    assert {row["Key"] for row in world.left()} == {f"in/{RESERVED_NAME}"}

    assert world.probe().notes == ()

    assert world.left() == []


def test_uploads_and_objects_of_others_are_left_alone(world: World) -> None:
    other = f"in/{RESERVED_NAME}-of-somebody"
    world.owner.put_object(Bucket=world.dest, Key="in/a", Body=b"a")
    world.owner.create_multipart_upload(Bucket=world.dest, Key=other)

    world.probe()

    assert sorted(row["Key"] for row in world.left()) == [other, "in/a"]


@pytest.mark.parametrize("retention", ["GOVERNANCE", "COMPLIANCE"])
def test_no_object_is_written_where_object_lock_would_keep_it(world: World, retention: str) -> None:
    world.dest += "-locked"
    world.owner.create_bucket(Bucket=world.dest, ObjectLockEnabledForBucket=True)
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": retention, "Days": 1}}}
    world.owner.put_object_lock_configuration(Bucket=world.dest, ObjectLockConfiguration=lock)

    found = world.probe()

    assert f"Object Lock would keep it ({retention} 1 day)" in found.notes[0]
    assert statuses(found)["s3:PutObject destination bucket"] is FindingStatus.HOLDS
    assert world.stub.requests_of("PutObject") + world.stub.requests_of("CompleteMultipartUpload") == []
    assert world.left() == []


# The rest at the wire, where grants can be taken away.

UNLOCKED = BucketSettings(Scope.DEST, "dst", versioning="off", object_lock="off")
WRITES = {"PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"}


def at_the_wire(stub: StubServer, dest: BucketSettings | None = UNLOCKED, **options: Any) -> ProbeResults:
    spec, asked = spec_of(**options), clients(stub.endpoint_url)
    return probe(grants_of(spec), spec, asked, find_sample(asked, spec), write=True, dest=dest)


@pytest.fixture
def s3(stub: StubServer) -> Enforced:
    rule = Enforced()
    stub.rules = [rule]
    return rule


def real(stub: StubServer) -> list[str]:
    """The writes that were about something that exists."""
    return [one.operation for one in stub.requests if one.operation in WRITES and NO_UPLOAD not in one.target]


def lack(s3: Enforced, action: str) -> None:
    s3.lack(next(one for one in grants_of(spec_of()) if one.action == action and one.place is Scope.DEST))


@pytest.mark.parametrize(
    ("dest", "why"),
    [
        (None, "not known"),
        (UNLOCKED._replace(versioning=None, object_lock=None), "not known"),
        (UNLOCKED._replace(versioning="Enabled", object_lock=None), "Object Lock would keep it (not known)"),
    ],
)
def test_no_object_is_written_where_it_is_not_known_that_it_could_be_removed(
    stub: StubServer, s3: Enforced, dest: BucketSettings | None, why: str
) -> None:
    s3.at_dest = set()

    found = at_the_wire(stub, dest)

    assert why in found.notes[0]
    assert real(stub) == ["CreateMultipartUpload", "UploadPart"]
    assert len(stub.requests_of("AbortMultipartUpload")) == 2
    told = statuses(found)
    assert told["s3:AbortMultipartUpload destination bucket"] is FindingStatus.HOLDS
    assert told["kms:Decrypt destination KMS key"] is FindingStatus.UNKNOWN


def test_an_object_without_a_version_shows_that_the_bucket_keeps_none(stub: StubServer, s3: Enforced) -> None:
    assert at_the_wire(stub, None).notes == ()

    assert real(stub)[0] == "PutObject"


def test_no_object_is_written_without_the_grant_to_remove_it(stub: StubServer, s3: Enforced) -> None:
    s3.lacking.add((next(iter(grants_of(spec_of(), two=False))).party, "dst", "s3:DeleteObject"))

    found = at_the_wire(stub)

    assert "s3:DeleteObject is denied, so it could not be removed" in found.notes[0]
    assert real(stub) == ["CreateMultipartUpload", "UploadPart"]


def test_nothing_is_written_without_the_grant_to_abort(stub: StubServer, s3: Enforced) -> None:
    lack(s3, "s3:AbortMultipartUpload")

    found = at_the_wire(stub)

    assert "s3:AbortMultipartUpload is denied" in found.notes[0]
    assert real(stub) == []


def test_what_will_not_go_is_told_in_one_line(stub: StubServer, s3: Enforced) -> None:
    denied = answers.error("AccessDenied", 403, "Access Denied")

    def no_second_delete(request: Request) -> Answer | None:
        many = len(stub.requests_of("DeleteObject")) > 1
        return denied if request.operation == "DeleteObject" and many else None

    stub.rules = [no_second_delete, s3]

    found = at_the_wire(stub)

    assert len(found.notes) == 1
    assert f"s3://dst/{RESERVED} could not be removed, please remove it" in found.notes[0]


def test_a_bucket_that_takes_no_acl_is_a_problem_and_the_rest_is_found_out(stub: StubServer, s3: Enforced) -> None:
    refused = answers.error("AccessControlListNotSupported", 400, "The bucket does not allow ACLs")

    def no_acl(request: Request) -> Answer | None:
        return refused if "x-amz-acl" in request.headers else None

    stub.rules = [no_acl, s3]

    found = at_the_wire(stub, acl_policy="private")

    told = statuses(found)
    assert told["s3:PutObjectAcl destination bucket"] is FindingStatus.UNKNOWN
    assert told["s3:PutObjectTagging destination bucket"] is FindingStatus.HOLDS
    assert any("has ACLs disabled" in one for one in found.problems)


def test_nothing_is_written_where_the_run_would_be_stopped_anyway(stub: StubServer, s3: Enforced) -> None:
    stub.rules = [always("ListObjectsV2", answers.error("ExpiredToken", 400)), s3]

    at_the_wire(stub)

    assert real(stub) == []


def test_an_upload_that_will_not_go_is_told_in_one_line_and_is_the_missing_grant(
    stub: StubServer, s3: Enforced
) -> None:
    denied = answers.error("AccessDenied", 403, "Access Denied")

    def keeps(request: Request) -> Answer | None:
        real_one = request.operation == "AbortMultipartUpload" and NO_UPLOAD not in request.target
        return denied if real_one else None

    s3.at_dest = set()
    stub.rules = [keeps, s3]

    found = at_the_wire(stub, None)

    assert [one for one in found.notes if f"s3://dst/{RESERVED} could not be aborted" in one]
    assert statuses(found)["s3:AbortMultipartUpload destination bucket"] is FindingStatus.MISSING


@pytest.mark.parametrize("operation", ["UploadPart", "CompleteMultipartUpload"])
def test_an_upload_that_is_begun_and_may_not_go_on_lacks_the_key(
    stub: StubServer, s3: Enforced, operation: str
) -> None:
    denied = answers.error("AccessDenied", 403, "Access Denied")

    def no_further(request: Request) -> Answer | None:
        return denied if request.operation == operation and NO_UPLOAD not in request.target else None

    s3.at_dest = set()
    stub.rules = [no_further, s3]

    told = statuses(at_the_wire(stub))

    assert [name for name, one in told.items() if one is FindingStatus.MISSING] == ["kms:Decrypt destination KMS key"]
    assert len(stub.requests_of("AbortMultipartUpload")) == 2


def test_a_bucket_policy_that_requires_a_precondition_allows_what_copies_send(world: World) -> None:
    unconditional: list[str] = []

    def requires(request: Request) -> Answer | None:
        if request.operation != "PutObject" or "If-None-Match" in request.headers:
            return None
        unconditional.append(request.path)
        return answers.error("AccessDenied", 403)

    world.stub.rules = [requires, forward_all]

    found = world.probe()

    assert statuses(found)["s3:PutObject destination bucket"] is FindingStatus.HOLDS
    assert len(unconditional) == 1
    assert world.left() == []
