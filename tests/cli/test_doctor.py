"""`s3-crosscopy doctor`: who signs by profiles or by Airflow's connections, the screen, JSON, and the exit code."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from tests.airflow.connection_env import role_connection
from tests.cli.shell import COMMAND, Ended, Shell
from tests.servers import s3_responses as answers
from tests.servers.http_messages import DROP, Answer, Request, Response
from tests.servers.moto import DST_ACCOUNT_ID, SRC_ACCOUNT_ID
from tests.servers.stub_rules import forward_all
from tests.servers.stub_server import Rule, StubServer

ANSI = re.compile(r"\x1b\[[0-9;]*m")
WRITES = {"PutObject", "CopyObject", "CreateMultipartUpload", "DeleteObject"}


def doctor(shell: Shell, *arguments: str, profiles: bool = True) -> Ended:
    access = ("--profile", "b", "--endpoint-url", shell.endpoint_url) if profiles else ()
    return shell.run("doctor", shell.source, shell.dest, *access, *arguments)


def no_tags(request: Request) -> Answer | None:
    return answers.error("AccessDenied", 403, "Access Denied") if request.operation == "GetObjectTagging" else None


def test_0_and_a_screen_where_nothing_is_known_to_be_missing_and_nothing_is_written(
    fronted: Shell, stub: StubServer
) -> None:
    fronted.put("in/a")

    done = doctor(fronted)

    assert done.code == 0
    assert done.out.splitlines()[0] == "no permission is known to be missing"
    assert f"copier:  arn:aws:sts::{DST_ACCOUNT_ID}:assumed-role/" in done.out
    assert "(profile 'b'), account 222222222222" in done.out
    assert "  holds      copier s3:ListBucket on arn:aws:s3:::cli-src-" in done.out
    assert WRITES & {request.operation for request in stub.requests} == set()


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (
            "in/events",
            "there is no object 'in/events', but there are objects under 'in/events/'; did you mean {}in/events/ ?",
        ),
        ("in/e*/", "S3 has no wildcards in a source; did you mean {}in/ with --include 'e*/*' ?"),
    ],
)
def test_1_and_the_right_spelling_of_a_source_that_is_not_there(shell: Shell, key: str, line: str) -> None:
    shell.put("in/events/a.csv")
    bucket = shell.source.removesuffix("in/")

    access = ("--profile", "b", "--endpoint-url", shell.endpoint_url)
    done = shell.run("doctor", f"{bucket}{key}", shell.dest, *access)

    assert done.code == 1
    first = done.out.splitlines()[0]
    assert first.startswith("source: there is no")
    assert first.endswith(line.format(bucket))


def test_a_source_that_is_there_is_no_question_of_spelling(shell: Shell) -> None:
    shell.put("in/a*b", "in/a*b/c")
    access = ("--profile", "b", "--endpoint-url", shell.endpoint_url)

    for source in (f"{shell.source}a*b", f"{shell.source}a*b/"):
        assert shell.run("doctor", source, shell.dest, *access).code == 0


def test_1_and_the_policy_where_a_grant_is_missing(fronted: Shell, stub: StubServer) -> None:
    fronted.put("in/a")
    stub.rules = [no_tags, forward_all]

    done = doctor(fronted)

    assert done.code == 1
    assert done.out.splitlines()[0].startswith(
        "the copier is missing permission s3:GetObjectTagging at the source bucket"
    )
    assert '"s3:GetObjectTagging"' in done.out


def test_1_and_the_reason_where_nothing_was_reached(shell: Shell) -> None:
    shell.endpoint_url = "http://127.0.0.1:1"

    done = doctor(shell)

    assert done.code == 1
    first = done.out.splitlines()[0]
    assert first.startswith("nothing was reached, so nothing is known about the access: neither s3://cli-src-")
    assert 'ConnectionError: Could not connect to the endpoint URL: "http://127.0.0.1:1/' in first
    found = json.loads(doctor(shell, "--json").out)
    assert (found["ok"], found["reached"]) == (False, False)


PAGE = Response(200, {"Content-Type": "text/html"}, b"<!doctype html><html>sign in<br>to this network</html>")


@pytest.mark.parametrize("answer", [DROP, PAGE, Response(503), Response(405)])
def test_a_bucket_of_which_no_answer_tells_anything_was_not_reached(
    fronted: Shell, stub: StubServer, answer: Response
) -> None:
    fronted.put("in/a")
    bucket = fronted.dest.split("/")[2]
    stub.rules = [lambda request: answer if request.bucket == bucket else None, forward_all]
    once = '{"retries": {"total_max_attempts": 1}, "s3": {"addressing_style": "path"}}'

    done = doctor(fronted, "--botocore-config", once)

    assert done.code == 1
    assert done.out.splitlines()[0].startswith(f"s3://{bucket} was not reached: ")
    assert "  holds      copier s3:ListBucket on arn:aws:s3:::cli-src-" in done.out


SSO = "arn:aws:sts::222222222222:assumed-role/AWSReservedSSO_Data_1/jane"
SSO_ROLES = "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com"


def identity(arn: str) -> Rule:
    body = (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        f"<Arn>{arn}</Arn><Account>222222222222</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
    answer = Response(200, {"Content-Type": "text/xml"}, body.encode())
    return lambda request: answer if b"GetCallerIdentity" in request.body else None


def test_the_role_of_a_permission_set_has_its_path_and_a_remark_where_its_region_is_not_known(
    fronted: Shell, stub: StubServer
) -> None:
    fronted.put("in/a")
    stub.rules = [identity(SSO), no_tags, forward_all]

    done = doctor(fronted)

    named = f"{SSO_ROLES}/SSO-REGION/AWSReservedSSO_Data_1"
    assert f'"AWS": "{named}"' in done.out
    assert f"  SSO-REGION in {named} is the Region of IAM Identity Center" in done.out
    assert "permission set's inline policy in IAM Identity Center" in done.out


def test_the_role_of_a_permission_set_has_the_region_that_the_profile_tells(
    fronted: Shell, stub: StubServer, tmp_path: Path
) -> None:
    fronted.put("in/a")
    stub.rules = [identity(SSO), no_tags, forward_all]
    with (tmp_path / "config").open("a") as config:
        config.write("sso_session = us\n[sso-session us]\nsso_region = eu-central-1\nsso_start_url = https://x\n")

    done = doctor(fronted)

    assert f'"AWS": "{SSO_ROLES}/eu-central-1/AWSReservedSSO_Data_1"' in done.out
    assert "SSO-REGION" not in done.out


def test_a_role_that_only_its_session_told_may_have_a_path(fronted: Shell, stub: StubServer) -> None:
    fronted.put("in/a")
    stub.rules = [no_tags, forward_all]
    remark = "has no path; if the role has one, give the role's own ARN"

    assert remark in doctor(fronted).out
    assert remark not in doctor(fronted, "--copier-arn", f"arn:aws:iam::{DST_ACCOUNT_ID}:role/service/copier").out


def test_json_is_all_of_it_and_nothing_else(fronted: Shell, stub: StubServer) -> None:
    fronted.put("in/a")
    stub.rules = [no_tags, forward_all]

    done = doctor(fronted, "--json", "--source-profile", "a")

    found = json.loads(done.out)
    assert (found["ok"], done.code) == (False, 1)
    assert [one["party"] for one in found["principals"]] == ["copier", "reader"]
    missing = {(one["party"], one["action"]) for one in found["grants"] if one["status"] == "missing"}
    assert missing == {("copier", "s3:GetObjectTagging"), ("reader", "s3:GetObjectTagging")}
    assert {policy["place"].split(" of ")[0] for policy in found["policies"]} >= {"identity policy", "bucket policy"}
    assert any(step.startswith("attach the policies, then run the copy again") for step in found["next"])


def test_options_that_need_more_are_examined(shell: Shell) -> None:
    shell.put("in/a")

    grants = json.loads(doctor(shell, "--json", "--acl-policy", "bucket-owner-full-control").out)["grants"]

    assert "s3:PutObjectAcl" in {one["action"] for one in grants}


def test_a_write_probe_leaves_nothing_behind(shell: Shell) -> None:
    shell.put("in/a")

    done = doctor(shell, "--write-probe", "--json")

    told = {one["action"]: one["status"] for one in json.loads(done.out)["grants"] if "destination" in one["place"]}
    assert told["s3:PutObject"] == told["s3:PutObjectTagging"] == "holds"
    assert shell.copied() == {}


def test_a_probe_that_was_killed_after_its_write_is_told_and_the_next_one_removes_it(
    fronted: Shell, stub: StubServer
) -> None:
    fronted.put("in/a")
    process: list[subprocess.Popen[bytes]] = []
    begun = threading.Event()

    def kill(request: Request) -> Answer | None:
        if request.operation != "PutObject":
            return None
        stub.forward(request)
        assert begun.wait(60)
        process[0].kill()
        return DROP

    stub.rules = [kill, forward_all]
    access = ("--profile", "b", "--endpoint-url", fronted.endpoint_url)
    process.append(
        subprocess.Popen(
            [*COMMAND, "doctor", fronted.source, fronted.dest, *access, "--write-probe"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    )
    begun.set()
    assert process[0].wait(60) == -signal.SIGKILL
    assert list(fronted.copied()) == ["out/.s3-crosscopy-probe"]

    stub.rules = [forward_all]
    assert "is left from a write probe" in doctor(fronted).out
    assert list(fronted.copied()) == ["out/.s3-crosscopy-probe"], "without --write-probe nothing is written or removed"
    assert doctor(fronted, "--write-probe").code == 0
    assert fronted.copied() == {}


def test_a_terminal_gets_tables(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.put("in/a")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")

    done = doctor(shell)

    assert done.code == 0
    assert "permission, and how it was found out" in done.out
    assert [line for line in ANSI.sub("", done.out).splitlines() if len(line) > 80] == []


@pytest.mark.airflow
@pytest.mark.xdist_group("airflow")
def test_airflows_connections_stand_for_profiles(shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In a process of its own: importing Airflow makes a home, and takes over the logging."""
    shell.put("in/a")
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))
    for name, account in (("RAW", SRC_ACCOUNT_ID), ("ANALYTICS", DST_ACCOUNT_ID)):
        monkeypatch.setenv(f"AIRFLOW_CONN_AWS_{name}", role_connection(shell.endpoint_url, account))
    command = [*COMMAND, "doctor", shell.source, shell.dest, "--json"]

    done = subprocess.run(
        [*command, "--aws-conn-id", "aws_analytics", "--source-aws-conn-id", "aws_raw"],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )

    found = json.loads(done.stdout)
    assert [one["label"] for one in found["principals"]] == ["connection 'aws_analytics'", "connection 'aws_raw'"]
    assert [one["account"] for one in found["principals"]] == [DST_ACCOUNT_ID, SRC_ACCOUNT_ID]


@pytest.mark.airflow
@pytest.mark.xdist_group("airflow")
def test_an_airflow_whose_configuration_is_wrong_is_one_line(shell: Shell, tmp_path: Path) -> None:
    variables = {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "sqlite:///relative.db"}

    done = subprocess.run(
        [*COMMAND, "doctor", shell.source, shell.dest, "--aws-conn-id", "aws_x"],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **variables},
    )

    assert done.returncode == 2
    assert "--aws-conn-id: the Airflow that is installed here cannot be used: Cannot use relative path" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "profiles", "says"),
    [
        (["--aws-conn-id", "x"], True, "--profile: is for AWS profiles, not for Airflow connections"),
        (["--botocore-config", "{"], True, "--botocore-config: is not valid JSON"),
        (["--acl-policy", "nobody"], True, "--acl-policy: 'nobody' is not one of"),
        (["--key"], True, "argument --key: expected one argument; see s3-crosscopy doctor --help"),
    ],
)
def test_bad_input_is_one_line(shell: Shell, arguments: list[str], profiles: bool, says: str) -> None:
    done = doctor(shell, *arguments, profiles=profiles)

    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert says in done.err
