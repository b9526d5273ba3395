"""Who a principal is, and a profile's role, are asked of servers that may do their worst too."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from s3_crosscopy.adapters.boto import response_limits as bounded_answers
from s3_crosscopy.adapters.boto.clients import S3Clients
from s3_crosscopy.adapters.boto.sessions import access
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model import input_limits as limits
from tests.faults.hostile_server import HostileServer

MOST_S = 8.0
OVER = {"endless-body": "128 KiB", "endless-error": "128 KiB", "endless-head": "300 KiB", "drip-body": "1 seconds"}


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    with HostileServer.start() as server:
        yield server


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "IDENTITY", limits.IDENTITY._replace(most=1))
    monkeypatch.setattr(bounded_answers, "_READ_TIMEOUTS", 0)


@pytest.mark.parametrize("harm", OVER)
def test_an_answer_of_sts_is_bounded(server: HostileServer, harm: str) -> None:
    session = boto3.Session("AKIA", "secret", region_name="us-east-1")
    principal = S3Clients(session, sts_endpoint_url=f"{server.endpoint_url}/{harm}")
    began = time.monotonic()

    with pytest.raises(S3Error) as caught:
        principal.caller_identity()

    assert caught.value.code == ("AnswerTooSlow" if harm.startswith("drip") else "AnswerTooLarge")
    assert OVER[harm] in caught.value.message
    assert time.monotonic() - began < MOST_S


@pytest.mark.parametrize("harm", OVER)
def test_so_is_the_answer_that_a_profiles_role_comes_in(
    server: HostileServer, harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config"
    config.write_text(
        "[profile base]\naws_access_key_id=AKIA\naws_secret_access_key=secretsecret\nregion=us-east-1\n"
        "[profile role]\nrole_arn=arn:aws:iam::111122223333:role/r\nsource_profile=base\nregion=us-east-1\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"{server.endpoint_url}/{harm}")
    found = access(None, "role", "profile", endpoint_url=None, region_name=None, verify=None, config=None)
    began, asked = time.monotonic(), len(server.asked)

    with pytest.raises(S3Error) as caught:
        found.caller_identity()

    assert OVER[harm] in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(server.asked) == asked + 1
    assert time.monotonic() - began < MOST_S
