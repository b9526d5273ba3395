"""What a command prints never drives a terminal and never forges a line, whoever wrote the text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shell import Ended, Shell
from tests.hostile_text import HOSTILE, READABLE, forged, harm
from tests.servers import s3_responses as answers
from tests.servers.http_messages import Answer, Request
from tests.servers.stub_rules import always, forward_all
from tests.servers.stub_server import StubServer

ALL = "".join(HOSTILE.values())
# A key is UTF-8, so it has no lone surrogates; XML knows no other control characters.
KEYS = [text for name, text in HOSTILE.items() if name not in ("lone surrogates", "other controls")]
WORDS = "".join(KEYS)
ARGUMENTS = (
    ("copy", "{0}", "s3://b/x/"),
    ("copy", "s3://aaa/{0}/", "s3://bbb/x/", "--endpoint-url", "http://127.0.0.1:1"),
    ("copy", "s3://aaa/{0}", "s3://aaa/{0}"),
    ("copy", "s3://aaa/in/", "s3://bbb/x/", "--{0}"),
    ("copy", "s3://aaa/in/", "s3://bbb/x/", "{0}"),
    ("copy", "s3://aaa/in/", "s3://bbb/x/", "--profile", "{0}"),
    ("copy", "s3://aaa/in/", "s3://bbb/x/", "--endpoint-url", "{0}"),
    ("copy", "s3://aaa/in/", "s3://bbb/x/", "--region", "{0}"),
    ("copy", "s3://aaa/in/", "s3://bbb/x/", "--ca-bundle", "{0}"),
    ("copy", "s3://aaa/in/", "s3://bbb/x/", "--botocore-config", "{0}"),
    ("copy", "s3://aaa/in/", "s3://bbb/x/", "--overwrite", "{0}"),
    ("copy", "s3://aaa/in/", "s3://bbb/x/", "--report", "s3://{0}/"),
    ("copy", "s3://aaa/in/", "s3://bbb/x/", "--manifest", "{0}", "--endpoint-url", "http://127.0.0.1:1"),
    ("plan", "s3://aaa/in/", "{0}"),
    ("doctor", "{0}", "s3://b/x/"),
    ("doctor", "s3://aaa/{0}/", "s3://bbb/{0}/", "--endpoint-url", "http://127.0.0.1:1"),
    ("policies", "s3://aaa/{0}/", "s3://bbb/{0}/"),
    ("policies", "s3://aaa/in/", "s3://bbb/x/", "--copier-arn", "arn:aws:iam::111111111111:role/{0}"),
    ("policies", "s3://aaa/in/", "s3://bbb/x/", "--external-id", "{0}"),
    ("report", "{0}"),
    ("abort-uploads", "{0}"),
    ("{0}",),
)


def check(done: Ended, *, one_line: bool = False) -> None:
    assert harm(done.out + done.err) == set()
    assert forged(done.out + done.err) == []
    assert "Traceback" not in done.err
    assert not one_line or done.err.count("\n") <= 1


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=" ".join)
def test_no_argument_is_repeated_as_it_is(
    shell: Shell, arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    for text in (ALL, WORDS):
        check(shell.run(*(each.format(text) for each in arguments)))


@pytest.mark.parametrize("more", [[], ["--verbose"], ["--json"], ["--dry-run"]], ids=" ".join)
def test_no_key_and_no_answer_is_printed_as_it_is(
    fronted: Shell, stub: StubServer, tmp_path: Path, more: list[str]
) -> None:
    keys = sorted((f"in/{text}" for text in (*KEYS, READABLE)), key=str.encode)

    def listing(request: Request) -> Answer | None:
        of_source = request.operation == "ListObjectsV2" and request.path.startswith(fronted.source[4:-4])
        return answers.list_page([answers.Listed(key) for key in keys]) if of_source else None

    stub.rules = [listing, always("CopyObject", answers.error("Odd", 400, WORDS)), forward_all]
    folder = tmp_path / "report"

    done = fronted.copy("--report", str(folder), *more)

    check(done)
    if "--json" in more and "--dry-run" not in more:  # For machines: the keys are exact.
        failed = [failure["key"] for failure in json.loads(done.out)["failures"]]
        assert sorted(failed) == sorted(keys)  # In the order in which S3 answered.
    elif not more:
        assert READABLE in done.err
        check(Ended(0, (folder / "report.html").read_text(), ""))
        check(fronted.run("report", str(folder)))
        check(fronted.run("report", str(folder), "--json"))
        check(fronted.run("abort-uploads", str(folder)))


@pytest.mark.parametrize("operation", ["HeadBucket", "ListObjectsV2", "GetCallerIdentity"])
@pytest.mark.parametrize("command", ["copy", "plan", "doctor"])
def test_no_error_of_a_server_is_printed_as_it_is(
    fronted: Shell, stub: StubServer, operation: str, command: str
) -> None:
    stub.rules = [always(operation, answers.error(f"Odd{WORDS}", 403, WORDS)), forward_all]

    check(fronted.run(command, *fronted._copy_arguments((), None, None)[1:]))
