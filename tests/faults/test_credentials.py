"""Tokens that end in mid-run: renewed once from where they came from, and named when nothing newer is to be had.

A later run may have newer ones: such a failure may be retried.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import ClientError, CredentialRetrievalError, EndpointConnectionError
from botocore.session import get_session

from s3_crosscopy import PermanentFailure, Reason, RetryableFailure
from s3_crosscopy.adapters.fast.request_builder import RequestBuilder
from tests.faults.harness import IN_PARTS, KEYS, LARGE, SOURCE_PREFIX, World
from tests.servers.accounts import Account
from tests.servers.http_messages import Answer, Request, Response
from tests.servers.moto import DST_ACCOUNT_ID, MotoServer
from tests.servers.s3_responses import error
from tests.servers.stub_rules import forward_all
from tests.servers.stub_server import Rule

EXPIRED = error("ExpiredToken", 400, "The provided token has expired.")


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What may pass is not waited for here, but where a test says so."""
    monkeypatch.setattr("s3_crosscopy.core.renewal_rules.PATIENCE_S", 0.0)


class Profile:
    """A profile `copier` in a credentials file, as some other process renews it."""

    def __init__(self, path: Path, moto: MotoServer) -> None:
        self._path = path
        self._moto = moto
        self.account = moto.dst
        self.write(moto.dst)

    def write(self, account: Account) -> None:
        self.account = account
        lines = [
            "[copier]",
            f"aws_access_key_id={account.access_key}",
            f"aws_secret_access_key={account.secret_key}",
            f"aws_session_token={account.session_token}",
        ]
        self._path.write_text("\n".join(lines), encoding="utf-8")

    def renew(self) -> None:
        """New credentials of the same account."""
        self.write(self._moto.assume(DST_ACCOUNT_ID))


@pytest.fixture
def profile(tmp_path: Path, moto: MotoServer, monkeypatch: pytest.MonkeyPatch) -> Profile:
    path = tmp_path / "credentials"
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    return Profile(path, moto)


def expires_at(call: str, token: str | None, then: Callable[[], object] = lambda: None) -> Rule:
    """With the first request of this call the token ends, for every request there is; `then` happens at once.

    A HEAD's refusal has no body, and no code therefore: 400 Bad Request.
    """
    lock = threading.Lock()
    ended = False

    def rule(request: Request) -> Answer | None:
        nonlocal ended
        with lock:
            if request.operation == call and not ended:
                ended = True
                then()
        if not ended or request.headers.get("x-amz-security-token") != token:
            return None
        return Response(400) if request.method == "HEAD" else EXPIRED

    return rule


def for_an_hour(account: Account) -> dict[str, str | None]:
    """The account's credentials as botocore refreshes them."""
    ends = (datetime.now(timezone.utc) + timedelta(hours=1)).isoformat()
    keys = {"access_key": account.access_key, "secret_key": account.secret_key, "token": account.session_token}
    return {**keys, "expiry_time": ends}


def refreshing(account: Account, refresh: Callable[[], dict[str, str | None]]) -> boto3.Session:
    """A caller's session: with the account's credentials, which know how to get new ones."""
    core = get_session()
    core._credentials = RefreshableCredentials.create_from_metadata(
        for_an_hour(account), refresh_using=refresh, method="test"
    )
    return boto3.Session(botocore_session=core)


@pytest.mark.parametrize("call", ["ListObjectsV2", "CopyObject"])
def test_a_token_that_ends_is_renewed_from_the_profiles_file(world: World, profile: Profile, call: str) -> None:
    world.seed()
    world.script(expires_at(call, profile.account.session_token, profile.renew))

    ended = world.run(profile="copier")

    assert ended.error is None
    assert ended.report.counts["copied"] == len(KEYS)
    world.check(ended.report)
    assert world.finish(profile="copier").counts["skipped"] == len(KEYS)


@pytest.mark.parametrize(
    "call",
    ["CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload"],
)
def test_a_token_that_ends_in_the_middle_of_a_large_copy_is_renewed(world: World, profile: Profile, call: str) -> None:
    world.seed_large()
    world.script(expires_at(call, profile.account.session_token, profile.renew))

    ended = world.run(profile="copier", **IN_PARTS)

    assert ended.error is None
    assert ended.report.counts["copied"] == 1
    assert world.sent("CompleteMultipartUpload") <= 2
    world.check(ended.report)
    world.finish(profile="copier", **IN_PARTS)


def test_a_token_that_ends_with_a_head_is_renewed_too(world: World, profile: Profile) -> None:
    world.seed_large()
    world.script(expires_at("HeadObject", profile.account.session_token, profile.renew))

    ended = world.run(profile="copier", **IN_PARTS)

    assert ended.error is None
    assert ended.report.counts["copied"] == 1
    world.check(ended.report)
    world.finish(profile="copier", **IN_PARTS)


