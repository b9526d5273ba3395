"""On a server that enforces policies: one grant is taken away, the doctor names it, what it prints mends the copy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy import PermanentFailure, Report, copy
from s3_crosscopy.access.examination import Examination, Party, Policy, Scope
from s3_crosscopy.access.rules.policies import BUCKET, IDENTITY, TRUST, to_json
from s3_crosscopy.access.rules.probe_keys import NO_UPLOAD, RESERVED_NAME
from s3_crosscopy.api import examine, resolve_spec
from s3_crosscopy.cli.main import main
from tests.cli.shell import write_profiles
from tests.end_to_end.conftest import session_of
from tests.end_to_end.rgw_principal import DEST_ACTIONS, SEEDED, SOURCE_ACTIONS, Buckets, access_of
from tests.servers.accounts import Account
from tests.servers.http_messages import Request
from tests.servers.policies import trust_policy
from tests.servers.rgw import RgwServer
from tests.servers.stub_server import StubServer

Lack = tuple[Scope, str]

# RGW 16 lets a write with tags pass without the one, and whoever began an upload list its parts without the other.
NOT_ENFORCED = ("s3:PutObjectTagging", "s3:ListMultipartUploadParts")
ENFORCED: tuple[Lack, ...] = (
    *((Scope.SOURCE, one) for one in SOURCE_ACTIONS),
    *((Scope.DEST, one) for one in DEST_ACTIONS if one not in NOT_ENFORCED),
)
# Without one of these no small object is copied; the others are for tags on S3, for uploads, and for lost answers.
STOPS_A_COPY = {(place, action) for place in (Scope.SOURCE, Scope.DEST) for action in ("s3:ListBucket",)} | {
    (Scope.SOURCE, "s3:GetObject"),
    (Scope.DEST, "s3:PutObject"),
}
LACKS = pytest.mark.parametrize("lack", ENFORCED, ids=lambda lack: f"{lack[0].name.lower()}-{lack[1]}")


@pytest.fixture
def buckets(rgw: RgwServer, stub: StubServer) -> Buckets:
    stub.upstream = rgw.endpoint_url
    return Buckets(rgw, stub.endpoint_url)


def run_copy(buckets: Buckets, account: Account, **more: Any) -> Report:
    return copy(*buckets.urls, session=session_of(account), endpoint_url=buckets.endpoint_url, **more)


def assert_everything_arrives(buckets: Buckets, account: Account, **more: Any) -> None:
    report = run_copy(buckets, account, **more)

    assert (report.ok, report.counts["failed"], report.counts["listed"]) == (True, 0, len(SEEDED))
    arrived = buckets.dest_contents()
    assert arrived == buckets.source_contents()
    assert len(arrived) == len(SEEDED)


def assert_copy_stops_only_for(lack: Lack, buckets: Buckets, account: Account) -> None:
    if lack not in STOPS_A_COPY:
        return
    with pytest.raises(PermanentFailure, match=lack[1]):
        run_copy(buckets, account)


def doctor(buckets: Buckets, *, write: bool = False) -> Examination:
    """What the doctor finds out for the user `op`."""
    spec = resolve_spec(*buckets.urls, {})
    copier = access_of(buckets.rgw.op, buckets.endpoint_url)
    return examine(spec, copier, write=write, arns={Party.COPIER: buckets.op})


def writes(stub: StubServer) -> list[Request]:
    """The requests so far that could change anything; one for an upload that does not exist cannot."""
    return [request for request in stub.requests if not _reads(request) and not _is_of_nothing(request)]


def _reads(request: Request) -> bool:
    return request.method in ("GET", "HEAD") or request.operation == "GetCallerIdentity"


def _is_of_nothing(request: Request) -> bool:
    """A server that took it for a write after all would write nothing, and at the reserved key."""
    of_nothing = request.query.get("uploadId") == NO_UPLOAD and request.key == f"in/{RESERVED_NAME}"
    return of_nothing and request.operation in ("UploadPart", "AbortMultipartUpload") and not request.body


def missing(found: Examination) -> list[Lack]:
    return [(one.permission.place, one.permission.action) for one in found.missing]


def of_kind(printed: Sequence[Policy], kind: str) -> list[Policy]:
    return [one for one in printed if one.place.startswith(kind)]


@LACKS
def test_a_user_lacks_one_grant_and_the_bucket_policy_that_is_printed_mends_it(
    buckets: Buckets, stub: StubServer, lack: Lack
) -> None:
    """On RGW the bucket's policy is enough, so that it is shown to be right by itself."""
    op = buckets.rgw.op
    buckets.grant_user(lacking=[lack])

    found = doctor(buckets)

    assert missing(found) == [lack]
    assert [one.attach_to for one in found.policies] == [buckets.op, buckets.names[lack[0]]]
    assert (len(stub.requests) > 10, writes(stub)) == (True, [])
    assert_copy_stops_only_for(lack, buckets, op)
    buckets.apply(of_kind(found.policies, BUCKET))
    assert doctor(buckets).ok
    assert_everything_arrives(buckets, op)


