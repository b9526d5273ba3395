"""The operator's `execute` without a database: what it returns, raises and logs."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import structlog
from airflow.sdk import Asset

from s3_crosscopy import api
from s3_crosscopy.airflow import S3CrossAccountCopyOperator
from s3_crosscopy.airflow.checkpoint_store import KEY
from s3_crosscopy.airflow.compat import AirflowException, AirflowFailException, AirflowSkipException
from s3_crosscopy.engine import interruptible
from s3_crosscopy.engine.shutdown import STOP_GRACE_S, TURN_S
from s3_crosscopy.engine.store_writer import STOP_S
from s3_crosscopy.errors import (
    AccountingError,
    CrossCopyError,
    EmptySource,
    Interrupted,
    InvalidInput,
    ListingBroken,
    PermanentFailure,
    RetryableFailure,
)
from s3_crosscopy.model.checkpoint import from_json
from tests.airflow.connection_env import key_connection, role_connection
from tests.airflow.fake_state_store import FakeStore
from tests.airflow.versions import needs_structured_logs
from tests.servers import s3_responses as answers
from tests.servers.http_messages import FORWARD, Answer, Request, Response
from tests.servers.moto import DST_ACCOUNT_ID, SRC_ACCOUNT_ID, MotoServer
from tests.servers.s3_responses import Listed
from tests.servers.stub_rules import always
from tests.servers.stub_server import StubServer
from tests.waiting import wait_until

try:
    from airflow.sdk.execution_time.timeout import timeout
except ImportError:  # Airflow 3.0
    from airflow.utils.timeout import timeout  # type: ignore[import-not-found,no-redef]

AIRFLOWS_GRACE_S = 5.0
HANGS_S = 60.0
HERE = Response(headers={"x-amz-bucket-region": "us-east-1"})


def operator(**arguments: Any) -> Any:
    given = {"task_id": "t", "source": "s3://src/p/", "dest": "s3://dst/q/", "aws_conn_id": "aws_x", "retries": 1}
    return S3CrossAccountCopyOperator(**{**given, **arguments})


@pytest.fixture
def accounts(moto: MotoServer, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, int], None]:
    """Make `src-NAME` with so many keys and `dst-NAME`, and connections aws_src and aws_dst to their accounts."""
    monkeypatch.setenv("AIRFLOW_CONN_AWS_SRC", role_connection(moto.endpoint_url, SRC_ACCOUNT_ID))
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DST", role_connection(moto.endpoint_url, DST_ACCOUNT_ID))

    def make(name: str, keys: int) -> None:
        source = moto.client(moto.src)
        source.create_bucket(Bucket=f"src-{name}")
        moto.client(moto.dst).create_bucket(Bucket=f"dst-{name}")
        for number in range(keys):
            source.put_object(Bucket=f"src-{name}", Key=f"p/{number}", Body=b"x" * number)

    return make


def across(name: str, **arguments: Any) -> Any:
    two = {"aws_conn_id": "aws_dst", "source_aws_conn_id": "aws_src"}
    return operator(source=f"s3://src-{name}/p/", dest=f"s3://dst-{name}/q/", **two, **arguments)


def test_a_prefix_is_copied_between_accounts_and_told_as_small_json(
    accounts: Callable[[str, int], None], moto: MotoServer
) -> None:
    accounts("exec", 5)

    summary = across("exec").execute({})

    assert json.loads(json.dumps(summary)) == summary
    assert {name: summary[name] for name in ("ok", "copied", "skipped", "bytes")} == {
        "ok": True,
        "copied": 5,
        "skipped": 0,
        "bytes": 10,
    }
    assert across("exec").execute({})["skipped"] == 5
    arrived = moto.client(moto.dst).list_objects_v2(Bucket="dst-exec")["Contents"]
    assert [(one["Key"], one["Size"]) for one in arrived] == [(f"q/{number}", number) for number in range(5)]


def test_a_task_is_executed_without_a_context_as_in_a_notebook(
    accounts: Callable[[str, int], None], moto: MotoServer
) -> None:
    accounts("alone", 2)
    outlet = Asset(name="copied", uri="s3://dst-alone/q/")

    assert across("alone", outlets=[outlet]).execute(None)["copied"] == 2
    assert across("alone", outlets=[outlet]).execute({})["skipped"] == 2


def test_a_dry_run_writes_nothing(accounts: Callable[[str, int], None], moto: MotoServer) -> None:
    accounts("dry", 3)

    summary = across("dry", dry_run=True).execute({})

    assert (summary["would_copy"], summary["copied"]) == (3, 0)
    assert moto.client(moto.dst).list_objects_v2(Bucket="dst-dry")["KeyCount"] == 0


def test_an_empty_source_fails_skips_or_succeeds(accounts: Callable[[str, int], None]) -> None:
    accounts("empty", 0)

    with pytest.raises(AirflowFailException, match="s3://src-empty/p/ is empty"):
        across("empty").execute({})
    with pytest.raises(AirflowSkipException, match="s3://src-empty/p/ is empty"):
        across("empty", if_empty="skip").execute({})
    assert across("empty", if_empty="succeed").execute({})["listed"] == 0


def test_a_source_that_is_a_prefix_without_its_slash_is_told_with_the_right_spelling(
    accounts: Callable[[str, int], None],
) -> None:
    accounts("spelt", 1)
    said = r"^source: there is no object 'p', but there are objects under 'p/'; did you mean s3://src-spelt/p/ \?$"

    def copied(preflight: str) -> Any:
        two = {"aws_conn_id": "aws_dst", "source_aws_conn_id": "aws_src"}
        return operator(source="s3://src-spelt/p", dest="s3://dst-spelt/q", preflight=preflight, **two).execute({})

    for preflight in ("light", "off"):
        with pytest.raises(AirflowFailException, match=said):
            copied(preflight)
    with pytest.raises(AirflowFailException, match="the preflight found that source: there is no object 'p', but"):
        copied("full")


def test_a_filter_that_leaves_nothing_fails_skips_or_succeeds_and_a_time_succeeds(
    accounts: Callable[[str, int], None],
) -> None:
    accounts("typo", 2)
    says = r"include='\*.cvs' left out 2 of 2 \(globs are relative to the source prefix.*: '0', '1'\)"

    with pytest.raises(AirflowFailException, match=says):
        across("typo", include="*.cvs").execute({})
    with pytest.raises(AirflowSkipException, match=says):
        across("typo", include="*.cvs", if_empty="skip").execute({})
    assert across("typo", include="*.cvs", if_empty="succeed").execute({})["filtered"] == 2
    assert across("typo", modified_after="2999-01-01").execute({})["filtered"] == 2


def test_a_list_that_a_template_made_text_filters_as_that_list(accounts: Callable[[str, int], None]) -> None:
    accounts("rendered", 3)
    task = across("rendered", exclude="{{ params.x }}", params={"x": ["0", "1"]})
    task.render_template_fields({"params": {"x": ["0", "1"]}})
    assert task.exclude == "['0', '1']"

    assert (task.execute({})["copied"], task.execute({})["filtered"]) == (1, 2)


def test_a_bucket_that_is_not_there_fails_for_good(accounts: Callable[[str, int], None]) -> None:
    accounts("missing", 1)

    with pytest.raises(AirflowFailException, match=r"^dest: there is no bucket 'nowhere-at-all'$"):
        operator(source="s3://src-missing/p/", dest="s3://nowhere-at-all/q/", aws_conn_id="aws_dst").execute({})


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({"source": ""}, "source: is empty"),
        ({"source": "s3://src/{{ x }}/"}, "source: .* not rendered"),
        ({"compare": "etags"}, "compare: 'etags' is not one of .*did you mean 'etag'"),
        ({"source_aws_conn_id": "nope"}, "source_aws_conn_id: there is no connection 'nope'"),
        ({"source_aws_conn_id": ""}, "source_aws_conn_id: '' is not a connection id"),
    ],
)
def test_a_template_that_renders_to_a_wrong_argument_fails_for_good_before_a_request(
    monkeypatch: pytest.MonkeyPatch, stub: StubServer, arguments: dict[str, Any], line: str
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AWS_X", key_connection(stub.endpoint_url))

    made = operator(**dict.fromkeys(arguments, "{{ later }}"))
    for name, value in arguments.items():
        setattr(made, name, value)  # As Airflow does with what a template rendered to.

    with pytest.raises(AirflowFailException, match=f"^{line}"):
        made.execute({})
    assert stub.requests == []


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (InvalidInput("why"), AirflowFailException),
        (EmptySource("why"), AirflowFailException),
        (PermanentFailure("why"), AirflowFailException),
        (AccountingError("why"), AirflowFailException),
        (RetryableFailure("why"), AirflowException),
        (ListingBroken("why"), AirflowException),
        (Interrupted("why"), AirflowException),
    ],
)
def test_each_error_becomes_airflows_own_and_keeps_message_and_cause(
    monkeypatch: pytest.MonkeyPatch, error: CrossCopyError, raised: type[Exception]
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setenv("AIRFLOW_CONN_AWS_X", key_connection("http://127.0.0.1:1"))
    monkeypatch.setattr(api, "run_copy", fail)

    with pytest.raises(AirflowException) as caught:
        operator().execute({})

    assert type(caught.value) is raised
    assert str(caught.value) == "why"
    assert caught.value.__cause__ is error


@needs_structured_logs
def test_a_task_that_is_never_retried_is_warned_about_once(accounts: Callable[[str, int], None]) -> None:
    accounts("warned", 1)

    def warnings_of(task: Any) -> list[str]:
        with structlog.testing.capture_logs() as lines:
            task.execute({})
        warned = [line["event"] for line in lines if line["log_level"] == "warning"]
        return [text for text in warned if "outside of the Task Runner" not in text]  # Airflow's own, about this test

    (warning,) = warnings_of(across("warned", retries=0))
    assert "retries=0" in warning
    assert "set retries=3" in warning
    assert warnings_of(across("warned")) == []


@needs_structured_logs
def test_the_log_tells_each_batch_with_its_counts_as_fields(accounts: Callable[[str, int], None]) -> None:
    accounts("logged", 4)

    with structlog.testing.capture_logs() as lines:
        across("logged", batch_size=2).execute({})

    settled = [line for line in lines if line["event"] == "batch settled"]
    assert [(line["copied"], line["last_key"]) for line in settled] == [(2, "p/1"), (2, "p/3")]


def test_a_token_that_expires_before_its_time_is_replaced_by_a_role_assumed_anew(
    accounts: Callable[[str, int], None], moto: MotoServer, stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts("expired", 5)
    monkeypatch.setenv("AIRFLOW_CONN_AWS_SRC", role_connection(stub.endpoint_url, SRC_ACCOUNT_ID))
    monkeypatch.setenv("AIRFLOW_CONN_AWS_DST", role_connection(stub.endpoint_url, DST_ACCOUNT_ID))
    expired: set[str | None] = set()

    def the_first_copiers_token_expires(request: Request) -> Answer:
        token = request.headers.get("x-amz-security-token")
        if request.operation == "CopyObject" and not expired:
            expired.add(token)
        return answers.error("ExpiredToken", 400) if token in expired else FORWARD

    stub.upstream, stub.rules = moto.endpoint_url, [the_first_copiers_token_expires]

    summary = across("expired").execute({})

    assert (summary["copied"], summary["failed"]) == (5, 0)
    assert len(stub.requests_of("AssumeRole")) >= 2


def test_on_kill_stops_a_copy_that_hangs(monkeypatch: pytest.MonkeyPatch, stub: StubServer) -> None:
    stub.rules = [
        always("HeadBucket", HERE),
        lambda request: answers.list_page([]) if request.bucket == "dst" and request.method == "GET" else None,
        always("ListObjectsV2", answers.list_page([Listed(f"p/{number:03}") for number in range(100)], prefix="p/")),
        always("CopyObject", Response(delay_s=HANGS_S)),
    ]
    monkeypatch.setenv("AIRFLOW_CONN_AWS_X", key_connection(stub.endpoint_url))
    task = operator()
    killed_at: list[float] = []

    def kill() -> None:
        while not stub.requests_of("CopyObject"):
            time.sleep(0.01)
        killed_at.append(time.monotonic())
        task.on_kill()

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    with pytest.raises(AirflowException, match="stopped by request") as caught:
        task.execute({})
    took_s = time.monotonic() - killed_at[0]
    killer.join()

    assert not isinstance(caught.value, AirflowFailException)
    assert took_s < HANGS_S / 2
    assert len(stub.requests_of("CopyObject")) <= 64


def test_execution_timeout_saves_what_is_left_and_comes_out_as_airflows_own(
    monkeypatch: pytest.MonkeyPatch, stub: StubServer
) -> None:
    stub.rules = [
        always("HeadBucket", HERE),
        lambda request: answers.list_page([]) if request.bucket == "dst" and request.method == "GET" else None,
        always("ListObjectsV2", answers.list_page([Listed(f"p/{number:03}") for number in range(100)], prefix="p/")),
        always("CopyObject", Response(delay_s=HANGS_S)),
    ]
    monkeypatch.setenv("AIRFLOW_CONN_AWS_X", key_connection(stub.endpoint_url))
    task, store = operator(preflight="off"), FakeStore()

    def ring() -> None:
        wait_until(lambda: stub.requests_of("CopyObject"), HANGS_S, lambda: "nothing was copied", poll_s=0.01)
        signal.raise_signal(signal.SIGALRM)

    threading.Thread(target=ring, daemon=True).start()
    with pytest.raises(BaseException, match="Timeout") as caught, timeout(HANGS_S):  # type: ignore[no-untyped-call]
        task.execute({"task_state_store": store})

    assert type(caught.value).__name__ == "AirflowTaskTimeout"
    assert from_json(json.loads(store.texts[KEY]))[0].counts["copied"] == 0


def test_what_a_stopped_run_waits_for_is_less_than_airflow_gives_it() -> None:
    assert STOP_GRACE_S + TURN_S < STOP_S < interruptible.STOP_S < AIRFLOWS_GRACE_S


def test_on_kill_before_the_task_executes_is_heard_when_it_does(
    monkeypatch: pytest.MonkeyPatch, stub: StubServer
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AWS_X", key_connection(stub.endpoint_url))
    task = operator()
    task.on_kill()

    with pytest.raises(AirflowException, match="stopped by request before the copy began"):
        task.execute({})
    assert stub.requests == []


@pytest.mark.parametrize("preflight", ["off", "light", "full"])
def test_on_kill_is_heard_while_a_server_does_not_answer_before_the_copy(
    monkeypatch: pytest.MonkeyPatch, stub: StubServer, preflight: str
) -> None:
    hangs = "HeadBucket" if preflight == "off" else "ListObjectsV2" if preflight == "light" else "GetCallerIdentity"
    stub.rules = [
        always(hangs, Response(delay_s=HANGS_S)),
        always("HeadBucket", HERE),
        always("ListObjectsV2", answers.list_page([])),
    ]
    monkeypatch.setenv("AIRFLOW_CONN_AWS_X", key_connection(stub.endpoint_url))
    task = operator(preflight=preflight)
    killed_at: list[float] = []

    def kill() -> None:
        wait_until(lambda: stub.requests_of(hangs), HANGS_S, lambda: f"{hangs} did not come", poll_s=0.01)
        killed_at.append(time.monotonic())
        task.on_kill()

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    with pytest.raises(AirflowException, match="stopped by request before the copy began"):
        task.execute({})

    # It does not wait for the answer; how long it takes at most is said by its bounds, above.
    assert time.monotonic() - killed_at[0] < HANGS_S / 2
    killer.join()


def test_a_denial_is_one_failure_with_the_whole_screen_and_spends_no_retry(
    monkeypatch: pytest.MonkeyPatch, stub: StubServer
) -> None:
    stub.rules = [
        always("HeadBucket", HERE),
        lambda request: answers.error("AccessDenied", 403, "Access Denied") if request.bucket == "src" else None,
        always("ListObjectsV2", answers.list_page([])),
    ]
    monkeypatch.setenv("AIRFLOW_CONN_AWS_X", key_connection(stub.endpoint_url))

    with pytest.raises(AirflowFailException) as failed:
        operator().execute({})

    text = str(failed.value)
    assert "the copier is missing permission s3:ListBucket at the source bucket (arn:aws:s3:::src)" in text
    assert "connection 'aws_x'" in text
    assert '"Action"' in text
    assert stub.requests_of("CopyObject") == []
