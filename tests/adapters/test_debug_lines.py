"""What botocore and urllib3 log at DEBUG has no secret in it, neither of ours nor of an answer."""

from __future__ import annotations

import logging

import boto3
import pytest

from s3_crosscopy.adapters.boto.clients import S3Clients
from s3_crosscopy.adapters.boto.debug_lines import redact_debug_lines
from s3_crosscopy.adapters.boto.redaction import remember
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.operations import ListPage, Side
from tests.servers import s3_responses as answers
from tests.servers.stub_rules import always
from tests.servers.stub_server import StubServer

SECRET, TOKEN = "secretCanary/0123456789", "tokenCanary//0123456789=="


def test_a_request_is_logged_without_its_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    remember(SECRET, TOKEN)
    session = boto3.Session("AKIA", SECRET, TOKEN, region_name="us-east-1")
    with StubServer.start(always("ListObjectsV2", answers.list_page([]))) as server:
        s3 = S3Clients(session, endpoint_url=server.endpoint_url)._of_region("us-east-1", 4)
        s3.list_page(ListPage(Side.SOURCE, Bucket("b"), "p/"))

    assert "x-amz-security-token:***" in caplog.text
    assert SECRET not in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    "line",
    [
        "b'<Credentials><SecretAccessKey>{0}</SecretAccessKey><SessionToken>{0}</SessionToken></Credentials>'",
        '{{"roleCredentials":{{"secretAccessKey":"{0}","sessionToken":"{0}"}}}}',
        "{{'body': {{'WebIdentityToken': '{0}'}}}}",
    ],
)
def test_credentials_that_come_in_an_answer_are_not_logged_either(caplog: pytest.LogCaptureFixture, line: str) -> None:
    caplog.set_level(logging.DEBUG)
    redact_debug_lines()

    logging.getLogger("botocore.parsers").debug("Response body:\n%s", line.format("never/Known+0123"))

    assert "never" not in caplog.text
    assert caplog.text.count("***") == line.count("{0}")


def test_an_errors_traceback_is_logged_without_them(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    remember(TOKEN)
    redact_debug_lines()

    try:
        raise ValueError(f"Odd {TOKEN}")
    except ValueError:
        logging.getLogger("botocore.httpsession").debug("Exception received", exc_info=True)

    assert "ValueError: Odd ***" in caplog.text
    assert TOKEN not in caplog.text


def test_a_logger_gets_one_filter_however_often_it_is_asked_for() -> None:
    redact_debug_lines()
    before = list(logging.getLogger("botocore.parsers").filters)
    redact_debug_lines()

    assert logging.getLogger("botocore.parsers").filters == before
    assert not logging.getLogger("s3_crosscopy").filters
