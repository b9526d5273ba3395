"""A command line with two buckets that hold something already, which a self-test must leave as it is."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from s3_crosscopy.cli.main import main
from tests.cli.shell import Ended, write_profiles
from tests.servers.http_messages import Response
from tests.servers.stub_rules import forward_all

if TYPE_CHECKING:
    from tests.servers.moto import MotoServer
    from tests.servers.stub_server import StubServer

DENIED = Response(403, {"Content-Type": "text/xml"}, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>")
THERE_BEFORE = ("tmp/mine", "tmp/s3-crosscopy-selftest-", "tmpfile", "other/x")


class Lab(NamedTuple):
    """Two buckets, plain clients of their owners, and the command."""

    endpoint_url: str
    buckets: tuple[str, str]
    clients: tuple[Any, Any]
    capture: Any
    path: Path

    def run(self, *arguments: str, source: str = "tmp/", dest: str = "tmp/") -> Ended:
        """Run `s3-crosscopy selftest` with the profiles of both accounts, without a question."""
        places = f"s3://{self.buckets[0]}/{source}", f"s3://{self.buckets[1]}/{dest}"
        access = "--profile", "b", "--source-profile", "a", "--endpoint-url", self.endpoint_url
        out = "--out", str(self.path / "selftest.json")
        self.capture.readouterr()
        code = main(["selftest", *places, *access, *out, *arguments])
        return Ended(code, *self.capture.readouterr())

    def version_on(self) -> None:
        for client, bucket in zip(self.clients, self.buckets, strict=True):
            client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    def content(self) -> list[tuple[str, str, str]]:
        """Every version and delete marker of both buckets, and every upload."""
        rows: list[tuple[str, str, str]] = []
        for client, bucket in zip(self.clients, self.buckets, strict=True):
            page = client.list_object_versions(Bucket=bucket)
            versions = (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
            rows += [(bucket, row["Key"], row["VersionId"]) for row in versions]
            uploads = client.list_multipart_uploads(Bucket=bucket).get("Uploads", ())
            rows += [(bucket, row["Key"], row["UploadId"]) for row in uploads]
        return rows


@pytest.fixture
def lab(moto: MotoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Lab:
    write_profiles(tmp_path, {"a": moto.src, "b": moto.dst}, monkeypatch)
    name = uuid.uuid4().hex
    buckets = f"selftest-src-{name}", f"selftest-dst-{name}"
    clients = moto.client(moto.src), moto.client(moto.dst)
    for client, bucket in zip(clients, buckets, strict=True):
        client.create_bucket(Bucket=bucket)
        for key in THERE_BEFORE:
            client.put_object(Bucket=bucket, Key=key, Body=b"there before")
    return Lab(moto.endpoint_url, buckets, clients, capsys, tmp_path)


@pytest.fixture
def fronted(lab: Lab, stub: StubServer) -> Lab:
    """The lab with the stub before its server, which sees every request, those of the killed copy too."""
    stub.upstream = lab.endpoint_url
    stub.rules = [forward_all]
    return lab._replace(endpoint_url=stub.endpoint_url)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A self-test of a few small objects, for tests of what surrounds it."""
    from s3_crosscopy.selftest import object_specs, selftest_run

    every = object_specs.object_specs
    kept = ("key-plain", "key-percent", "key-not-in-xml", "metadata-non-ascii", "parts-uniform")

    def some(*arguments: Any) -> Any:
        return tuple(spec for spec in every(*arguments) if spec.name in kept)

    monkeypatch.setattr(selftest_run, "object_specs", some)