class Command:
    """`s3-crosscopy` in this process; profile `copier` holds a role's session."""

    def __init__(self, buckets: Buckets, capsys: pytest.CaptureFixture[str]) -> None:
        self._buckets = buckets
        self._capsys = capsys

    def doctor(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        where = ["--profile", "copier", "--endpoint-url", self._buckets.endpoint_url]
        return self.json("doctor", *where, *arguments)

    def json(self, command: str, *arguments: str) -> tuple[int, dict[str, Any]]:
        self._capsys.readouterr()
        code = main([command, *self._buckets.urls, "--json", *arguments])
        said: dict[str, Any] = json.loads(self._capsys.readouterr().out)
        return code, said


@pytest.fixture
def command(buckets: Buckets, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(buckets, capsys)


def read_policies(said: dict[str, Any]) -> list[Policy]:
    return [Policy(one["place"], one["attach_to"], one["document"]) for one in said["policies"]]


@LACKS
def test_a_role_lacks_one_grant_and_the_identity_policy_that_is_printed_mends_it(
    buckets: Buckets, stub: StubServer, command: Command, lack: Lack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On RGW the role's own policy is enough too, wherever the bucket is."""
    role = buckets.make_role("copier")
    buckets.grant_role(role, lacking=[lack])
    account = buckets.rgw.assume(buckets.rgw.op, role)
    write_profiles(tmp_path, {"copier": account}, monkeypatch)

    code, said = command.doctor("--copier-arn", role)

    lacking = [(one["place"], one["action"], one["party"]) for one in said["grants"] if one["status"] == "missing"]
    assert (code, lacking) == (1, [(*lack, Party.COPIER)])
    assert (len(stub.requests) > 10, writes(stub)) == (True, [])
    assert_copy_stops_only_for(lack, buckets, account)
    buckets.apply(of_kind(read_policies(said), IDENTITY))
    code, said = command.doctor("--copier-arn", role)
    assert (code, said["ok"], said["policies"]) == (0, True, [])
    assert_everything_arrives(buckets, account)


def test_who_was_granted_nothing_gets_there_by_what_is_printed_alone(buckets: Buckets) -> None:
    rounds = 0
    while not (found := doctor(buckets)).ok:
        rounds += 1
        buckets.apply(of_kind(found.policies, BUCKET))
        assert rounds < 3

    # What a listing has to tell first can only be asked about when the listing is granted.
    assert rounds == 2
    assert_everything_arrives(buckets, buckets.rgw.op)


def test_the_complete_set_for_a_pull_role_is_all_that_a_copy_needs(buckets: Buckets, command: Command) -> None:
    role = buckets.rgw.role_arn(f"puller-{buckets.run}")

    code, said = command.json("policies", "--copier-arn", role, "--trusted-arn", buckets.op)

    printed = read_policies(said)
    assert (code, said["placeholders"]) == (0, [])
    (trust,) = of_kind(printed, TRUST)
    assert buckets.make_role("puller", to_json(trust.document, compact=True)) == trust.attach_to == role
    buckets.apply(printed)
    assert_everything_arrives(buckets, buckets.rgw.assume(buckets.rgw.op, role))


def test_the_complete_set_for_a_list_only_reader_and_a_copier_is_all_that_a_copy_needs(
    buckets: Buckets, command: Command
) -> None:
    copier, reader = buckets.make_role("copier"), buckets.make_role("reader", trust_policy(buckets.op))

    code, said = command.json("policies", "--copier-arn", copier, "--reader-arn", reader)

    assert (code, said["placeholders"]) == (0, [])
    buckets.apply(read_policies(said))
    copies, reads = (buckets.rgw.assume(buckets.rgw.op, role) for role in (copier, reader))
    assert_everything_arrives(buckets, copies, source_session=session_of(reads))
    with pytest.raises(PermanentFailure, match="ListObjectsV2 was denied"):
        run_copy(buckets, copies)


@pytest.mark.parametrize("lacking", [(), ENFORCED], ids=["everything-granted", "nothing-granted"])
def test_no_request_of_the_doctor_writes_whatever_is_granted(
    buckets: Buckets, stub: StubServer, lacking: Sequence[Lack]
) -> None:
    buckets.grant_user(lacking=lacking)

    doctor(buckets)

    assert (len(stub.requests) > 10, writes(stub)) == (True, [])


def test_a_write_probe_is_seen_in_the_same_log(buckets: Buckets, stub: StubServer) -> None:
    buckets.grant_user()

    doctor(buckets, write=True)

    assert "CreateMultipartUpload" in {one.operation for one in writes(stub)}
