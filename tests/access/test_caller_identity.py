"""Who signs is told as far as STS and the credentials tell, and credentials that do not work are one line."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.credentials import RefreshableCredentials

from s3_crosscopy.access.examination import Party, Principal
from s3_crosscopy.access.probes.caller_identity import identify
from s3_crosscopy.adapters.boto.clients import S3Clients
from s3_crosscopy.adapters.boto.profile_roles import assumed_role
from s3_crosscopy.adapters.boto.sessions import access as access_of
from tests.access.enforcing_stub import access
from tests.servers.http_messages import Response
from tests.servers.moto import DST_ACCOUNT_ID, MotoServer
from tests.servers.stub_rules import always
from tests.servers.stub_server import StubServer

ROLE = f"arn:aws:iam::{DST_ACCOUNT_ID}:role/copier"


def sts_error(code: str, status: int, message: str = "") -> Response:
    body = (
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
        f"<Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    )
    return Response(status, {"Content-Type": "text/xml"}, body.encode())


def sts_answer(arn: str, account: str) -> Response:
    body = (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        f"<Arn>{arn}</Arn><Account>{account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
    return Response(200, {"Content-Type": "text/xml"}, body.encode())


class OfAws(S3Clients):
    """An access whose STS is taken for AWS's own, although it is a stub."""

    @property
    def asks_aws(self) -> bool:
        return True


def test_a_session_of_a_role_is_told_with_the_role_and_its_account(moto: MotoServer) -> None:
    account = moto.dst
    session = boto3.Session(account.access_key, account.secret_key, account.session_token, "us-east-1")

    found = identify(S3Clients(session, sts_endpoint_url=moto.endpoint_url, label="connection 'x'"), Party.COPIER)

    assert found == Principal(
        party=Party.COPIER,
        label="connection 'x'",
        arn=f"arn:aws:sts::{DST_ACCOUNT_ID}:assumed-role/copier/crosscopy",
        role_arn=ROLE,
        account=DST_ACCOUNT_ID,
    )


def test_a_role_that_is_known_keeps_its_path_which_a_session_does_not_tell(stub: StubServer) -> None:
    session_arn = "arn:aws:sts::222222222222:assumed-role/copier/s"
    stub.rules = [always("GetCallerIdentity", sts_answer(session_arn, "222222222222"))]
    known = "arn:aws:iam::222222222222:role/service-role/copier"

    found = identify(access(stub.endpoint_url, Party.COPIER, role_arn=known, chained=True), Party.COPIER)

    assert (found.arn, found.role_arn, found.chained) == (session_arn, known, True)


@pytest.mark.parametrize(
    ("code", "status", "message", "line"),
    [
        ("ExpiredToken", 403, "The security token included in the request is expired", "have expired"),
        ("InvalidClientTokenId", 403, "The security token included in the request is invalid", "access key is not"),
        ("SignatureDoesNotMatch", 403, "The request signature we calculated does not match", "secret does not match"),
        ("SignatureDoesNotMatch", 403, "Signature expired: 1 is now earlier than 2", "clock differs"),
    ],
)
def test_credentials_that_sts_refuses_are_a_problem_in_one_line(
    stub: StubServer, code: str, status: int, message: str, line: str
) -> None:
    stub.rules = [always("GetCallerIdentity", sts_error(code, status, message))]
    session = boto3.Session("KEY", "secret", region_name="us-east-1")

    found = identify(OfAws(session, sts_endpoint_url=stub.endpoint_url, label="profile 'B'"), Party.COPIER)

    assert found.problem.startswith("profile 'B': ")
    assert line in found.problem


@pytest.mark.parametrize(
    ("code", "status", "problem"),
    [("SignatureDoesNotMatch", 403, False), ("InvalidAction", 400, False), ("ExpiredToken", 400, True)],
)
def test_of_another_server_only_an_end_of_credentials_is_believed(
    stub: StubServer, code: str, status: int, problem: bool
) -> None:
    stub.rules = [always("GetCallerIdentity", sts_error(code, status))]

    found = identify(access(stub.endpoint_url, Party.READER), Party.READER)

    assert (found.arn, found.account, bool(found.problem)) == (None, None, problem)


def test_no_credentials_at_all_are_a_problem_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)

    found = identify(S3Clients(boto3.Session(region_name="us-east-1")), Party.COPIER)

    assert found.problem == (
        "credentials: no credentials were found; configure a profile or a connection, or set AWS_PROFILE"
    )


