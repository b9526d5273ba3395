"""`s3-crosscopy copy` copies, tells what it did, and does it once."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest

import s3_crosscopy
from tests.cli.shell import Shell, ended
from tests.fast.require_pycurl import need_pycurl
from tests.servers import s3_responses as answers
from tests.servers.http_messages import FORWARD, Answer, Request, Response
from tests.servers.stub_server import StubServer

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
    reports, real_copy = [], s3_crosscopy.copy

    def copy(*arguments: Any, **keywords: Any) -> Any:
        reports.append(real_copy(*arguments, **keywords))
        return reports[-1]

    monkeypatch.setattr(s3_crosscopy, "copy", copy)
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
    real_copy = s3_crosscopy.copy

    def copy(*arguments: Any, **keywords: Any) -> Any:
        assert (keywords["verify"], keywords["region_name"]) == (False, "us-east-1")
        warnings.warn("Unverified HTTPS request is being made to host 'x'", stacklevel=1)
        return real_copy(*arguments, **keywords)

    monkeypatch.setattr(s3_crosscopy, "copy", copy)

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

    holds_nothing = (
        f"{source} is empty; check the spelling; only if it may be empty at times set --if-empty skip"
        " or --if-empty succeed, which accept a misspelt one too"
    )
    no_object = f"there is no object {source}; check the spelling"
    assert fails.err.endswith(f"s3-crosscopy: {holds_nothing if what.endswith('/') else no_object}\n")
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


SPELT = [
    (
        "in/events",
        "there is no object 'in/events', but there are objects under 'in/events/'; did you mean {}in/events/ ?",
    ),
    ("in/events/*", "S3 has no wildcards in a source; did you mean {}in/events/ ?"),
    ("in/ev*/*.csv", "S3 has no wildcards in a source; did you mean {}in/ with --include 'ev*/*.csv' ?"),
    ("in/e*/", "S3 has no wildcards in a source; did you mean {}in/ with --include 'e*/*' ?"),
]


@pytest.mark.parametrize(("key", "line"), SPELT)
def test_a_prefix_without_its_slash_and_a_wildcard_are_told_with_the_right_spelling(
    shell: Shell, key: str, line: str
) -> None:
    shell.put("in/events/a.csv")
    bucket = shell.source.removesuffix("in/")

    failed = shell.copy(source=f"{bucket}{key}", dest=f"{shell.dest}{'' if key.endswith('/') else 'events'}")
    allowed = shell.copy("--if-empty", "succeed", source=f"{bucket}{key}")
    planned = shell.copy("--dry-run", source=f"{bucket}{key}")

    for err in (failed.err, planned.err):
        said = err.splitlines()[-1]
        assert said.startswith("s3-crosscopy: source: there is no")
        assert said.endswith(line.format(bucket))
        assert "if-empty" not in said
    assert (failed.code, planned.code, shell.copied()) == (3, 3, {})
    # Who says that it may be empty is warned, for it may never have been right.
    assert any(
        one.startswith("warning: source: ") and one.endswith(line.format(bucket)) for one in allowed.err.splitlines()
    )
    assert allowed.code == 0


def test_an_object_whose_key_has_a_wildcard_is_copied(shell: Shell) -> None:
    shell.put("in/a*b?.csv")

    done = shell.copy(source=f"{shell.source}a*b?.csv")

    assert (done.code, list(shell.copied())) == (0, ["out/a*b?.csv"])


def test_where_nobody_may_look_the_line_is_that_of_a_source_that_is_not_there(fronted: Shell, stub: StubServer) -> None:
    fronted.put("in/events/a")

    def no_list(request: Request) -> Answer:
        if request.operation == "HeadObject":  # S3's own, which moto's is not
            return Response(404, {"x-amz-request-id": "1"})
        return answers.error("AccessDenied", 403, "no") if request.operation == "ListObjectsV2" else FORWARD

    stub.rules = [no_list]
    done = fronted.copy(source=f"{fronted.source}events")

    assert done.err.splitlines()[-1] == f"s3-crosscopy: there is no object {fronted.source}events; check the spelling"
    assert done.code == 3
    assert len(stub.requests_of("ListObjectsV2")) == 1


def test_a_filter_that_leaves_nothing_is_one_line_with_the_keys_as_it_sees_them(shell: Shell) -> None:
    shell.put("in/a.csv", "in/day/b.csv")
    wrong = ("--include", "*.cvs", "--include", "in/*")

    for mode in ((), ("--dry-run",)):
        fails = shell.copy(*wrong, *mode)
        assert fails.err.splitlines()[-1] == (
            f"s3-crosscopy: nothing of {shell.source} is left to copy: --include '*.cvs' --include 'in/*'"
            " left out 2 of 2"
            " (globs are relative to the source prefix, or see one object's name; here: 'a.csv', 'day/b.csv');"
            " check the filter or the manifest; only if nothing may match at times set --if-empty skip or"
            " --if-empty succeed, which accept a wrong one too"
        )
        assert (fails.code, shell.copied()) == (3, {})
        assert not fails.out.startswith("copied")
    allowed = shell.copy(*wrong, "--if-empty", "succeed")
    assert (allowed.code, allowed.out.splitlines()[0]) == (0, f"nothing was copied: {shell.source} to {shell.dest}")


def test_a_day_without_news_succeeds_and_says_so(shell: Shell) -> None:
    shell.put("in/a.csv", "in/b.csv")

    done = shell.copy("--modified-after", "2999-01-01", "--include", "*.csv")

    assert done.code == 0
    assert done.out.splitlines()[0] == f"nothing was copied: {shell.source} to {shell.dest}"
    assert done.out.splitlines()[-1] == "nothing was to be copied: 2 left out by their time of modification"


def test_one_object_is_filtered_by_its_name(shell: Shell) -> None:
    shell.put("in/day/orders.csv")
    source = f"{shell.source}day/orders.csv"

    left_out = shell.copy("--exclude", "*.csv", source=source)
    assert (left_out.code, shell.copied()) == (3, {})
    assert "--exclude '*.csv' left out the only object" in left_out.err
    assert "here: 'orders.csv'" in left_out.err

    assert shell.copy("--include", "*.csv", source=source).code == 0
    assert list(shell.copied()) == ["out/orders.csv"]


def test_a_list_as_text_is_that_list(shell: Shell) -> None:
    shell.put("in/a", "in/secret/salaries")

    assert shell.copy("--exclude", "['secret/*']").code == 0
    assert list(shell.copied()) == ["out/a"]


def test_an_exclude_of_everything_beside_an_include_is_bad_input(shell: Shell) -> None:
    shell.put("in/a")

    done = shell.copy("--exclude", "*", "--include", "a")

    assert done.err.startswith("s3-crosscopy: --exclude: '*' leaves out the keys of include too, because")
    assert (done.code, shell.copied()) == (2, {})


@pytest.mark.parametrize("form", ['"{bucket}","in/{key}","5"', "{bucket},in/{key}"])
def test_a_manifest_may_be_of_s3_inventory_or_batch_operations(shell: Shell, tmp_path: Path, form: str) -> None:
    names = ("a b", "p+q", "n,comma", 'q"uote', "pct%20lit", "ü")
    shell.put(*(f"in/{name}" for name in names), "in/not-named")
    bucket = shell.source.split("/")[2]
    file = tmp_path / "inventory.csv"
    file.write_text("\n".join(form.format(bucket=bucket, key=quote_plus(name)) for name in names))

    assert shell.copy("--manifest", str(file)).code == 0
    assert sorted(shell.copied()) == sorted(f"out/{name}" for name in names)


def test_a_manifest_of_which_no_key_exists_fails(shell: Shell, tmp_path: Path) -> None:
    shell.put("in/a")
    file = tmp_path / "keys"
    file.write_text("in/a \nin/b\n")

    done = shell.copy("--manifest", str(file))

    assert "2 of 2 keys of the manifest are not at the source" in done.err
    assert "one full key a line; the first are 'in/a ', 'in/b')" in done.err
    assert done.code == 3


@pytest.mark.parametrize("transport", ["boto3", "fast"])
def test_a_key_that_would_come_out_too_long_is_refused_and_never_asked_for(
    fronted: Shell, stub: StubServer, transport: str
) -> None:
    deep = "in/" + "k" * 1021
    fronted.put(deep, "in/fits")

    done = fronted.copy("--transport", transport, dest=f"{fronted.dest}deeper/")

    assert (done.code, list(fronted.copied())) == (1, ["out/deeper/fits"])
    assert "the destination key would have 1,032 bytes, S3 allows 1,024; shorten the destination prefix" in done.err
    assert [request.operation for request in stub.requests if "k" * 1021 in request.path] == []
