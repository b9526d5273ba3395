"""Retries are botocore's: its attempts, its modes, its quota, its conditions. Only the waiting is ours."""

from __future__ import annotations

from itertools import count

import pytest

from s3_crosscopy.adapters.fast.retries import FULL
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.operations import Copied, TransportOp
from s3_crosscopy.model.outcomes import Reason
from tests.fast.transports import COPY, LIST, LONG_S, PART, ends, error, lane_over, port, value
from tests.servers import s3_responses as answers
from tests.servers.http_messages import DROP, Response
from tests.servers.stub_rules import always, in_turn
from tests.servers.stub_server import StubServer

INTERNAL = answers.error("InternalError", 500)
SLOW_DOWN = answers.error("SlowDown", 503)
DENIED = answers.error("AccessDenied", 403)
CALLS: dict[str, TransportOp] = {"ListObjectsV2": LIST, "CopyObject": COPY, "UploadPartCopy": PART}
GOOD = [
    always("ListObjectsV2", answers.list_page([])),
    always("CopyObject", answers.copy_result("abc")),
    always("UploadPartCopy", answers.part_result("abc")),
]
PASSING = {
    "500": INTERNAL,
    "502": Response(502),
    "503": SLOW_DOWN,
    "504": Response(504),
    "throttled": answers.error("RequestLimitExceeded", 400),
    "time-out": answers.error("RequestTimeout", 400),
    "500-inside-a-200": answers.late(INTERNAL),
    "503-inside-a-200": answers.late(SLOW_DOWN),
    "half-an-answer": Response(200, {}, b"<CopyObjectResult><ETag>"),
    "reset": DROP,
}


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("answer", PASSING.values(), ids=PASSING.keys())
def test_what_passes_is_tried_again_as_often_as_the_client_says(stub: StubServer, call: str, answer: Response) -> None:
    transport = lane_over(port(stub.endpoint_url, retries={"mode": "standard", "total_max_attempts": 4}))
    stub.rules = [in_turn(call, answer, answer, answer), *GOOD]

    value(transport, CALLS[call])

    assert len(stub.requests) == 4
    stub.rules = [always(call, answer)]
    assert error(transport, CALLS[call]).reason in (Reason.SERVER, Reason.THROTTLED, Reason.TIMED_OUT)
    assert len(stub.requests) == 8
    transport.close(LONG_S)


@pytest.mark.parametrize("answer", [DENIED, answers.error("NoSuchKey", 404), answers.error("PreconditionFailed", 412)])
def test_what_does_not_pass_costs_one_request(stub: StubServer, answer: Response) -> None:
    transport = lane_over(port(stub.endpoint_url))
    stub.rules = [always("CopyObject", answer)]

    error(transport, COPY)

    assert len(stub.requests) == 1
    transport.close(LONG_S)


@pytest.mark.parametrize("answer", [*PASSING.values(), DENIED], ids=[*PASSING.keys(), "denied"])
@pytest.mark.parametrize("mode", ["standard", "legacy", "adaptive"])
def test_every_mode_tries_as_often_and_ends_as_botocore_itself(
    stub: StubServer, monkeypatch: pytest.MonkeyPatch, mode: str, answer: Response
) -> None:
    monkeypatch.setattr("botocore.retryhandler.random.random", lambda: 0.0)
    monkeypatch.setattr("botocore.retries.bucket.TokenBucket.acquire", lambda self, amount=1, block=True: True)
    stub.rules = [always("CopyObject", answer)]

    client = port(stub.endpoint_url, retries={"mode": mode, "total_max_attempts": 3})
    transport = lane_over(client)

    ours = error(transport, COPY)

    sent = len(stub.requests)
    with pytest.raises(S3Error) as caught:
        client.copy(COPY)
    theirs = caught.value
    assert len(stub.requests) == 2 * sent
    assert (ours.code, ours.status, ours.reason) == (theirs.code, theirs.status, theirs.reason)
    assert ours.message == theirs.message
    transport.close(LONG_S)


def test_the_quota_is_one_with_the_clients_own_and_ends_retries_when_it_is_empty(stub: StubServer) -> None:
    client = port(stub.endpoint_url, retries={"mode": "standard", "total_max_attempts": 2})
    transport = lane_over(client)
    stub.rules = [always("CopyObject", INTERNAL)]
    for number in range(60):
        transport.submit(COPY, number)
    ends(transport)

    # 500 tokens, 14 a retry.
    assert len(stub.requests) == 60 + 500 // 14
    before = len(stub.requests)
    with pytest.raises(S3Error):
        client.copy(COPY)
    assert len(stub.requests) == before + 1
    transport.close(LONG_S)