def test_a_token_that_ended_for_good_is_named_for_every_key_it_met(world: World, profile: Profile) -> None:
    world.seed()
    world.script(expires_at("CopyObject", profile.account.session_token))

    ended = world.run(profile="copier")

    assert isinstance(ended.error, RetryableFailure)
    assert {failure.code for failure in ended.report.failures} == {"ExpiredToken"}
    # Each once with the old token, and once with what the file had, which was the same.
    assert world.sent("CopyObject") == 2 * len(KEYS)
    world.check(ended.report, failed=dict.fromkeys(KEYS, Reason.CREDENTIALS))
    profile.renew()
    assert world.finish(profile="copier").counts["copied"] == len(KEYS)


def test_a_session_of_plain_keys_is_not_renewed_and_its_end_is_named(world: World, moto: MotoServer) -> None:
    world.seed()
    world.script(expires_at("CopyObject", moto.dst.session_token))

    ended = world.run()

    assert isinstance(ended.error, RetryableFailure)
    world.check(ended.report, failed=dict.fromkeys(KEYS, Reason.CREDENTIALS))
    assert world.finish().counts["copied"] == len(KEYS)


def test_a_session_of_the_callers_own_that_can_refresh_does_it_before_its_time(world: World, moto: MotoServer) -> None:
    world.seed()
    world.script(expires_at("CopyObject", moto.dst.session_token))

    ended = world.run(session=refreshing(moto.dst, lambda: for_an_hour(moto.assume(DST_ACCOUNT_ID))))

    assert ended.error is None
    assert ended.report.counts["copied"] == len(KEYS)
    world.check(ended.report)


def test_a_session_that_cannot_refresh_any_more_comes_to_the_usual_end_and_says_why(
    world: World, moto: MotoServer, caplog: pytest.LogCaptureFixture
) -> None:
    world.seed()
    world.script(expires_at("CopyObject", moto.dst.session_token))

    ended = world.run(session=refreshing(moto.dst, dict))

    assert isinstance(ended.error, RetryableFailure)
    world.check(ended.report, failed=dict.fromkeys(KEYS, Reason.CREDENTIALS))
    assert "new credentials could not be had: session: its credentials could not be refreshed: " in caplog.text
    assert world.finish().counts["copied"] == len(KEYS)


class Tool:
    """A credential_process, and the profile `copier` that calls it."""

    def __init__(self, folder: Path, account: Account) -> None:
        self._script = folder / "tool"
        ends = (datetime.now(timezone.utc) + timedelta(minutes=5)).isoformat()
        self._good = f"echo '{answer(account.access_key, account.secret_key, str(account.session_token), ends)}'"
        self.config = folder / "config"
        self.config.write_text(f"[profile copier]\ncredential_process = {self._script}\nregion = us-east-1\n")
        self.mend()

    def write(self, line: str) -> None:
        """It runs this line of shell from now on."""
        new = self._script.with_suffix(".new")
        new.write_text(f"#!/bin/sh\n{line}\n")
        new.chmod(0o755)
        new.replace(self._script)

    def mend(self) -> None:
        self.write(self._good)

    def breaks_at(self, call: str, line: str) -> Rule:
        """With the first request of this call it begins to run another line ("" removes it), and what it gave has ended
        for every request behind this one."""
        begun = threading.Event()

        def rule(request: Request) -> Answer | None:
            if begun.is_set():
                return Response(400) if request.method == "HEAD" else EXPIRED
            if request.operation == call:
                begun.set()
                self.write(line) if line else self._script.unlink()
            return None

        return rule


def answer(access_key: str, secret_key: str, token: str, ends: str | None) -> str:
    """What a credential_process prints."""
    keys = {"Version": 1, "AccessKeyId": access_key, "SecretAccessKey": secret_key, "SessionToken": token}
    return json.dumps(keys if ends is None else {**keys, "Expiration": ends})


@pytest.fixture
def tool(tmp_path: Path, moto: MotoServer, monkeypatch: pytest.MonkeyPatch) -> Tool:
    made = Tool(tmp_path, moto.dst)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(made.config))
    return made


BREAKS = {
    "echo 'Session expired, please log in'": "its output is no JSON",
    "echo '[]'": "its output is no JSON object",
    "echo 'session expired' >&2; exit 1": "session expired",
    "exit 1": "it failed without a message",
    "": "there is no file",
    f"echo '{answer('A', 'B', 'C', 'soon')}'": "Unknown string format: soon",
    f"echo '{answer('A', 'B', 'C', '2020-01-01T00:00:00Z')}'": "the new credentials had expired already",
    f"echo '{answer('A', 'B', 'very-secret-ü', '2099-01-01T00:00:00Z')}'": "the session token has a character",
}


