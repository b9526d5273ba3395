"""What every transport does (`tests/contract/test_transports.py`), of the fast one: at the wire."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from s3_crosscopy.adapters.fast import curl_transport
from s3_crosscopy.adapters.fast.curl_transport import CurlTransport
from s3_crosscopy.adapters.fast.request_capture import MARK
from s3_crosscopy.model.objects import Page, Part
from s3_crosscopy.model.operations import Copied, Copy, CopyPart, Done, ListPage, Side, Throttled
from s3_crosscopy.model.outcomes import Reason
from tests.fast.transports import COPY, DEST, LIST, LONG_S, PART, ends, error, lane_over, port, reap_all, value
from tests.servers import s3_responses as answers
from tests.servers.accounts import Account
from tests.servers.http_messages import DROP, Answer, Request, Response
from tests.servers.stub_rules import always, in_turn
from tests.servers.stub_server import StubServer

EVERYTHING = [
    always("ListObjectsV2", answers.list_page([answers.Listed("p/a")])),
    always("CopyObject", answers.copy_result("abc")),
    always("UploadPartCopy", answers.part_result("abc")),
]
INTERNAL = answers.error("InternalError", 500)


def held(stub: StubServer) -> threading.Event:
    """Every answer waits for the event, or for the end of the test."""
    gate = threading.Event()

    def rule(request: Request) -> Answer | None:
        while not gate.wait(0.01) and not stub.stopping.is_set():
            pass
        return None

    stub.rules = [rule, *EVERYTHING]
    return gate


def test_each_request_ends_once_with_its_own_token_and_its_own_kind_of_answer(
    transport: CurlTransport, stub: StubServer
) -> None:
    stub.rules = list(EVERYTHING)
    tokens = {object(): op for op in (LIST, COPY, PART) for _ in range(20)}
    for token, op in tokens.items():
        transport.submit(op, token)
    assert transport.in_flight() == 60

    done = ends(transport)

    assert done.keys() == tokens.keys()
    kinds = {token: type(one.value) for token, one in done.items()}
    wanted = {ListPage: Page, Copy: Copied, CopyPart: Part}
    assert kinds == {token: wanted[type(op)] for token, op in tokens.items()}
    assert transport.reap(0) == []


def test_what_came_at_once_is_read_a_little_at_a_time(
    transport: CurlTransport, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curl_transport, "READ_AT_ONCE_BYTES", 1)
    stub.rules = list(EVERYTHING)
    for number in range(5):
        transport.submit(LIST, number)
    told = []
    while transport.in_flight():
        told.append([one.token for one in transport.reap(LONG_S) if isinstance(one, Done)])

    assert sorted(told) == [[number] for number in range(5)]
    assert transport.reap(0) == []


def test_the_source_is_listed_by_its_reader_and_all_else_done_by_the_copier(stub: StubServer) -> None:
    stub.rules = list(EVERYTHING)
    reader, copier = (port(stub.endpoint_url, Account(name, name, "secret")) for name in ("READER", "COPIER"))
    transport = lane_over(reader, copier)
    for op in (LIST, ListPage(Side.DEST, DEST, ""), COPY, PART):
        value(transport, op)
    transport.close(LONG_S)

    signed = [request.headers["Authorization"].split("Credential=")[1].split("/")[0] for request in stub.requests]
    assert signed == ["READER", "COPIER", "COPIER", "COPIER"]


def test_an_s3_error_is_a_value_and_others_go_on(transport: CurlTransport, stub: StubServer) -> None:
    denied = answers.error("AccessDenied", 403)
    stub.rules = [lambda request: denied if request.key == "b" else None, *EVERYTHING]
    for key in "abc":
        transport.submit(COPY._replace(dest_key=key), key)

    done = ends(transport)

    assert {key: one.error and one.error.reason for key, one in done.items()} == {
        "a": None,
        "b": Reason.DENIED,
        "c": None,
    }


def test_what_botocore_refuses_to_send_is_an_error_and_not_a_raise(stub: StubServer) -> None:
    transport = lane_over(port(stub.endpoint_url), alone=False)

    refused = error(transport, COPY._replace(dest_key=""))

    assert (refused.code, refused.reason) == ("ParamValidationError", Reason.INVALID)
    assert stub.requests == []
    transport.close(LONG_S)


def test_what_botocore_refuses_in_a_sample_names_the_real_key(transport: CurlTransport, stub: StubServer) -> None:
    refused = error(transport, COPY._replace(args={"Colour": "red"}))

    assert (refused.code, refused.bucket, refused.key) == ("ParamValidationError", "src", "key")
    assert MARK not in f"{refused}{refused!r}"
    assert stub.requests == []


def test_credentials_that_cannot_be_refreshed_are_an_error_and_not_a_raise(
    transport: CurlTransport, stub: StubServer
) -> None:
    stub.rules = list(EVERYTHING)
    value(transport, COPY)
    expired = ClientError(
        {"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "AssumeRole"
    )

    def refuse(*_: str) -> None:
        raise expired

    transport._dest._now = lambda: 2e9
    transport._dest._capture.credentials = refuse  # type: ignore[method-assign]

    assert error(transport, COPY).reason is Reason.DENIED
    assert len(stub.requests) == 1


def test_an_idle_reap_comes_back_empty(transport: CurlTransport) -> None:
    assert transport.reap(0) == []
    assert transport.reap(0.001) == []
    assert transport.in_flight() == 0


def test_a_wake_ends_a_reap_even_when_it_comes_first(transport: CurlTransport) -> None:
    transport.wake()

    assert transport.reap(LONG_S) == []


def test_a_wake_from_another_thread_ends_a_reap_that_waits_for_an_answer(
    transport: CurlTransport, stub: StubServer
) -> None:
    gate = held(stub)
    transport.submit(COPY, 1)
    timer = threading.Timer(0.05, transport.wake)
    timer.start()

    assert transport.reap(LONG_S) == []

    timer.join()
    gate.set()
    assert ends(transport)[1].error is None


def test_many_wakes_are_one_and_a_closed_transport_may_be_woken(transport: CurlTransport) -> None:
    for _ in range(100_000):
        transport.wake()
    assert transport.reap(LONG_S) == []
    assert transport.reap(0) == []
    transport.close(0)

    transport.wake()


def test_a_closed_transport_takes_nothing_and_may_be_closed_again(transport: CurlTransport, stub: StubServer) -> None:
    stub.rules = list(EVERYTHING)
    value(transport, LIST)

    assert list(transport.close(LONG_S)) == []
    assert list(transport.close(LONG_S)) == []
    with pytest.raises(RuntimeError, match="after close"):
        transport.submit(LIST, 2)


def test_close_tells_what_did_not_end_within_the_grace(transport: CurlTransport, stub: StubServer) -> None:
    held(stub)
    for number in range(3):
        transport.submit(COPY, number)

    assert sorted(transport.close(0.05), key=str) == [0, 1, 2]

    assert transport.in_flight() == 0


def test_close_waits_for_what_is_on_its_way(transport: CurlTransport, stub: StubServer) -> None:
    gate = held(stub)
    transport.submit(COPY, 1)
    timer = threading.Timer(0.05, gate.set)
    timer.start()

    assert list(transport.close(LONG_S)) == []

    timer.join()
    assert len(stub.requests) == 1


def test_close_begins_no_other_attempt(
    transport: CurlTransport, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 60.0)
    stub.rules = [always("CopyObject", INTERNAL)]
    transport.submit(COPY, "waits")
    while not transport._waiting:
        transport.reap(0.05)
    assert transport.in_flight() == 1

    assert list(transport.close(LONG_S)) == ["waits"]
    assert len(stub.requests) == 1


def test_a_waiting_retry_does_not_hold_up_others(
    transport: CurlTransport, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 60.0)
    stub.rules = [in_turn("CopyObject", INTERNAL), *EVERYTHING]
    transport.submit(COPY, "waits")
    while not transport._waiting:
        transport.reap(0.05)
    transport.submit(LIST, "goes on")

    told = transport.reap(LONG_S)

    assert [one.token for one in told if not isinstance(one, Throttled)] == ["goes on"]
    assert transport.in_flight() == 1


def test_a_kept_connection_that_breaks_is_an_attempt_and_nothing_is_sent_twice_unasked(stub: StubServer) -> None:
    """libcurl by itself would send the request again."""
    transport = lane_over(port(stub.endpoint_url, retries={"mode": "standard", "total_max_attempts": 1}))
    stub.rules = list(EVERYTHING)
    value(transport, COPY)
    stub.rules = [always("CopyObject", DROP)]

    failed = error(transport, COPY)

    assert (failed.code, failed.reason) == ("ConnectionClosed", Reason.TIMED_OUT)
    assert len(stub.requests) == 2
    transport.close(LONG_S)


def test_connections_are_kept_and_nothing_leaks_over_ten_thousand_requests(
    transport: CurlTransport, stub: StubServer
) -> None:
    stub.rules = list(EVERYTHING)
    submitted = ended = 0
    files: set[int] = set()
    while ended < 10_000:
        while submitted < 10_000 and transport.in_flight() < 8:
            transport.submit(COPY, submitted)
            submitted += 1
        ended += len(transport.reap(LONG_S))
        if ended % 100 == 0:
            files.add(len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").exists() else 0)

    assert transport._idle.number() <= 8
    # Client and server are one process: two descriptors a connection.
    assert max(files) - min(files) <= 2 * 8
    assert len(transport._dest._templates) == 1


def test_failed_transfers_leave_no_handle_and_no_descriptor(transport: CurlTransport, stub: StubServer) -> None:
    stub.rules = [always("CopyObject", DROP)]
    for _ in range(50):
        error(transport, COPY)

    assert transport._idle.number() == 0
    assert transport._multi.running() == []


THERE = {"x-amz-bucket-region": "eu-west-1"}
MALFORMED = answers.xml(
    "Error",
    "<Code>AuthorizationHeaderMalformed</Code><Message>wrong Region</Message><Region>eu-west-1</Region>",
    status=400,
    namespace=False,
)


@pytest.mark.parametrize(
    "moved",
    [
        pytest.param(answers.error("PermanentRedirect", 301, headers=THERE), id="301"),
        pytest.param(answers.error("TemporaryRedirect", 307, headers=THERE), id="307"),
        pytest.param(MALFORMED, id="400"),
    ],
)
def test_a_bucket_of_another_region_goes_to_botocore_from_then_on(stub: StubServer, moved: Response) -> None:
    def wrong_region(request: Request) -> Answer | None:
        return moved if request.bucket == "dst" and not there(request) else None

    def there(request: Request) -> bool:
        return "/eu-west-1/" in str(request.headers["Authorization"])

    stub.rules = [wrong_region, always("HeadBucket", Response(200, THERE)), *EVERYTHING]
    transport = lane_over(port(stub.endpoint_url), alone=False)

    assert isinstance(value(transport, COPY), Copied)
    sent = len(stub.requests)
    value(transport, COPY)
    value(transport, LIST)

    assert [there(request) for request in stub.requests[sent:]] == [True, False]
    assert transport._redirected == {(Side.DEST, "dst")}
    transport.close(LONG_S)


def test_throttled_attempts_are_told_once(transport: CurlTransport, stub: StubServer) -> None:
    stub.rules = [in_turn("CopyObject", answers.error("SlowDown", 503)), *EVERYTHING]
    transport.submit(COPY, 1)

    told = [one.attempts for one in reap_all(transport) if isinstance(one, Throttled)]

    assert told == [1]
    assert transport.reap(0) == []
