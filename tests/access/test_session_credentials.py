"""Credentials that cannot be had are one line with whose they are and the setting, and worth a retry or not."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from s3_crosscopy.adapters.boto.clients import S3Clients
from s3_crosscopy.adapters.boto.sessions import access
from s3_crosscopy.api.inputs import open_side
from s3_crosscopy.errors import CrossCopyError, InvalidInput, PermanentFailure, RetryableFailure
from s3_crosscopy.model.operations import Side
from tests.access.enforcing_stub import spec_of

SECRET = "very-secret"
ROLE = "arn:aws:iam::111111111111:role/x"
BASE = f"[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = {SECRET}\n"
SSO = "sso_account_id = 111111111111\nsso_role_name = A\nsso_region = us-east-1\nsso_start_url = https://x\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", str(tmp_path))  # ~ at import
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name, text in (("prints", "echo Opening browser"), ("fails", "echo log in first >&2; exit 3")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "text").write_text("no tool")
    return tmp_path


def opened(profile: str | None) -> None:
    """As a run begins: the principal, and its first request. No server is there, and none is asked."""
    one: S3Clients = access(
        None, profile, "profile", endpoint_url="http://127.0.0.1:1", region_name="us-east-1", verify=None, config=None
    )
    spec = spec_of()
    open_side(one, spec.dest, Side.DEST, spec)


PROFILES: list[tuple[str, type[CrossCopyError], str]] = [
    ("credential_process = {home}/prints", InvalidInput, "credential_process: its output is no JSON"),
    ("credential_process = {home}/fails", RetryableFailure, "credential_process: log in first"),
    ("credential_process = {home}/text", InvalidInput, "credential_process: '{home}/text' cannot be read or run: "),
    ("credential_process = {home}/gone --x", InvalidInput, "credential_process: there is no file '{home}/gone'"),
    ('credential_process = tool "x', InvalidInput, "credential_process: No closing quotation"),
    (f"role_arn = {ROLE}\nweb_identity_token_file = {{home}}/gone", PermanentFailure,
     "web_identity_token_file (or AWS_WEB_IDENTITY_TOKEN_FILE): there is no file '{home}/gone'"),
    (f"role_arn = {ROLE}\nweb_identity_token_file = {{home}}", PermanentFailure, "'{home}' is a directory, not a file"),
    (f"role_arn = {ROLE}\nsource_profile = base\nmfa_serial = arn:aws:iam::111111111111:mfa/me", PermanentFailure,
     "role_arn: an MFA code is needed (mfa_serial), and there is no terminal to ask for it"),
    (f"role_arn = {ROLE}\nsource_profile = gone", InvalidInput, "role_arn: The source_profile \"gone\" referenced in"),
    (f"{SSO}", PermanentFailure, "its token in ~/.aws/sso/cache cannot be read; sign in again (`aws sso login`)"),
    (f"aws_access_key_id = AKIA\naws_secret_access_key = {SECRET}\nretry_mode = fast", InvalidInput,
     "the S3 client cannot be made: retry_mode: Invalid value"),
    ("aws_access_key_id = AKIA", InvalidInput, "Partial credentials found in config-file"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "kind", "says"), PROFILES)
def test_a_profile_that_gives_no_credentials_is_named_with_its_setting(
    home: Path, lines: str, kind: type[CrossCopyError], says: str
) -> None:
    (home / "config").write_text(f"{BASE}[profile p]\n{lines.format(home=home)}\n")
    (home / f"{hashlib.sha1(b'https://x', usedforsecurity=False).hexdigest()}.json").write_text("{ broken")

    with pytest.raises(kind) as caught:
        opened("p")

    text = str(caught.value)
    assert type(caught.value) is kind
    assert "profile 'p': " in text
    assert says.format(home=home) in text
    assert "\n" not in text
    assert SECRET not in text


VARIABLES: list[tuple[dict[str, str], type[CrossCopyError], str]] = [
    ({"AWS_PROFILE": "nosuch"}, InvalidInput, "AWS_PROFILE: there is no AWS profile 'nosuch'; see `aws configure"),
    ({"AWS_METADATA_SERVICE_TIMEOUT": "fast", "AWS_EC2_METADATA_DISABLED": "false"}, InvalidInput,
     "boto's own credential chain: AWS_METADATA_SERVICE_TIMEOUT: invalid literal for int() with base 10: 'fast'"),
    ({"AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": "/no/token"}, PermanentFailure,
     "AWS_WEB_IDENTITY_TOKEN_FILE): there is no file '/no/token'"),
    ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://evil.example/x"}, InvalidInput,
     "AWS_CONTAINER_CREDENTIALS_FULL_URI (or _RELATIVE_URI): Unsupported host 'evil.example'"),
    ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://169.254.170.23/v1/credentials",
      "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/no/token"}, InvalidInput, "there is no file '/no/token'"),
    ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/x", "AWS_METADATA_SERVICE_NUM_ATTEMPTS": "1"},
     RetryableFailure, "Error retrieving metadata: Received error when attempting to retrieve container metadata"),
    ({"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "x", "AWS_SESSION_TOKEN": f"{SECRET}\n"}, InvalidInput,
     "boto's own credential chain: the session token has a character that no header can carry, such as a line end"),
    ({"AWS_ACCESS_KEY_ID": "AKIA\u2019", "AWS_SECRET_ACCESS_KEY": "x"}, InvalidInput, "the access key has a character"),
    ({"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": f"{SECRET}\r\n"}, InvalidInput,
     "the secret key has a control character"),
    ({"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "x", "AWS_MAX_ATTEMPTS": "three"}, InvalidInput,
     "the S3 client cannot be made: AWS_MAX_ATTEMPTS: invalid literal for int()"),
]  # fmt: skip


@pytest.mark.parametrize(("variables", "kind", "says"), VARIABLES)
def test_a_variable_that_makes_no_credentials_is_named(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], kind: type[CrossCopyError], says: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    # A container's metadata are asked for again after a pause.
    monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)

    with pytest.raises(kind) as caught:
        opened(None)

    text = str(caught.value)
    assert type(caught.value) is kind
    assert says in text
    assert "\n" not in text
    assert SECRET not in text


@pytest.mark.parametrize(
    "proxy",
    [f"http://me:{SECRET}#1@127.0.0.1:1", f"http://me:{SECRET}/1@127.0.0.1:1", f"socks5://me:{SECRET}@127.0.0.1:1"],
)
def test_the_password_of_a_proxy_is_not_shown(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, proxy)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(RetryableFailure) as caught:
        opened(None)

    assert SECRET not in str(caught.value)
