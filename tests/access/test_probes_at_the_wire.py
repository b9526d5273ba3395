"""Take away one grant, and the probes name exactly that one; and nothing that they send could write."""

from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.access.examination import BucketSettings, FindingStatus, Party, Permission, Sample, Scope
from s3_crosscopy.access.probes.probe_table import ProbeResults, probe
from s3_crosscopy.access.probes.sample import find_sample
from s3_crosscopy.access.rules.probe_keys import NO_UPLOAD
from tests.access.enforcing_stub import DEST_KEY, RESERVED, SOURCE_KEY, Enforced, clients, grants_of, spec_of
from tests.servers import s3_responses as answers
from tests.servers.http_messages import Request
from tests.servers.stub_rules import always
from tests.servers.stub_server import StubServer

SPEC = spec_of(acl_policy="bucket-owner-full-control")
PERMISSIONS = grants_of(SPEC)
UNLOCKED = BucketSettings(Scope.DEST, "dst", versioning="off", object_lock="off")
# What only a write tells.
WRITES = {"s3:PutObjectTagging", "s3:PutObjectAcl", "kms:GenerateDataKey"}


def ident(permission: Permission) -> str:
    return f"{permission.party.value} {permission.action} {permission.place.value}"


@pytest.fixture
def s3(stub: StubServer) -> Enforced:
    rule = Enforced()
    stub.rules = [rule]
    return rule


def probed(stub: StubServer, spec: Any = SPEC, permissions: Any = None, **more: Any) -> ProbeResults:
    asked = clients(stub.endpoint_url)
    sample = find_sample(asked, spec)
    return probe(permissions or grants_of(spec), spec, asked, sample, **more)


def statuses(found: ProbeResults, status: FindingStatus) -> set[Permission]:
    return {one.permission for one in found.findings if one.status is status}


def could_write(request: Request) -> bool:
    return request.method not in ("GET", "HEAD") and request.query.get("uploadId") != NO_UPLOAD


def test_where_everything_is_granted_nothing_is_missing_and_nothing_is_written(stub: StubServer, s3: Enforced) -> None:
    found = probed(stub)

    assert [one.permission for one in found.findings] == list(PERMISSIONS)
    assert statuses(found, FindingStatus.MISSING) == set()
    assert {permission.action for permission in statuses(found, FindingStatus.UNKNOWN)} == WRITES
    assert {permission.action for permission in statuses(found, FindingStatus.INFERRED)} == {
        "s3:PutObject",
        "s3:AbortMultipartUpload",
        "s3:ListMultipartUploadParts",
    }
    assert (found.notes, found.problems) == ((), ())
    assert [request.operation for request in stub.requests if could_write(request)] == []
    assert {request.key for request in stub.requests if request.method not in ("GET", "HEAD")} == {RESERVED}


def test_a_question_is_sent_once(stub: StubServer, s3: Enforced) -> None:
    probed(stub)

    sent = [(request.method, request.target, request.headers["authorization"][:40]) for request in stub.requests]
    # One HEAD of the bucket for each client, and nothing else twice.
    assert len(sent) == len(set(sent))


@pytest.mark.parametrize("permission", [one for one in PERMISSIONS if one.action not in WRITES], ids=ident)
def test_the_one_grant_that_is_taken_away_is_the_one_that_is_missing(
    stub: StubServer, s3: Enforced, permission: Permission
) -> None:
    s3.lack(permission)

    found = probed(stub)

    assert statuses(found, FindingStatus.MISSING) == {permission}
    assert [request.operation for request in stub.requests if could_write(request)] == []


@pytest.mark.parametrize(
    "permission", [one for one in PERMISSIONS if one.place in (Scope.DEST, Scope.DEST_KEY)], ids=ident
)
def test_with_writes_the_one_grant_that_is_taken_away_is_the_one_that_is_missing(
    stub: StubServer, s3: Enforced, permission: Permission
) -> None:
    s3.at_dest = set()
    s3.lack(permission)

    found = probed(stub, write=True, dest=UNLOCKED)

    assert statuses(found, FindingStatus.MISSING) == {permission}
    assert {request.key for request in stub.requests if request.method not in ("GET", "HEAD")} <= {RESERVED}


def test_with_writes_everything_is_known_where_everything_is_granted(stub: StubServer, s3: Enforced) -> None:
    found = probed(stub, write=True, dest=UNLOCKED)

    assert statuses(found, FindingStatus.UNKNOWN) == set()
    # The upload was completed, so that nothing was left to abort.
    assert {permission.action for permission in statuses(found, FindingStatus.INFERRED)} == {"s3:AbortMultipartUpload"}
    assert found.notes == ()


