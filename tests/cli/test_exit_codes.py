"""Each exit code means one thing, and every error is one line without a traceback."""

from __future__ import annotations

import json
import os
import re

import pytest

from s3_crosscopy.cli.exit_codes import MEANINGS, ExitCode, of_error
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
from tests.cli.shell import Shell
from tests.servers import s3_responses as answers
from tests.servers.http_messages import Answer, Request
from tests.servers.stub_rules import always, forward_all
from tests.servers.stub_server import StubServer

DENIED = answers.error("AccessDenied", 403, "Access Denied")


def refuse_b(request: Request) -> Answer | None:
    return DENIED if request.operation == "CopyObject" and request.key.endswith("b") else None


def test_every_code_is_explained() -> None:
    assert set(MEANINGS) == set(ExitCode)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InvalidInput("x"), 2),
        (EmptySource("x"), 3),
        (Interrupted("x"), 130),
        (PermanentFailure("x"), 1),
        (RetryableFailure("x"), 1),
        (ListingBroken("x"), 1),
        (AccountingError("x"), 1),
        (CrossCopyError("x"), 1),
    ],
)
def test_every_error_has_a_code(error: CrossCopyError, code: int) -> None:
    assert of_error(error) == code


def test_0_when_nothing_failed(shell: Shell) -> None:
    shell.put("in/a", "in/b")

    assert shell.copy().code == 0


def test_1_when_an_object_failed_and_the_result_explains_the_denial(fronted: Shell, stub: StubServer) -> None:
    fronted.put("in/a", "in/b")
    stub.rules = [refuse_b, forward_all]

    done = fronted.copy()

    assert done.code == 1
    assert (done.out + done.err).count("'in/b': denied (CopyObject: AccessDenied Access Denied)") == 1
    assert f"CopyObject was denied for {fronted.source}b" in done.out
    assert "\n  copier:  arn:aws:sts::" in done.out
    named, ended, error = done.err.splitlines()[1:]
    assert named == "not copied: 'in/b': denied (CopyObject: AccessDenied Access Denied)"
    assert re.fullmatch(r"Failed after .*: 1 copied \(15 B\), 0 skipped, 1 failed, verified by etag", ended)
    assert error == "s3-crosscopy: 1 of 2 objects was not copied"
    assert "Traceback" not in done.err
    assert list(fronted.copied()) == ["out/a"]


def test_1_when_the_listing_is_refused(fronted: Shell, stub: StubServer) -> None:
    stub.rules = [always("ListObjectsV2", DENIED), forward_all]

    done = fronted.copy("--json")

    assert done.code == 1
    assert json.loads(done.out)["stopped"].startswith("the listing was refused: ListObjectsV2 on ")
    assert done.err.splitlines()[-1].startswith("s3-crosscopy: stopped early, the listing was refused: ")


def test_quiet_prints_only_the_error_and_its_explanation(fronted: Shell, stub: StubServer) -> None:
    fronted.put("in/b")
    stub.rules = [refuse_b, forward_all]

    done = fronted.copy("--quiet")

    assert (done.code, done.out) == (1, "")
    first, explained, *_ = done.err.splitlines()
    assert first.startswith("s3-crosscopy: 1 of 1 object was not copied")
    assert explained.startswith(f"CopyObject was denied for {fronted.source}b")


def test_1_when_there_are_no_credentials(shell: Shell) -> None:
    with open(os.environ["AWS_CONFIG_FILE"], "a") as config:
        config.write("[profile keyless]\nregion=us-east-1\n")

    done = shell.copy("--profile", "keyless")

    assert done.err == (
        "s3-crosscopy: dest: no credentials were found in profile 'keyless'; add keys, a role or a sign-in to it"
        " (`aws configure`, `aws configure sso`), or name another profile with --profile ...\n"
    )
    assert (done.code, done.out) == (1, "")


def test_1_when_the_reader_or_the_own_chain_has_no_credentials(shell: Shell) -> None:
    with open(os.environ["AWS_CONFIG_FILE"], "a") as config:
        config.write("[profile keyless]\nregion=us-east-1\n")

    done = shell.copy("--source-profile", "keyless")
    chain = shell.run("copy", shell.source, shell.dest, "--endpoint-url", shell.endpoint_url)

    assert done.err.startswith("s3-crosscopy: source: no credentials were found in profile 'keyless'; add keys, ")
    assert done.err.endswith("or name another profile with --source-profile ...\n")
    assert chain.err.startswith(
        "s3-crosscopy: dest: no credentials were found, neither in the environment nor in ~/.aws"
    )
    assert "name a profile with --profile ..., or set AWS_PROFILE" in chain.err
    assert (done.code, chain.code) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--batch-size", "-5"], "--batch-size: -5 is out of range; give a whole number from 1 to 1,000,000"),
        (["--region", "eu west"], "--region: 'eu west' is not a Region; it looks like 'eu-west-1'"),
        (["--ca-bundle", "no.pem"],
         "--ca-bundle: there is no file 'no.pem'; give a file of CA certificates, True or False"),
        (["--kms-key-id", "x"], "--kms-key-id: needs --kms-encryption-type aws:kms or 'aws:kms:dsse' beside it"),
        (["--source-profile", "nobody"],
         "--source-profile: there is no AWS profile 'nobody'; see `aws configure list-profiles`"),
        (["--tags", "a"],
         "--tags: expected 'keep', 'drop', or what replaces them (a mapping, or KEY=VALUE,...), got 'a'"),
    ],
)  # fmt: skip
def test_2_for_a_wrong_value_in_the_words_of_the_command_line(shell: Shell, arguments: list[str], says: str) -> None:
    done = shell.copy(*arguments)

    assert (done.code, done.out, done.err) == (2, "", f"s3-crosscopy: {says}\n")


def test_2_for_a_bucket_root_with_the_flag_that_allows_it(shell: Shell) -> None:
    done = shell.copy(source="s3://src-bucket/")

    says = "source: s3://src-bucket/ is a whole bucket; set --allow-bucket-root to allow this"
    assert (done.code, done.err) == (2, f"s3-crosscopy: {says}\n")


def test_3_when_the_source_is_empty_and_nothing_is_called_copied(shell: Shell) -> None:
    done = shell.copy()

    assert done.code == 3
    assert done.out.startswith(f"nothing to copy: {shell.source} to {shell.dest}\n")


def test_3_when_the_source_is_empty_and_the_report_is_printed(shell: Shell) -> None:
    done = shell.copy("--json")

    assert done.code == 3
    assert json.loads(done.out)["listed"] == 0


def test_130_when_another_command_than_copy_is_stopped(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("s3_crosscopy.cli.commands.doctor_command.principals", stopped)

    assert shell.run("doctor", shell.source, shell.dest) == (130, "", "s3-crosscopy: stopped by request\n")


def test_4_when_the_failures_stay_within_what_is_allowed(fronted: Shell, stub: StubServer) -> None:
    fronted.put("in/a", "in/b")
    stub.rules = [refuse_b, forward_all]

    done = fronted.copy("--max-failures", "1", "--json")

    assert done.code == 4
    assert json.loads(done.out)["failed"] == 1
    assert done.err.splitlines()[-1] == "s3-crosscopy: 1 object was not copied, which --max-failures allows"
