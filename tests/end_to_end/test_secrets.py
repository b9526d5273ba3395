"""Secrets stay where they were: in no log line, checkpoint, report, error or repr."""

from __future__ import annotations

import gzip
import json
import logging
import uuid
from pathlib import Path
from typing import Any

import boto3
import pytest

from s3_crosscopy import CopyFailed, CrossCopyError, InvalidInput, copy
from s3_crosscopy.adapters.boto.sessions import access
from s3_crosscopy.cli.main import main
from s3_crosscopy.model.location import Bucket
from tests.cli.shell import write_profiles
from tests.end_to_end.conftest import session_of
from tests.hostile_text import everything_of
from tests.servers import s3_responses as answers
from tests.servers.http_messages import Answer, Request
from tests.servers.moto import MotoServer
from tests.servers.stub_server import StubServer


def contents(folder: Path) -> list[str]:
    """Every file, unpacked."""
    found = [(path.suffix, path.read_bytes()) for path in folder.rglob("*") if path.is_file()]
    return [(gzip.decompress(data) if suffix == ".gz" else data).decode() for suffix, data in found]


def test_no_secret_is_in_anything_that_a_run_leaves_or_says(
    moto: MotoServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "s3_crosscopy")
    source, dest = (f"{name}-{uuid.uuid4().hex[:8]}" for name in ("src", "dst"))
    client = moto.client(moto.dst)
    for bucket in (source, dest):
        client.create_bucket(Bucket=bucket)
    client.put_object(Bucket=source, Key="p/a", Body=b"a")
    client.put_object(Bucket=source, Key="p/cold", Body=b"b", StorageClass="DEEP_ARCHIVE")
    session = session_of(moto.dst)

    with pytest.raises(CopyFailed) as failed:
        copy(
            f"s3://{source}/p/",
            f"s3://{dest}/q/",
            session=session,
            endpoint_url=moto.endpoint_url,
            checkpoint=tmp_path / "checkpoint.json",
            report=str(tmp_path / "report"),
            report_skipped=True,
        )

    principal = access(
        session, None, "profile", endpoint_url=moto.endpoint_url, region_name=None, verify=None, config=None
    )
    told = [caplog.text, str(failed.value), repr(failed.value), repr(failed.value.report)]
    told += [repr(principal), repr(principal.s3(Bucket(dest), 4)), str(principal.principal())]
    told += contents(tmp_path)
    assert len(told) >= 7 + 4  # checkpoint, index, summary, failed keys
    assert "p/cold" in "".join(told)
    for secret in (moto.dst.secret_key, str(moto.dst.session_token)):
        assert not any(secret in text for text in told)


@pytest.mark.parametrize("more", [[], ["--json"], ["--verbose"], ["--json", "--verbose"]], ids=" ".join)
def test_no_secret_is_in_what_a_command_that_succeeds_prints_and_leaves(
    moto: MotoServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    more: list[str],
) -> None:
    client, bucket = moto.client(moto.dst), f"cli-{uuid.uuid4().hex[:8]}"
    client.create_bucket(Bucket=bucket)
    client.put_object(Bucket=bucket, Key="p/a", Body=b"a")
    aws, left = tmp_path / "aws", tmp_path / "left"
    aws.mkdir()
    left.mkdir()
    write_profiles(aws, {"b": moto.dst}, monkeypatch)

    code = main(
        ["copy", f"s3://{bucket}/p/", f"s3://{bucket}/q/", "--profile", "b", "--endpoint-url", moto.endpoint_url,
         "--checkpoint", str(left / "checkpoint.json"), "--report", str(left / "report"), "--report-skipped", *more]
    )  # fmt: skip

    out, err = capsys.readouterr()
    assert code == 0
    assert out
    told = [out, err, *contents(left)]
    assert len(told) >= 2 + 5  # checkpoint, index, summary, failed keys, a segment
    for secret in (moto.dst.secret_key, str(moto.dst.session_token)):
        assert not any(secret in text for text in told)


@pytest.mark.parametrize(
    "given",
    [
        {"botocore_config": "proxies: http://me:hush-hush@proxy"},
        {"session": {"aws_secret_access_key": "hush-hush"}},
        {"endpoint_url": "https://me:hush-hush@minio:9000"},
        {"endpoint_url": "me:hush-hush@minio:9000"},
    ],
    ids=str,
)
def test_no_secret_is_in_the_line_about_a_wrong_argument(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        copy("s3://src/p/", "s3://dst/q/", **given)

    assert "hush-hush" not in f"{caught.value!r}{caught.value}"


CANARY = "CANARYcanary"
URLS = {
    "a password": f"https://me:{CANARY}@127.0.0.1:1/x",
    "a password with a slash": f"https://me:{CANARY}/x@127.0.0.1:1/x",
    "a presigned URL": f"https://b.s3.amazonaws.com/k?X-Amz-Signature={CANARY}&X-Amz-Security-Token={CANARY}",
    "a presigned URL of s3": f"s3://UP/k?X-Amz-Signature={CANARY}",
    "a password of s3": f"s3://me:{CANARY}/x@bucket/k",
    "no scheme": f"me:{CANARY}@bucket/k",
}
PROXIES = (f"http://me:{CANARY}#1@proxy:1", f"http://me:{CANARY}/1@proxy:1", f"socks5://me:{CANARY}@127.0.0.1:1",
           f"http://me:{CANARY}@proxy:port", f"http://me:{CANARY}@127.0.0.1:1")  # fmt: skip
ONCE = {"retries": {"total_max_attempts": 1}, "connect_timeout": 1}
NOBODY = "http://127.0.0.1:1"


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of the environment, and a folder in which a path that was no path can do no harm."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAKEYS")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-key")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")


