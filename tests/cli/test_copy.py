"""`s3-crosscopy copy` copies, tells what it did, and does it once."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest

import s3_crosscopy
from tests.cli.shell import Shell, ended
from tests.fast.presence import need_pycurl
from tests.servers.stub import StubServer

KEYS = ("in/a", "in/deep/b", "in/ünï c+%")


def test_a_prefix_arrives_and_a_second_run_skips_it(shell: Shell) -> None:
    shell.put(*KEYS, "elsewhere")

    first = ended(shell.start())
    second = shell.copy()

    assert shell.copied() == {f"out/{key[3:]}": f"content of {key}".encode() for key in KEYS}
    assert (first.code, second.code) == (0, 0)
    assert f"copied: {shell.source} to {shell.dest}\n  listed                   3\n" in first.out
    assert "  verified by   etag 3\n" in first.out
    assert "  copied                   0 " in second.out
    assert "  skipped                  3\n" in second.out


def test_one_object_arrives_under_its_base_name(shell: Shell) -> None:
    shell.put("in/a")

    assert shell.copy(source=shell.source + "a").code == 0
    assert shell.copied() == {"out/a": b"content of in/a"}


def test_a_dry_run_writes_nothing(shell: Shell) -> None:
    shell.put(*KEYS)

    done = shell.copy("--dry-run")

    assert done.code == 0
    assert done.out.startswith("dry run, nothing was written: ")
    assert "  would copy               3  " in done.out
    assert shell.copied() == {}


def test_json_is_the_report_and_alone_on_stdout(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.put(*KEYS)
    reports = []

    def copy(*arguments: Any, **keywords: Any) -> Any:
        reports.append(s3_crosscopy.copy(*arguments, **keywords))
        return reports[-1]

    monkeypatch.setattr("s3_crosscopy.cli.commands.copy.copy", copy)
    done = shell.copy("--json")

    assert json.loads(done.out) == reports[0].as_dict()
    assert (done.code, reports[0].counts["copied"]) == (0, 3)


def test_options_reach_the_copy_as_their_text(shell: Shell) -> None:
    shell.put("in/a.csv", "in/b.csv", "in/b.txt")

    done = shell.copy("--include", "*.csv", "--include", "*.txt", "--exclude", "a*", "--batch-size", "1", "--json")

    assert sorted(shell.copied()) == ["out/b.csv", "out/b.txt"]
    assert json.loads(done.out)["filtered"] == 1


def test_metadata_and_tags_are_replaced_from_text(shell: Shell, moto: Any) -> None:
    shell.put("in/a")

    assert shell.copy("--metadata", "team=data,stage=raw", "--tags", "cost=1").code == 0

    client, at = moto.client(moto.dst), {"Bucket": shell.dest.split("/")[2], "Key": "out/a"}
    assert client.head_object(**at)["Metadata"] == {"team": "data", "stage": "raw"}
    assert client.get_object_tagging(**at)["TagSet"] == [{"Key": "cost", "Value": "1"}]


def test_the_source_profile_lists_and_the_profile_copies(fronted: Shell, stub: StubServer, moto: Any) -> None:
    fronted.put("in/a")

    assert fronted.copy("--source-profile", "a").code == 0

    def signers(operation: str, bucket: str) -> set[str]:
        return {
            account.name
            for request in stub.requests_of(operation)
            for account in (moto.src, moto.dst)
            if request.bucket == bucket and f"Credential={account.access_key}/" in request.headers["Authorization"]
        }

    source, dest = fronted.source.split("/")[2], fronted.dest.split("/")[2]
    assert signers("ListObjectsV2", source) == {moto.src.name}
    assert signers("CopyObject", dest) == {moto.dst.name}


def test_tls_without_checks_is_asked_for_and_not_warned_of(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.put("in/a")

    def copy(*arguments: Any, **keywords: Any) -> Any:
        assert (keywords["verify"], keywords["region_name"]) == (False, "us-east-1")
        warnings.warn("Unverified HTTPS request is being made to host 'x'", stacklevel=1)
        return s3_crosscopy.copy(*arguments, **keywords)

    monkeypatch.setattr("s3_crosscopy.cli.commands.copy.copy", copy)

    assert shell.copy("--region", "us-east-1", "--no-verify-ssl").code == 0


@pytest.mark.parametrize("side", ["source", "dest"])
def test_a_bucket_that_is_not_there_is_bad_input(shell: Shell, side: str) -> None:
    shell.put("in/a")

    done = shell.copy(**{side: f"s3://no-such-bucket-{side}/x/"})

    assert done.err == f"s3-crosscopy: {side}: there is no bucket 'no-such-bucket-{side}'\n"
    assert (done.code, done.out, shell.copied()) == (2, "", {})


@pytest.mark.parametrize("what", ["nothing/here/", "no-object"])
def test_a_source_with_nothing_in_it_fails_unless_that_is_allowed(shell: Shell, what: str) -> None:
    shell.put("in/a")
    source = f"{shell.source}{what}"

    fails = shell.copy(source=source)
    allowed = shell.copy("--if-empty", "succeed", source=source)

    says = f"s3-crosscopy: {source} holds nothing; if that is fine, say --if-empty skip or --if-empty succeed\n"
    assert fails.err.endswith(says)
    assert (fails.code, allowed.code) == (3, 0)


@pytest.mark.parametrize("transport", ["boto3", "fast"])
def test_a_server_at_an_ipv6_address_is_a_server(shell: Shell, transport: str) -> None:
    if transport == "fast":
        need_pycurl()
    shell.put(*KEYS)
    with StubServer.serving(StubServer(upstream=shell.endpoint_url, host="::1")) as stub:
        shell.endpoint_url = stub.endpoint_url
        done = shell.copy("--transport", transport, "--json")

    assert (done.code, json.loads(done.out)["copied"]) == (0, 3)
    assert {request.headers["Host"] for request in stub.requests} == {stub.endpoint_url.removeprefix("http://")}