@pytest.mark.parametrize(("line", "says"), BREAKS.items(), ids=BREAKS.values())
def test_a_tool_that_gives_no_credentials_any_more_ends_the_run_as_any_other_failure_does(
    world: World, tool: Tool, tmp_path: Path, line: str, says: str
) -> None:
    world.seed()
    world.script(tool.breaks_at("CopyObject", line))
    kept = tmp_path / "kept.json"

    ended = world.run(profile="copier", checkpoint=kept, max_concurrency=1)

    assert isinstance(ended.error, RetryableFailure)
    # The request that broke it was signed before.
    assert (ended.report.counts["copied"], ended.report.counts["failed"]) == (1, len(KEYS) - 1)
    assert {failure.reason for failure in ended.report.failures} == {Reason.CREDENTIALS}
    told = {failure.message for failure in ended.report.failures}
    assert all("profile 'copier': " in one and says in one for one in told), told
    assert "very-secret" not in f"{ended.error}{ended.report.as_dict()}{ended.events}"
    assert kept.exists()
    tool.mend()
    world.script()
    assert world.finish(profile="copier", checkpoint=kept).ok


def test_a_tool_that_gives_no_credentials_any_more_leaves_its_open_upload_told(world: World, tool: Tool) -> None:
    world.seed_large()
    world.script(tool.breaks_at("UploadPartCopy", "echo rubbish"))

    ended = world.run(profile="copier", **IN_PARTS)

    assert isinstance(ended.error, RetryableFailure)
    assert any("unfinished upload" in getattr(event, "text", "") for event in ended.events)
    world.check(ended.report, failed={LARGE: Reason.CREDENTIALS}, orphans=[LARGE])


class Refreshing:
    """A caller's session whose credentials refresh. `ends_at` lets them end soon, or at once, with the first request of
    a call; the refreshes then fail with `error` for so many times."""

    def __init__(self, account: Account, new: Account, error: Exception, fails: int) -> None:
        self._new, self._error, self._fails = new, error, fails
        self.threads: list[threading.Thread] = []
        self.session = refreshing(account, self._refresh)
        self._credentials = self.session.get_credentials()

    def ends_at(self, call: str, left_s: float) -> Rule:
        met = threading.Event()

        def rule(request: Request) -> None:
            if request.operation == call and not met.is_set():
                met.set()
                self._credentials._expiry_time = datetime.now(timezone.utc) + timedelta(seconds=left_s)

        return rule

    def _refresh(self) -> dict[str, str | None]:
        self.threads.append(threading.current_thread())
        if len(self.threads) <= self._fails:
            raise self._error
        return for_an_hour(self._new)