def test_an_sts_that_cannot_be_reached_is_no_problem() -> None:
    session = boto3.Session("KEY", "secret", region_name="us-east-1")

    assert identify(S3Clients(session, sts_endpoint_url="http://127.0.0.1:9"), Party.COPIER).problem == ""


def test_credentials_that_refresh_tell_when_they_end(stub: StubServer) -> None:
    stub.rules = [always("GetCallerIdentity", sts_answer("arn:aws:iam::222222222222:user/me", "222222222222"))]
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    session = boto3.Session(region_name="us-east-1")
    session._session._credentials = RefreshableCredentials("KEY", "secret", "token", end, dict, "sts-assume-role")

    found = identify(S3Clients(session, sts_endpoint_url=stub.endpoint_url), Party.COPIER)

    assert found.expires == end.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert found.role_arn == "arn:aws:iam::222222222222:user/me"


CONFIG = """
[default]
aws_access_key_id = KEY
aws_secret_access_key = secret
[profile session]
aws_access_key_id = KEY
aws_secret_access_key = secret
aws_session_token = token
[profile user-role]
role_arn = arn:aws:iam::1:role/one
source_profile = default
[profile session-role]
role_arn = arn:aws:iam::1:role/two
source_profile = session
[profile chained]
role_arn = arn:aws:iam::1:role/three
source_profile = user-role
[profile container]
role_arn = arn:aws:iam::1:role/four
credential_source = EcsContainer
[profile broken]
role_arn = arn:aws:iam::1:role/none
source_profile = nobody
[profile environment]
role_arn = arn:aws:iam::1:role/five
credential_source = Environment
[profile web]
role_arn = arn:aws:iam::1:role/six
web_identity_token_file = /nonexistent
"""


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("profile", "role", "chained"),
    [
        (None, None, False),
        ("session", None, None),
        ("user-role", "arn:aws:iam::1:role/one", False),
        ("session-role", "arn:aws:iam::1:role/two", True),
        ("chained", "arn:aws:iam::1:role/three", True),
        ("environment", "arn:aws:iam::1:role/five", None),
        ("web", "arn:aws:iam::1:role/six", False),
    ],
)
def test_a_profile_tells_its_role_and_whether_another_roles_session_is_spent_on_it(
    profiles: None, monkeypatch: pytest.MonkeyPatch, profile: str | None, role: str | None, chained: bool | None
) -> None:
    if profile == "environment":
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "KEY")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")

    assert assumed_role(boto3.Session(profile_name=profile)) == (role, chained)


def test_a_profiles_role_goes_into_its_access(profiles: None) -> None:
    rest: dict[str, Any] = {"endpoint_url": None, "region_name": None, "verify": None, "config": None}

    made = access_of(None, "chained", "profile", **rest)

    assert (made.role_arn, made.chained) == ("arn:aws:iam::1:role/three", True)


def test_a_role_that_a_container_assumes_is_chained_to_the_containers_own(
    profiles: None, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"AccessKeyId": "KEY", "SecretAccessKey": "secret", "Token": "token", "Expiration": "2099-01-01T00:00:00Z"}
    stub.rules = [lambda _: Response(200, body=json.dumps(given).encode())]
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", stub.endpoint_url)

    assert assumed_role(boto3.Session(profile_name="container")) == ("arn:aws:iam::1:role/four", True)


def test_of_what_is_handed_over_nothing_is_known(profiles: None) -> None:
    assert assumed_role(boto3.Session("KEY", "secret", "token")) == (None, None)
    assert assumed_role(object()) == (None, None)


def test_a_broken_profile_is_told_by_whoever_makes_the_client(profiles: None) -> None:
    assert assumed_role(boto3.Session(profile_name="broken")) == (None, None)


def test_a_role_that_may_not_be_assumed_is_a_problem_and_says_who_asked(stub: StubServer) -> None:
    who = "arn:aws:iam::111111111111:user/worker"
    said = f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
    stub.rules = [always("GetCallerIdentity", sts_error("AccessDenied", 403, said))]

    found = identify(access(stub.endpoint_url, Party.COPIER), Party.COPIER)

    assert found.refused == (who, ROLE)
    assert f"sts:AssumeRole is denied to {who}" in found.problem