@pytest.mark.parametrize("permission", [one for one in PERMISSIONS if one.action == "kms:Decrypt"], ids=ident)
def test_a_denial_that_does_not_name_kms_is_told_from_one_of_s3_by_the_head(
    stub: StubServer, s3: Enforced, permission: Permission
) -> None:
    s3.kms_says = False
    s3.lack(permission)

    assert statuses(probed(stub), FindingStatus.MISSING) == {permission}


def test_an_explicit_deny_is_told_in_s3s_words_for_a_head_too(stub: StubServer, s3: Enforced) -> None:
    s3.explicit = True
    permission = next(one for one in PERMISSIONS if one.action == "s3:GetObject" and one.party is Party.COPIER)
    s3.lack(permission)

    missing = [one for one in probed(stub).findings if one.status is FindingStatus.MISSING]

    assert [(one.permission, one.denied_by) for one in missing] == [
        (permission, "an explicit deny in a resource-based policy")
    ]


def test_a_bucket_of_another_owner_than_expected_is_one_problem_and_no_missing_grant(
    stub: StubServer, s3: Enforced
) -> None:
    s3.owner = "333333333333"
    spec = spec_of(expected_bucket_owner="222222222222")

    found = probed(stub, spec, [one for one in grants_of(spec) if one.place is Scope.DEST])

    assert statuses(found, FindingStatus.MISSING) == set()
    assert len(found.problems) == 1
    assert "s3://dst does not belong to the account 222222222222" in found.problems[0]


def test_the_guards_go_along_on_every_probe(stub: StubServer, s3: Enforced) -> None:
    spec = spec_of(expected_bucket_owner=s3.owner, expected_source_bucket_owner=s3.owner, request_payer="requester")

    assert statuses(probed(stub, spec), FindingStatus.MISSING) == set()

    asked = [request for request in stub.requests if request.operation != "HeadBucket"]
    assert {request.headers.get("x-amz-expected-bucket-owner") for request in asked} == {s3.owner}
    assert {request.headers.get("x-amz-request-payer") for request in asked} == {"requester"}


@pytest.mark.parametrize(
    ("code", "status", "line"),
    [
        ("ExpiredToken", 400, "expired"),
        ("RequestTimeTooSkewed", 403, "clock"),
        ("InvalidAccessKeyId", 403, "access key"),
        ("NoSuchBucket", 404, "the bucket does not exist"),
    ],
)
def test_what_is_no_question_of_grants_is_a_problem_in_one_line_and_leaves_them_unknown(
    stub: StubServer, s3: Enforced, code: str, status: int, line: str
) -> None:
    stub.rules = [always("ListObjectsV2", answers.error(code, status)), s3]

    found = probed(stub)

    assert statuses(found, FindingStatus.MISSING) == set()
    assert {permission.action for permission in statuses(found, FindingStatus.UNKNOWN)} >= {"s3:ListBucket"}
    assert any(line in one for one in found.problems)


def test_a_disabled_key_is_a_problem_and_no_missing_grant(stub: StubServer, s3: Enforced) -> None:
    disabled = answers.error("KMS.DisabledException", 400, f"{SOURCE_KEY} is disabled.")
    stub.rules = [always("GetObject", disabled), s3]

    found = probed(stub)

    assert statuses(found, FindingStatus.MISSING) == set()
    assert any("the KMS key is disabled" in one for one in found.problems)


def test_a_bucket_that_does_not_exist_is_told_once(stub: StubServer, s3: Enforced) -> None:
    def no_destination(request: Request) -> Any:
        return answers.error("NoSuchBucket", 404) if request.bucket == "dst" else None

    stub.rules = [no_destination, s3]

    found = probed(stub)

    assert found.problems == ("s3://dst: the bucket does not exist; check its name and the endpoint",)
    assert statuses(found, FindingStatus.MISSING) == set()


def test_without_an_object_to_ask_about_a_key_that_is_missing_tells(stub: StubServer, s3: Enforced) -> None:
    s3.at_source, s3.at_dest = set(), set()

    found = probed(stub)

    by_action = {(one.permission.party, one.permission.action, one.permission.place): one for one in found.findings}
    assert by_action[Party.READER, "s3:GetObject", Scope.SOURCE].status is FindingStatus.INFERRED
    assert by_action[Party.COPIER, "s3:GetObject", Scope.DEST].status is FindingStatus.INFERRED
    assert by_action[Party.COPIER, "s3:GetObjectTagging", Scope.SOURCE].status is FindingStatus.UNKNOWN


def test_a_missing_key_that_is_denied_tells_nothing_without_the_grant_to_list(stub: StubServer, s3: Enforced) -> None:
    s3.at_dest = set()
    s3.lacking.add((Party.COPIER, "dst", "s3:ListBucket"))

    found = probed(stub)

    assert {permission.action for permission in statuses(found, FindingStatus.MISSING)} == {"s3:ListBucket"}
    assert any(permission.action == "s3:GetObject" for permission in statuses(found, FindingStatus.UNKNOWN))


