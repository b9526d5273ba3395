"""Connections: what they hold is honoured, what is wrong with them is one line."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from botocore import UNSIGNED
from botocore.config import Config

from s3_crosscopy.adapters.boto.clients import S3Clients
from s3_crosscopy.adapters.boto.read_timeouts import READ_TIMEOUT_S
from s3_crosscopy.airflow.connections import access_for, merged
from s3_crosscopy.errors import CrossCopyError, InvalidInput, PermanentFailure, RetryableFailure
from s3_crosscopy.model.location import Bucket
from tests.airflow.connection_env import key_connection, role_connection
from tests.servers.http_messages import Response
from tests.servers.moto import DST_ACCOUNT_ID, OPERATOR, SRC_ACCOUNT_ID, MotoServer
from tests.servers.stub_rules import ACCESS_DENIED, always, forward_all, require_external_id
from tests.servers.stub_server import StubServer

BUSY = Response(
    400, body=b"<ErrorResponse><Error><Code>Throttling</Code><Message>slow</Message></Error></ErrorResponse>"
)
NOBODY = "http://127.0.0.1:1"


def access(conn_id: Any, **given: Any) -> S3Clients:
    settings = {"region_name": None, "verify": None, "botocore_config": None, **given}
    return access_for(conn_id, "aws_conn_id", **settings)


def aws(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AWS_X", value)


def client_of(one: S3Clients, stub: StubServer, max_concurrency: int = 64) -> Any:
    """The client that an Access really uses: its effective settings."""
    stub.rules = [always("HeadBucket", Response(headers={"x-amz-bucket-region": "us-east-1"}))]
    return one.s3(Bucket("bucket"), max_concurrency)._client


def test_the_connections_config_is_merged_with_the_operators_over_our_defaults(
    monkeypatch: pytest.MonkeyPatch, stub: StubServer
) -> None:
    persistence = {"retries": {"mode": "standard", "total_max_attempts": 9}, "s3": {"addressing_style": "path"}}
    aws(monkeypatch, key_connection(stub.endpoint_url, config_kwargs={**persistence, "read_timeout": 17}))

    over = {"retries": {"total_max_attempts": 4}, "connect_timeout": 3}
    config = client_of(access("aws_x", botocore_config=over), stub).meta.config

    assert config.retries == {"mode": "standard", "total_max_attempts": 4}
    assert config.s3["addressing_style"] == "path"
    assert (config.read_timeout, config.connect_timeout) == (17, 3)
    assert (config.max_pool_connections, config.tcp_keepalive) == (68, True)


def test_our_defaults_are_under_a_connection_without_settings(
    monkeypatch: pytest.MonkeyPatch, stub: StubServer
) -> None:
    aws(monkeypatch, key_connection(stub.endpoint_url, config_kwargs={"s3": {"addressing_style": "path"}}))

    config = client_of(access("aws_x"), stub, max_concurrency=10).meta.config

    assert (config.max_pool_connections, config.read_timeout) == (14, READ_TIMEOUT_S)
    assert config.request_checksum_calculation == "when_required"


def test_merging_keeps_what_only_one_side_says() -> None:
    one = Config(retries={"mode": "standard"}, region_name="eu-west-1")
    both = merged(one, Config(signature_version=UNSIGNED))

    assert both is not None
    assert (both.retries, both.region_name, both.signature_version) == ({"mode": "standard"}, "eu-west-1", UNSIGNED)
    assert merged(None, one) is merged(one, None) is one
    assert merged(None, None) is None


@pytest.mark.parametrize("account_id", [SRC_ACCOUNT_ID, DST_ACCOUNT_ID])
def test_a_connection_assumes_its_role_with_external_id_and_session_length(
    monkeypatch: pytest.MonkeyPatch, stub: StubServer, moto: MotoServer, account_id: str
) -> None:
    stub.upstream, stub.rules = moto.endpoint_url, [require_external_id("ext-1"), forward_all]
    aws(monkeypatch, role_connection(NOBODY, account_id, service_config={"sts": {"endpoint_url": stub.endpoint_url}}))

    principal = access("aws_x").principal()

    assert principal == f"arn:aws:sts::{account_id}:assumed-role/copier/airflow-copy (connection 'aws_x')"
    asked = parse_qs(stub.requests_of("AssumeRole")[0].body.decode())
    assert (asked["ExternalId"], asked["DurationSeconds"]) == (["ext-1"], ["900"])


def test_an_assumed_roles_credentials_refresh(
    monkeypatch: pytest.MonkeyPatch, stub: StubServer, moto: MotoServer
) -> None:
    stub.upstream = moto.endpoint_url
    aws(monkeypatch, role_connection(stub.endpoint_url, DST_ACCOUNT_ID))
    credentials = access("aws_x")._session.get_credentials()
    before = credentials.get_frozen_credentials().access_key

    # What the clock does after an hour.
    monkeypatch.setattr(credentials, "_expiry_time", credentials._time_fetcher())

    assert credentials.get_frozen_credentials().access_key != before


def test_a_session_of_15_minutes_is_not_asked_for_anew_with_each_request(
    monkeypatch: pytest.MonkeyPatch, stub: StubServer, moto: MotoServer
) -> None:
    stub.upstream = moto.endpoint_url
    aws(monkeypatch, role_connection(stub.endpoint_url, DST_ACCOUNT_ID))
    credentials = access("aws_x")._session.get_credentials()

    for _ in range(5):
        credentials.get_frozen_credentials()
    assert len(stub.requests_of("AssumeRole")) == 1

    credentials._expiry_time -= timedelta(seconds=250)
    credentials.get_frozen_credentials()
    assert len(stub.requests_of("AssumeRole")) == 2


def test_the_operators_config_reaches_sts_too(
    monkeypatch: pytest.MonkeyPatch, stub: StubServer, moto: MotoServer
) -> None:
    stub.upstream = moto.endpoint_url
    aws(monkeypatch, role_connection(stub.endpoint_url, DST_ACCOUNT_ID))

    access("aws_x", botocore_config={"user_agent_extra": "seen-by-sts"})

    assert "seen-by-sts" in stub.requests_of("AssumeRole")[0].headers["User-Agent"]


def test_a_refused_role_is_one_permanent_line_that_names_connection_and_role(
    monkeypatch: pytest.MonkeyPatch, stub: StubServer, moto: MotoServer
) -> None:
    stub.upstream, stub.rules = moto.endpoint_url, [require_external_id("another"), forward_all]
    aws(monkeypatch, role_connection(stub.endpoint_url, DST_ACCOUNT_ID))

    with pytest.raises(PermanentFailure) as caught:
        access("aws_x")

    assert str(caught.value) == (
        "aws_conn_id: connection 'aws_x': the role arn:aws:iam::222222222222:role/copier could not be assumed:"
        " AccessDenied: not authorized to perform: sts:AssumeRole"
    )
    assert OPERATOR.secret_key not in str(caught.value)


@pytest.mark.parametrize("answer", [BUSY, Response(503), Response(drop=True)])
def test_an_sts_that_is_busy_or_gone_is_worth_a_retry(
    monkeypatch: pytest.MonkeyPatch, stub: StubServer, answer: Response
) -> None:
    stub.rules = [always("AssumeRole", answer)]
    aws(monkeypatch, role_connection(stub.endpoint_url, DST_ACCOUNT_ID))

    with pytest.raises(RetryableFailure, match=r"^aws_conn_id: connection 'aws_x': the role .* could not be assumed"):
        access("aws_x")


def test_no_connection_means_botos_own_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAAMBIENT")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "ambient")

    assert access(None)._session.get_credentials().access_key == "AKIAAMBIENT"


def test_an_unsigned_connection_needs_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    aws(monkeypatch, json.dumps({"conn_type": "aws", "extra": {"config_kwargs": {"signature_version": "unsigned"}}}))

    config = access("aws_x")._config
    assert config is not None
    assert config.signature_version is UNSIGNED


@pytest.mark.parametrize(
    ("given", "extra", "verify"),
    [(None, {}, None), (None, {"verify": False}, False), (True, {"verify": False}, True), ("False", {}, False)],
)
def test_the_operators_verify_goes_over_the_connections(
    monkeypatch: pytest.MonkeyPatch, given: Any, extra: dict[str, Any], verify: bool | None
) -> None:
    aws(monkeypatch, key_connection(NOBODY, **extra))

    assert access("aws_x", verify=given)._verify is verify


BAD: list[tuple[str, Any, str | None, dict[str, Any], str]] = [
    ("an id that does not exist", "nope", None, {}, "aws_conn_id: there is no connection 'nope'; create it, or set"),
    ("an empty id", " ", None, {},
     "aws_conn_id: ' ' is not a connection id; use one, or None for boto's own credential chain"),
    ("an id that is no text", 7, None, {}, "aws_conn_id: 7 is not a connection id"),
    ("another type", "aws_x", '{"conn_type": "http"}', {}, "aws_conn_id: connection 'aws_x' is of type 'http', not"),
    ("an unknown config setting", "aws_x", key_connection(NOBODY, config_kwargs={"retires": {}}), {},
     "aws_conn_id: connection 'aws_x' cannot be used: Got unexpected keyword argument 'retires'"),
    ("an unknown way to assume", "aws_x", role_connection(NOBODY, "1", assume_role_method="magic"), {},
     "aws_conn_id: connection 'aws_x': assume_role_method in its extra has to be one of"),
    ("a profile that is not there", "aws_x", '{"conn_type": "aws", "extra": {"profile_name": "none"}}', {},
     "aws_conn_id: connection 'aws_x': The config profile (none) could not be found"),
    ("an endpoint that is no URL", "aws_x", key_connection("minio:9000"), {},
     "aws_conn_id: connection 'aws_x': endpoint_url of s3: 'minio:9000' is not a URL"),
    ("no credentials anywhere", "aws_x", '{"conn_type": "aws"}', {},
     "aws_conn_id: connection 'aws_x': no credentials were found"),
    ("no connection and no credentials", None, None, {},
     "aws_conn_id: boto's own credential chain: no credentials were found"),
    ("a role without credentials", "aws_x", '{"conn_type": "aws", "extra": {"role_arn": "arn:aws:iam::1:role/r"}}',
     {"region_name": "eu-west-1"},
     "aws_conn_id: connection 'aws_x': the role arn:aws:iam::1:role/r could not be assumed: NoCredentials"),
    ("a botocore_config that is none", "aws_x", key_connection(NOBODY), {"botocore_config": {"nope": 1}},
     "botocore_config: "),
    ("a CA bundle that is not there", "aws_x", key_connection(NOBODY), {"verify": "/no/bundle.pem"},
     "verify: there is no file '/no/bundle.pem'"),
    ("a connection's CA bundle that is not there", "aws_x", key_connection(NOBODY, verify="/no/bundle.pem"), {},
     "aws_conn_id: connection 'aws_x': verify: there is no file '/no/bundle.pem'"),
    ("a verify that is neither", "aws_x", key_connection(NOBODY), {"verify": 7}, "verify: expected True, False or the"),
    ("a region that is none", "aws_x", key_connection(NOBODY), {"region_name": "eu west"},
     "region_name: 'eu west' is not a Region"),
    ("a region that rendered to nothing", "aws_x", key_connection(NOBODY), {"region_name": ""},
     "region_name: is empty; leave it out"),
    ("a connection's region that is none", "aws_x", key_connection(NOBODY, region_name="eu west"), {},
     "aws_conn_id: connection 'aws_x': region_name: 'eu west' is not a Region"),
]  # fmt: skip


ROLE = "arn:aws:iam::111111111111:role/r"
OF_FILE = {"assume_role_method": "assume_role_with_web_identity", "assume_role_with_web_identity_federation": "file"}
NO_CREDENTIALS: list[tuple[dict[str, Any], dict[str, str], type[CrossCopyError], str]] = [
    ({"profile_name": "prints"}, {}, PermanentFailure, "it gives no credentials: credential_process: its output is"),
    ({"profile_name": "gone"}, {}, PermanentFailure, "it gives no credentials: credential_process: there is no file"),
    ({"profile_name": "fails"}, {}, RetryableFailure, "it gives no credentials: credential_process: it failed without"),
    ({"profile_name": "mfa"}, {}, PermanentFailure, "it gives no credentials: role_arn: an MFA code is needed (mfa_se"),
    ({"role_arn": ROLE, **OF_FILE, "assume_role_with_web_identity_token_file": "/no/token"}, {}, PermanentFailure,
     f"the role {ROLE} could not be assumed: web_identity_token_file (or AWS_WEB_IDENTITY_TOKEN_FILE): there is no"),
    ({"role_arn": ROLE, **OF_FILE}, {}, PermanentFailure, f"the role {ROLE} could not be assumed: web_identity_token"),
    ({"role_arn": ROLE, "profile_name": "gone"}, {}, PermanentFailure,
     f"the role {ROLE} could not be assumed: credential_process: there is no file '/no/tool'"),
    ({}, {"AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": "/no/token"}, PermanentFailure,
     "it gives no credentials: web_identity_token_file (or AWS_WEB_IDENTITY_TOKEN_FILE): there is no file '/no/token'"),
    ({}, {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
          "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/no/token"}, PermanentFailure,
     "it gives no credentials: AWS_CONTAINER_CREDENTIALS_FULL_URI (or _RELATIVE_URI): there is no file '/no/token'"),
]  # fmt: skip


@pytest.mark.parametrize(("extra", "variables", "kind", "says"), NO_CREDENTIALS)
def test_a_connection_that_gives_no_credentials_is_named_with_the_setting(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    extra: dict[str, Any],
    variables: dict[str, str],
    kind: type[CrossCopyError],
    says: str,
) -> None:
    lines = [
        "[profile prints]\ncredential_process = /bin/echo Opening browser",
        "[profile gone]\ncredential_process = /no/tool",
        "[profile fails]\ncredential_process = /bin/false",
        f"[profile mfa]\nrole_arn = {ROLE}\nsource_profile = base\nmfa_serial = arn:aws:iam::111111111111:mfa/me",
        "[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = very-secret",
    ]
    (tmp_path / "config").write_text("\n".join(lines))
    for name, value in {"AWS_CONFIG_FILE": str(tmp_path / "config"), **variables}.items():
        monkeypatch.setenv(name, value)
    aws(monkeypatch, json.dumps({"conn_type": "aws", "extra": {"region_name": "us-east-1", **extra}}))

    with pytest.raises(kind) as caught:
        access("aws_x")

    text = str(caught.value)
    assert type(caught.value) is kind
    assert text.startswith(f"aws_conn_id: connection 'aws_x': {says}")
    assert "\n" not in text
    assert "very-secret" not in text


@pytest.mark.parametrize("extra", [{"aws_session_token": "very-secret\n"}, {"aws_session_token": "very-secret\u2019"}])
def test_a_token_that_no_header_can_carry_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, extra: dict[str, Any]
) -> None:
    aws(monkeypatch, key_connection(NOBODY, **extra))

    with pytest.raises(PermanentFailure) as caught:
        access("aws_x")

    assert "'aws_x': it gives no credentials: the session token has a character that no header" in str(caught.value)
    assert "very-secret" not in str(caught.value)


def test_a_parameter_of_a_role_that_is_wrong_is_told_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    aws(monkeypatch, role_connection(NOBODY, DST_ACCOUNT_ID, assume_role_kwargs={"Policy": ["very-secret"]}))

    with pytest.raises(PermanentFailure, match="Invalid type for parameter Policy, type: <class 'list'>") as caught:
        access("aws_x")

    assert "very-secret" not in str(caught.value)


@pytest.mark.parametrize(("conn_id", "value", "given", "line"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
def test_a_wrong_connection_is_one_line_that_is_not_worth_a_retry(
    monkeypatch: pytest.MonkeyPatch, conn_id: Any, value: str | None, given: dict[str, Any], line: str
) -> None:
    if value is not None:
        aws(monkeypatch, value)

    with pytest.raises(CrossCopyError) as caught:
        access(conn_id, **given)

    assert isinstance(caught.value, (InvalidInput, PermanentFailure))
    assert str(caught.value).startswith(line)
    assert "\n" not in str(caught.value)
    assert "very-secret" not in str(caught.value)


def test_a_role_that_may_not_be_assumed_comes_with_the_policies_that_let_it(
    monkeypatch: pytest.MonkeyPatch, stub: StubServer
) -> None:
    role = "arn:aws:iam::222222222222:role/copier"
    who = "arn:aws:sts::111111111111:assumed-role/worker/i-1"
    said = f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {role}".encode()
    refusal = replace(
        ACCESS_DENIED, body=ACCESS_DENIED.body.replace(b"not authorized to perform: sts:AssumeRole", said)
    )
    stub.rules = [always("AssumeRole", refusal)]
    aws(monkeypatch, role_connection(stub.endpoint_url, DST_ACCOUNT_ID))

    with pytest.raises(PermanentFailure) as caught:
        access("aws_x")

    text = str(caught.value)
    assert "trust policy of the role: add the statement to those of arn:aws:iam::222222222222:role/copier" in text
    assert '"AWS": "arn:aws:iam::111111111111:role/worker"' in text
    assert '"sts:ExternalId": "THE-EXTERNAL-ID-OF-THE-CONNECTION"' in text
    assert OPERATOR.secret_key not in text


@pytest.mark.parametrize(
    ("extra", "chained"),
    [({}, False), ({"aws_session_token": "t"}, True)],
)
def test_a_role_assumed_with_a_sessions_keys_is_chained(
    monkeypatch: pytest.MonkeyPatch, moto: MotoServer, extra: dict[str, str], chained: bool
) -> None:
    aws(monkeypatch, role_connection(moto.endpoint_url, DST_ACCOUNT_ID, **extra))

    made = access("aws_x")

    assert (made.role_arn, made.chained) == ("arn:aws:iam::222222222222:role/copier", chained)