def of_sts(code: str, status: int) -> ClientError:
    said: Any = {"Error": {"Code": code, "Message": "said STS"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(said, "AssumeRole")


BAD_MOMENTS = {
    "the endpoint of a pod": CredentialRetrievalError(provider="container-role", error_msg="connection refused"),
    "STS is not available": of_sts("ServiceUnavailable", 503),
    "STS throttles": of_sts("Throttling", 400),
    "STS is not reached": EndpointConnectionError(endpoint_url="https://sts.amazonaws.com"),
}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trouble that passes is waited for as ever, but asked again about at once."""
    monkeypatch.setattr("s3_crosscopy.core.renewal_rules.PATIENCE_S", 300.0)
    monkeypatch.setattr("s3_crosscopy.engine.credential_renewal.FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr("s3_crosscopy.adapters.boto.credential_refresh.FAILED_FOR_S", 0.0)
    if find_spec("pycurl") is not None:
        # The fast path looks at its credentials once a second: here each request has a second of its own.
        seconds = count(int(time.time()))
        monkeypatch.setattr(
            "s3_crosscopy.adapters.fast.curl_transport.RequestBuilder",
            partial(RequestBuilder, now=lambda: next(seconds)),
        )


@pytest.mark.parametrize("error", BAD_MOMENTS.values(), ids=BAD_MOMENTS)
def test_a_bad_moment_of_what_gives_credentials_is_waited_for(
    world: World, moto: MotoServer, quick: None, error: Exception
) -> None:
    world.seed()
    source = Refreshing(moto.dst, moto.assume(DST_ACCOUNT_ID), error, fails=5)
    world.script(source.ends_at("CopyObject", left_s=-1))

    ended = world.run(session=source.session, max_concurrency=1)

    assert ended.error is None
    assert ended.report.counts["copied"] == len(KEYS)
    assert world.sent("CopyObject") == len(KEYS), "none was sent with credentials that had ended"
    assert threading.main_thread() not in source.threads
    assert len(source.threads) == 6
    world.check(ended.report)


def test_a_refusal_of_sts_is_not_waited_for(world: World, moto: MotoServer, quick: None) -> None:
    world.seed()
    source = Refreshing(moto.dst, moto.dst, of_sts("AccessDenied", 403), fails=1000)
    world.script(source.ends_at("CopyObject", left_s=-1))

    ended = world.run(session=source.session, max_concurrency=1)

    assert ended.error is not None
    assert (ended.report.counts["copied"], ended.report.counts["failed"]) == (1, len(KEYS) - 1)
    assert all("said STS" in failure.message for failure in ended.report.failures)


def test_credentials_that_are_still_good_are_used_while_new_ones_cannot_be_had(
    world: World, moto: MotoServer, caplog: pytest.LogCaptureFixture
) -> None:
    world.seed()
    source = Refreshing(moto.dst, moto.dst, of_sts("AccessDenied", 403), fails=1000)
    world.script(source.ends_at("ListObjectsV2", left_s=120))

    ended = world.run(session=source.session, max_concurrency=1)

    assert ended.error is None
    assert ended.report.counts["copied"] == len(KEYS)
    logged = [record for record in caplog.records if record.name == "botocore.credentials"]
    assert len(logged) <= 3, "not for each request"
    assert all(record.exc_info is None and "\n" not in record.getMessage() for record in logged)


def test_credentials_that_cannot_be_had_before_the_first_page_are_told_as_that_and_not_as_a_matter_of_the_data_path(
    world: World, moto: MotoServer
) -> None:
    world.seed()
    source = Refreshing(moto.dst, moto.dst, ValueError("rubbish"), fails=1000)
    world.script(source.ends_at("HeadBucket", left_s=-1))

    with pytest.raises(PermanentFailure, match=r"^(source|dest): .*session: rubbish"):
        world.run(session=source.session)


def test_a_profile_that_cannot_be_renewed_is_logged_in_one_line_and_not_for_each_request(
    world: World, tool: Tool, caplog: pytest.LogCaptureFixture
) -> None:
    world.seed()
    world.script(tool.breaks_at("CopyObject", "echo rubbish"))

    world.run(profile="copier", max_concurrency=1)

    logged = [record for record in caplog.records if "new credentials could not be had" in record.getMessage()]
    # One for each side.
    assert 1 <= len(logged) <= 2
    assert all(record.exc_info is None and "\n" not in record.getMessage() for record in logged)


@pytest.mark.parametrize("place", ["report", "manifest"])
def test_the_client_of_a_report_or_a_manifest_gets_new_credentials_as_well(
    world: World, profile: Profile, place: str
) -> None:
    world.seed()
    world.reader.put_object(
        Bucket=world.dest, Key="list/keys.txt", Body="\n".join(f"{SOURCE_PREFIX}{key}" for key in KEYS).encode()
    )
    old = profile.account.session_token

    def first_of_it(request: Request) -> bool:
        mine = "/list/" in request.target if place == "manifest" else "/segments/" in request.target
        return mine and request.headers.get("x-amz-security-token") == old

    def rule(request: Request) -> Answer | None:
        if not first_of_it(request):
            return None
        profile.renew()
        return EXPIRED

    world.script(rule)
    where = f"s3://{world.dest}/list/"
    given = {"report": where} if place == "report" else {"manifest": f"{where}keys.txt"}

    ended = world.run(profile="copier", **given)

    assert ended.error is None
    assert ended.report.counts["copied"] == len(KEYS)


def test_a_token_that_ended_for_good_in_mid_upload_is_named_and_its_upload_told(world: World, profile: Profile) -> None:
    """Nobody can abort without credentials: the key and the upload that stays are both said."""
    world.seed_large()
    world.script(expires_at("UploadPartCopy", profile.account.session_token))

    ended = world.run(profile="copier", **IN_PARTS)

    assert isinstance(ended.error, RetryableFailure)
    assert any("unfinished upload" in getattr(event, "text", "") for event in ended.events)
    world.check(ended.report, failed={LARGE: Reason.CREDENTIALS}, orphans=[LARGE])


def test_no_secret_of_the_profile_is_in_the_report_or_the_error(world: World, profile: Profile) -> None:
    world.seed()
    world.script(expires_at("CopyObject", profile.account.session_token), forward_all)

    ended = world.run(profile="copier")

    told = f"{ended.error}{ended.error!r}{ended.report.as_dict()}{ended.events}"
    assert profile.account.secret_key not in told
    assert str(profile.account.session_token) not in told
