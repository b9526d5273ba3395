"""Pages of listings through boto3: those of the usual form are read without botocore's parser, with the same result."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from s3_crosscopy.adapters.boto.s3 import BotoS3
from s3_crosscopy.adapters.boto.strict_parser import StrictParser
from s3_crosscopy.model.objects import Page
from tests.contract.test_boto_wire import LIST, SOURCE, made
from tests.servers import s3_responses as answers
from tests.servers.http_messages import Response
from tests.servers.stub_rules import always, in_turn
from tests.servers.stub_server import StubServer

ROWS = [answers.Listed("p/a b", 3), answers.Listed("p/ä%", 2**40, storage_class="GLACIER")]
USUAL = answers.list_page(ROWS, prefix="p/", next_token="token")
STRANGE = Response(200, USUAL.headers, USUAL.body.replace(b"</Contents>", b"<New><Er>1</Er></New></Contents>"))
REDIRECT = answers.error("PermanentRedirect", 301, headers={"x-amz-bucket-region": "eu-west-1"})


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore waits up to a second before its first retry."""
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda seconds: None))


@pytest.fixture
def s3(stub: StubServer) -> BotoS3:
    return made(stub, attempts=2)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The bodies that botocore parses."""
    bodies: list[bytes] = []
    parse = StrictParser.parse

    def recorded(parser: StrictParser, response: Any, shape: Any) -> Any:
        bodies.append(response["body"])
        return parse(parser, response, shape)

    monkeypatch.setattr(StrictParser, "parse", recorded)
    return bodies


def is_whole(page: Page) -> bool:
    return [(row.key, row.size) for row in page.objects] == [row[:2] for row in ROWS] and page.next_token == "token"


def test_botocore_gets_no_row_of_a_usual_page(s3: BotoS3, stub: StubServer, parsed: list[bytes]) -> None:
    stub.rules = [always("ListObjectsV2", USUAL)]

    page = s3.list_page(LIST)

    assert is_whole(page)
    assert page.date
    assert len(parsed) == 1
    assert b"<Contents>" not in parsed[0]


def test_botocore_parses_a_page_with_a_strange_row(s3: BotoS3, stub: StubServer, parsed: list[bytes]) -> None:
    stub.rules = [in_turn("ListObjectsV2", USUAL, STRANGE)]

    quick, slow = s3.list_page(LIST), s3.list_page(LIST)

    assert slow.objects == quick.objects
    assert slow.next_token == quick.next_token
    assert parsed[1] == STRANGE.body


def test_other_users_of_the_client_get_botocores_rows(s3: BotoS3, stub: StubServer) -> None:
    stub.rules = [always("ListObjectsV2", USUAL)]
    s3.list_page(LIST)

    payload = s3.client.list_objects_v2(Bucket=SOURCE.name)

    assert [row["Key"] for row in payload["Contents"]] == [row.key for row in ROWS]
    assert payload["NextContinuationToken"] == "token"


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(answers.error("InternalError", 500), id="500"),
        pytest.param(answers.late(answers.error("InternalError", 500)), id="an error in a 200"),
        pytest.param(Response(200, USUAL.headers, USUAL.body[:-30]), id="cut"),
    ],
)
def test_a_page_is_read_after_a_retry(s3: BotoS3, stub: StubServer, first: Response, parsed: list[bytes]) -> None:
    stub.rules = [in_turn("ListObjectsV2", first, USUAL)]

    assert is_whole(s3.list_page(LIST))

    assert b"<Contents>" not in parsed[-1]
    assert len(stub.requests_of("ListObjectsV2")) == 2


def test_a_page_is_read_after_a_redirect(s3: BotoS3, stub: StubServer) -> None:
    region = Response(headers={"x-amz-bucket-region": "eu-west-1"})
    stub.rules = [in_turn("ListObjectsV2", REDIRECT, USUAL), always("HeadBucket", region)]

    assert is_whole(s3.list_page(LIST))