def test_for_one_object_only_its_own_keys_are_asked_about_and_no_put_is_sent(stub: StubServer, s3: Enforced) -> None:
    spec = spec_of("s3://src/events/a", "s3://dst/in/a")

    found = probed(stub, spec, write=True, dest=UNLOCKED)

    assert statuses(found, FindingStatus.MISSING) == set()
    assert {request.key for request in stub.requests} - {""} == {"events/a", "in/a"}
    assert [request for request in stub.requests if request.method == "PUT" or could_write(request)] == []
    assert "nothing was written" in found.notes[0]


def test_a_version_is_asked_about_as_that_version(stub: StubServer, s3: Enforced) -> None:
    spec = spec_of("s3://src/events/a", "s3://dst/in/a", source_version_id="v1")
    permission = next(one for one in grants_of(spec) if one.action == "s3:GetObjectVersionTagging")
    s3.lack(permission)

    assert statuses(probed(stub, spec), FindingStatus.MISSING) == {permission}
    tags = stub.requests_of("GetObjectTagging")
    assert {request.query.get("versionId") for request in tags} == {"v1"}


def test_the_report_and_the_manifest_are_asked_about_where_they_are(stub: StubServer, s3: Enforced) -> None:
    spec = spec_of(report="s3://dst/reports", manifest="s3://src/lists/today")
    s3.at_source.add("lists/today")

    found = probed(stub, spec)

    by_place = {one.permission.place: one.status for one in found.findings}
    assert by_place[Scope.REPORT] is FindingStatus.INFERRED
    assert by_place[Scope.MANIFEST] is FindingStatus.HOLDS
    parts = [request.key for request in stub.requests_of("UploadPart")]
    assert parts == [RESERVED, "reports/.s3-crosscopy-probe"]


def test_the_etag_index_is_asked_about_where_it_is(stub: StubServer, s3: Enforced) -> None:
    found = probed(stub, spec_of(etag_index="s3://dst/indexes"))

    statuses_there = {
        finding.permission.action: finding.status
        for finding in found.findings
        if finding.permission.place is Scope.INDEX
    }
    assert statuses_there == {
        "s3:PutObject": FindingStatus.INFERRED,
        "s3:GetObject": FindingStatus.INFERRED,
        "s3:ListBucket": FindingStatus.UNKNOWN,
        "s3:DeleteObject": FindingStatus.UNKNOWN,
    }
    assert [request.key for request in stub.requests_of("UploadPart")] == [RESERVED, "indexes/.s3-crosscopy-probe"]


def test_a_manifest_that_is_a_report_is_left_unknown(stub: StubServer, s3: Enforced) -> None:
    found = probed(stub, spec_of(manifest="s3://src/report/"))

    assert {permission.place for permission in statuses(found, FindingStatus.UNKNOWN)} >= {Scope.MANIFEST}


def test_a_leftover_of_a_probe_that_died_is_told_and_left_alone(stub: StubServer, s3: Enforced) -> None:
    s3.at_dest.add(RESERVED)

    found = probed(stub)

    assert len(found.notes) == 1
    assert f"s3://dst/{RESERVED}" in found.notes[0]
    assert [request.operation for request in stub.requests if could_write(request)] == []


def test_the_sample_is_a_real_object_and_tells_its_key(stub: StubServer, s3: Enforced) -> None:
    page = [answers.Listed("events/", 0), answers.Listed("events/b", 5), answers.Listed("events/c", 5)]
    s3.at_source |= {"events/b"}
    stub.rules = [lambda request: answers.list_page(page) if request.operation == "ListObjectsV2" else None, s3]

    sample = find_sample(clients(stub.endpoint_url), SPEC)

    assert sample == Sample("events/b", "in/b", 11, SOURCE_KEY, False)


def test_a_named_object_is_the_sample_even_if_nobody_may_list(stub: StubServer, s3: Enforced) -> None:
    s3.lacking |= {(party, "src", "s3:ListBucket") for party in Party}

    asked = clients(stub.endpoint_url)

    assert find_sample(asked, SPEC) is None
    assert find_sample(asked, SPEC, "events/a") == Sample("events/a", "in/a", 11, SOURCE_KEY, False)


def test_a_key_of_another_name_tells_nothing_of_this_one(stub: StubServer, s3: Enforced) -> None:
    permissions = [one._replace(resource=f"{DEST_KEY}-2") for one in PERMISSIONS if one.place is Scope.DEST_KEY]

    assert statuses(probed(stub, SPEC, permissions), FindingStatus.UNKNOWN) == set(permissions)