def test_successes_fill_the_quota_again(stub: StubServer) -> None:
    transport = lane_over(port(stub.endpoint_url, retries={"mode": "standard", "total_max_attempts": 2}))
    stub.rules = [always("CopyObject", INTERNAL)]
    for number in range(60):
        transport.submit(COPY, number)
    ends(transport)
    stub.rules = list(GOOD)
    for number in range(20):
        transport.submit(PART, number)
    ends(transport)
    stub._requests.clear()
    stub.rules = [always("CopyObject", INTERNAL)]

    error(transport, COPY)
    error(transport, COPY)

    # What was left (500 modulo 14) and 20 tokens more are for two retries.
    assert len(stub.requests) == 4
    assert FULL == 500
    transport.close(LONG_S)


def test_a_retry_is_signed_anew(stub: StubServer) -> None:
    transport = lane_over(port(stub.endpoint_url))
    seconds = count(1_767_225_600)
    transport._dest._now = lambda: float(next(seconds))
    stub.rules = [in_turn("CopyObject", INTERNAL), *GOOD]

    value(transport, COPY)

    first, second = (str(request.headers["X-Amz-Date"]) for request in stub.requests)
    assert first < second
    transport.close(LONG_S)


def test_an_error_carries_the_request_id_of_its_own_answer(stub: StubServer) -> None:
    transport = lane_over(port(stub.endpoint_url))
    stub.rules = [
        in_turn("CopyObject", answers.error("InternalError", 500, headers={"x-amz-request-id": "FIRST"})),
        always("CopyObject", answers.error("AccessDenied", 403, headers={"x-amz-request-id": "SECOND"})),
    ]

    refused = error(transport, COPY)

    assert refused.request_id in ("SECOND", "STUB")
    assert "FIRST" not in str(refused)
    transport.close(LONG_S)


def test_checksums_are_told_as_botocore_tells_them(stub: StubServer) -> None:
    client = port(stub.endpoint_url)
    transport = lane_over(client)
    inner = "<LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;abc&quot;</ETag>"
    sums = "<ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType>"
    stub.rules = [
        always("CopyObject", answers.xml("CopyObjectResult", inner + sums)),
        always("UploadPartCopy", answers.xml("CopyPartResult", inner + sums)),
    ]

    assert value(transport, COPY) == client.copy(COPY)
    assert value(transport, PART) == client.copy_part(PART)
    transport.close(LONG_S)


@pytest.mark.parametrize(
    "body", [b"", b"<html/>", b"<CopyObjectResult></CopyObjectResult>", b"<CopyObjectResult><ETag/>"]
)
def test_an_answer_without_what_it_should_hold_is_the_error_that_it_is_for_botocore(
    stub: StubServer, body: bytes
) -> None:
    client = port(stub.endpoint_url, retries={"mode": "standard", "total_max_attempts": 1})
    transport = lane_over(client)
    stub.rules = [always("CopyObject", Response(200, {}, body))]

    ours = error(transport, COPY)

    with pytest.raises(S3Error) as theirs:
        client.copy(COPY)
    assert str(ours) == str(theirs.value)
    transport.close(LONG_S)


def test_a_success_with_words_that_nobody_knows_is_a_success(stub: StubServer) -> None:
    transport = lane_over(port(stub.endpoint_url))
    inner = "<New><Er>1</Er></New><ETag>&#x22;abc&#x22;</ETag>"
    stub.rules = [always("CopyObject", answers.xml("CopyObjectResult", inner))]

    assert value(transport, COPY) == Copied("abc")
    transport.close(LONG_S)


def test_many_fail_and_succeed_in_any_order_and_each_has_one_end(stub: StubServer) -> None:
    transport = lane_over(port(stub.endpoint_url, retries={"mode": "standard", "total_max_attempts": 2}))
    stub.rules = [in_turn("CopyObject", *[INTERNAL, answers.copy_result("abc"), DROP, SLOW_DOWN, DENIED] * 6), *GOOD]
    for number in range(60):
        transport.submit(COPY, number)

    done = ends(transport)

    assert sorted(done, key=str) == sorted(range(60), key=str)
    assert all((one.value is None) != (one.error is None) for one in done.values())
    transport.close(LONG_S)