GIVEN: list[dict[str, Any]] = [
    *({name: url} for name in ("source", "dest", "report", "manifest", "endpoint_url") for url in URLS.values()),
    *({"botocore_config": {**ONCE, "proxies": {"http": url, "https": url}}} for url in PROXIES),
    *(
        {"session": {"aws_access_key_id": "AKIA", "aws_secret_access_key": key, "aws_session_token": token}}
        for key, token in (("k", f"{CANARY}\n"), ("k", f"{CANARY}é"), (f"{CANARY}\n", None), (f"{CANARY}é", "t"))
    ),
]
ENVIRONMENT = [
    *({name: url} for name in ("http_proxy", "HTTP_PROXY") for url in PROXIES),
    {"AWS_ENDPOINT_URL": f"http://me:{CANARY}@127.0.0.1:1"},
    {"AWS_ENDPOINT_URL_S3": f"http://me:{CANARY}/x@127.0.0.1:1"},
    {"AWS_SESSION_TOKEN": f"{CANARY}\n"},
    {"AWS_SESSION_TOKEN": f"{CANARY}é"},
    {"AWS_SECRET_ACCESS_KEY": f"{CANARY}\n"},
]


@pytest.mark.parametrize("given", GIVEN, ids=str)
@pytest.mark.usefixtures("keys")
def test_no_malformed_secret_is_in_an_error_or_its_causes(
    given: dict[str, Any], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    if "session" in given:
        given = {**given, "session": boto3.Session(**given["session"])}
    usual = {"source": "s3://src/p/", "dest": "s3://dst/q/", "endpoint_url": NOBODY, "botocore_config": ONCE}

    with pytest.raises(CrossCopyError) as caught:
        copy(**{**usual, **given}, preflight="off")

    told = [everything_of(caught.value), caplog.text, *contents(tmp_path)]
    assert [text for text in told if CANARY in text] == []


@pytest.mark.parametrize("variables", ENVIRONMENT, ids=str)
@pytest.mark.usefixtures("keys")
def test_no_malformed_secret_of_the_environment_is_in_an_error_or_its_causes(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    endpoint: dict[str, Any] = (
        {} if any("ENDPOINT" in name for name in variables) else {"endpoint_url": "http://127.0.0.2:1"}
    )

    with pytest.raises(CrossCopyError) as caught:
        copy("s3://src/p/", "s3://dst/q/", **endpoint, botocore_config=ONCE, preflight="off")

    assert CANARY not in everything_of(caught.value) + caplog.text


COMMANDS = [
    *(["copy", f"--{name}", url, "s3://src/p/", "s3://dst/q/"] for name in ("report", "manifest", "endpoint-url")
      for url in URLS.values()),
    *([command, url, "s3://dst/q/"] for command in ("copy", "plan", "doctor", "policies") for url in URLS.values()),
    *([command, "s3://src/p/", url] for command in ("copy", "plan", "doctor", "policies") for url in URLS.values()),
    *([command, url] for command in ("report", "abort-uploads") for url in URLS.values()),
    *([command, "s3://src/p/", "s3://dst/q/", "--endpoint-url", NOBODY, "--botocore-config",
       json.dumps({**ONCE, "proxies": {"http": url}})] for command in ("copy", "doctor") for url in PROXIES),
    ["copy", "s3://src/p/", "s3://dst/q/", URLS["a password"]],
    [URLS["a password"]],
    ["copy", "s3://src/p/", "s3://dst/q/", f"--endpoint={URLS['a password']}"],
    ["policies", "s3://src/p/", "s3://dst/q/", "--external-id", f"{CANARY}\n"],
]  # fmt: skip


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
@pytest.mark.usefixtures("keys")
def test_no_malformed_secret_is_in_what_a_command_prints(
    arguments: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    more = ["--preflight", "off"] if arguments[0] == "copy" else []
    code = main([*arguments, *more])

    printed = "".join(capsys.readouterr())
    # A name without a scheme is a file's or a folder's.
    assert code != 0 or arguments[0] == "policies"
    assert CANARY not in printed or URLS["no scheme"] in arguments
    assert not any(CANARY in text for text in contents(tmp_path))


@pytest.mark.parametrize("transport", ["boto3", "fast"])
def test_no_secret_comes_back_from_a_server_that_repeats_what_it_got(
    transport: str, stub: StubServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    token = f"{CANARY}/+=="

    def mirror(request: Request) -> Answer:
        if request.operation in ("HeadBucket", "ListObjectsV2"):
            return answers.list_page([answers.Listed("p/a")] if "src" in request.path else [])
        sent = request.headers.get("x-amz-security-token", "")
        return answers.error("Mirror", 400, f"got {sent} and {sent!r}", {"x-amz-request-id": sent})

    stub.rules = [mirror]
    session = boto3.Session("AKIAKEYS", "a-secret-key", token, "us-east-1")

    with pytest.raises(CopyFailed) as caught:
        copy(
            "s3://src/p/", "s3://dst/q/", session=session, endpoint_url=stub.endpoint_url, transport=transport,
            botocore_config={**ONCE, "s3": {"addressing_style": "path"}}, report=str(tmp_path), preflight="off",
        )  # fmt: skip

    assert "got *** and '***'" in str(caught.value)
    told = [everything_of(caught.value), repr(caught.value.report), caplog.text, *contents(tmp_path)]
    assert [text for text in told if CANARY in text] == []
