"""The transport signs with the existing credentials, and never fetches new ones: the loop would wait for them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import boto3
import pytest
from botocore.config import Config
from botocore.credentials import DeferredRefreshableCredentials, RefreshableCredentials
from botocore.session import Session

from s3_crosscopy.adapters.boto.clients import S3Clients
from s3_crosscopy.adapters.boto.credential_refresh import CredentialsFailed, refresh_late_enough
from s3_crosscopy.adapters.boto.current_credentials import current, due, refreshes
from s3_crosscopy.adapters.boto.s3 import BotoS3
from s3_crosscopy.model.operations import Copied
from s3_crosscopy.model.outcomes import Reason
from tests.fast.transports import COPY, LIST, LONG_S, ends, error, lane_over, port, value
from tests.servers import s3_responses as answers
from tests.servers.accounts import REGION
from tests.servers.http_messages import Request, Response
from tests.servers.stub_rules import always
from tests.servers.stub_server import StubServer
from tests.waiting import wait_until

COPIED = always("CopyObject", answers.copy_result("abc"))


def in_s(left_s: float) -> datetime:
    return datetime.now(timezone.utc) + timedelta(seconds=left_s)


def credentials(left_s: float, refresh: Callable[[], dict[str, str]]) -> RefreshableCredentials:
    return RefreshableCredentials("AKOLD", "secret", "token", in_s(left_s), refresh, "assume-role")


def port_of(stub: StubServer, found: RefreshableCredentials) -> BotoS3:
    core = Session()
    core._credentials = found
    core.set_config_variable("region", REGION)
    config = Config(s3={"addressing_style": "path"}, proxies={})
    access = S3Clients(boto3.Session(botocore_session=core), endpoint_url=stub.endpoint_url, config=config)
    return BotoS3(access._client(REGION, 16))


class Refresh:
    """Notes by whom it is called."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []

    def __call__(self) -> dict[str, str]:
        self.threads.append(threading.current_thread())
        return {"access_key": "AKNEW", "secret_key": "s", "token": "t", "expiry_time": in_s(3600).isoformat()}


def test_credentials_that_are_due_are_signed_with_and_not_refreshed_by_the_transport(stub: StubServer) -> None:
    stub.rules = [COPIED]
    refresh = Refresh()
    transport = lane_over(port_of(stub, credentials(14 * 60, refresh)))
    seconds = iter(range(2_000_000_000, 2_000_000_100))
    transport._dest._now = lambda: next(seconds)
    for number in range(20):
        transport.submit(COPY, number)
    assert all(done.error is None for done in ends(transport).values())
    transport.close(0)
    assert refresh.threads == []
    assert all("Credential=AKOLD/" in request.headers["Authorization"] for request in stub.requests)


def test_a_refresh_by_somebody_else_is_seen_with_the_next_second(stub: StubServer) -> None:
    stub.rules = [COPIED]
    source = port_of(stub, credentials(14 * 60, Refresh()))
    transport = lane_over(source)
    value(transport, COPY)
    assert source.refresh_due()
    assert source.refresh()
    assert not source.refresh_due()
    transport._dest._now = lambda: 2_000_000_000
    value(transport, COPY)
    transport.close(0)
    assert "Credential=AKNEW/" in stub.requests[-1].headers["Authorization"]


@pytest.mark.parametrize("op", [COPY, LIST])
def test_credentials_that_have_ended_are_an_error_of_the_request_which_is_not_sent(
    stub: StubServer, op: object
) -> None:
    refresh = Refresh()
    transport = lane_over(port_of(stub, credentials(-1, refresh)))
    met = error(transport, op)  # type: ignore[arg-type]
    transport.close(0)
    assert (met.code, met.reason) == ("CredentialsExpired", Reason.CREDENTIALS)
    assert (stub.requests, refresh.threads) == ([], [])


def test_credentials_that_were_never_fetched_are_none_yet() -> None:
    found = DeferredRefreshableCredentials(Refresh(), "assume-role")
    assert refreshes(found)
    assert due(found)
    with pytest.raises(CredentialsFailed):
        current(found)
    found.get_frozen_credentials()
    assert current(found).access_key == "AKNEW"


def test_plain_keys_are_what_they_are() -> None:
    found = boto3.Session("AK", "SK").get_credentials()
    assert not refreshes(found)
    assert not due(found)
    assert current(found).access_key == "AK"
    assert current(None) is None


def test_credentials_that_cannot_be_refreshed_stay_in_use_until_they_end(stub: StubServer) -> None:
    """botocore would fail every request in the last ten minutes of what is still good."""
    stub.rules = [COPIED]

    def fails() -> dict[str, str]:
        raise ValueError("STS is away")

    found = credentials(60, fails)
    refresh_late_enough(found)
    source = port_of(stub, found)
    assert source.copy(COPY) == Copied("abc")
    assert source.refresh() is False


def test_answers_that_have_come_are_read_before_a_silence_is_judged(stub: StubServer) -> None:
    """The loop may have been away, or the machine asleep, for longer than the read time-out."""
    came, answer_now = threading.Semaphore(0), threading.Event()
    here = answers.copy_result("abc")

    def rule(request: Request) -> Response:
        came.release()
        assert answer_now.wait(LONG_S)
        return here

    stub.rules = [rule]
    transport = lane_over(
        port(stub.endpoint_url, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 1})
    )
    for number in range(10):
        transport.submit(COPY._replace(source_key=f"k{number}"), number)
    sent = 0
    while sent < 10:
        transport._multi._run_timer()
        transport._multi._run_sockets(0.01)
        sent += came.acquire(blocking=False)
    answer_now.set()
    wait_until(lambda: len(transport._multi._poller.poll(0)) == 10, LONG_S, lambda: "an answer did not come")
    transport._next_check = 0.0
    for transfer in transport._multi.running():
        transfer.quiet_since -= 60
    assert [done.error for done in ends(transport).values()] == [None] * 10
    transport.close(0)
