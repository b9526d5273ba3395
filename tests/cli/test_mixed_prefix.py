"""A prefix of every kind of object: the counts, what proves the copies and the exit code, together."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from tests.cli.shell import Shell
from tests.faults.fault_scripts import once
from tests.servers.stub_rules import forward_all
from tests.servers.stub_server import StubServer

MIB = 2**20
PLAIN = ("in/plain 1", "in/plain/2", "in/pläin+3%")
IN_PARTS = ("--multipart-threshold", "5MiB", "--part-size", "5MiB")
OUTCOMES = ("listed", "copied", "skipped", "filtered", "missing", "failed", "held_back", "not_attempted")


@pytest.fixture
def mixed(fronted: Shell, stub: StubServer, owners: tuple[Any, Any]) -> Shell:
    """Three plain objects, one uploaded in parts, one tagged, one to be filtered, one archived, and one that somebody
    deletes when the copying has begun."""
    fronted.put(*PLAIN, "in/gone", "in/notes.tmp")
    client, bucket = owners[0], fronted.source.split("/")[2]
    body = os.urandom(5 * MIB + 321)
    upload = client.create_multipart_upload(Bucket=bucket, Key="in/parts")["UploadId"]
    at = {"Bucket": bucket, "Key": "in/parts", "UploadId": upload}
    cuts = (body[: 5 * MIB], body[5 * MIB :])
    parts = [
        {"PartNumber": number, "ETag": client.upload_part(**at, PartNumber=number, Body=cut)["ETag"]}
        for number, cut in enumerate(cuts, start=1)
    ]
    client.complete_multipart_upload(**at, MultipartUpload={"Parts": parts})
    client.put_object(Bucket=bucket, Key="in/tagged", Body=b"tagged", Tagging="team=data")
    client.put_object(Bucket=bucket, Key="in/archived", Body=b"archived", StorageClass="GLACIER")
    gone = once("CopyObject", lambda: client.delete_object(Bucket=bucket, Key="in/gone"))
    stub.rules = [gone, forward_all]
    return fronted


@pytest.mark.parametrize("transport", ["boto3", "fast"])
@pytest.mark.parametrize(("archived", "code", "skipped", "failed"), [("skip", 0, 1, 0), ("fail", 1, 0, 1)])
def test_a_mixed_prefix_is_counted_proven_and_judged(
    mixed: Shell, transport: str, archived: str, code: int, skipped: int, failed: int
) -> None:
    done = mixed.copy(
        *IN_PARTS,
        "--exclude",
        "*.tmp",
        "--archived",
        archived,
        "--transport",
        transport,
        "--max-concurrency",
        "1",
        "--json",
    )

    report = json.loads(done.out)
    assert {name: report[name] for name in OUTCOMES} == {
        "listed": 8,
        "copied": 5,
        "skipped": skipped,
        "filtered": 1,
        "missing": 1,
        "failed": failed,
        "held_back": 0,
        "not_attempted": 0,
    }
    assert report["verified_by"] == {"etag": 5}
    assert report["decisions"] == {"new": 5, "filtered by glob": 1, "archived": 1}
    assert (done.code, report["ok"]) == (code, code == 0)
    assert sorted(mixed.copied()) == sorted(["out/parts", "out/tagged", *(f"out/{key[3:]}" for key in PLAIN)])
