"""Every request that reads or writes a report or a manifest says whose bucket it has to be, as those of the copy do."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy import PermanentFailure, Report, copy
from s3_crosscopy.api import abort_uploads
from s3_crosscopy.cli.main import main
from s3_crosscopy.errors import InvalidInput, S3Error
from tests.end_to_end.conftest import session_of
from tests.servers import s3_responses as answers
from tests.servers.http_messages import Answer, Pass, Request
from tests.servers.moto import MotoServer
from tests.servers.stub_server import StubServer

SOURCE_OWNER, DEST_OWNER, THIRD_OWNER = "111111111111", "222222222222", "333333333333"
GUARDED = {"expected_source_bucket_owner": SOURCE_OWNER, "expected_bucket_owner": DEST_OWNER}


class Layout:
    """Three buckets behind a server that refuses every request which does not expect the bucket's own owner."""

    def __init__(self, moto: MotoServer, stub: StubServer) -> None:
        run = uuid.uuid4().hex[:8]
        self.source, self.dest, self.third = f"raw-{run}", f"landing-{run}", f"other-{run}"
        self.owners = {self.source: SOURCE_OWNER, self.dest: DEST_OWNER, self.third: THIRD_OWNER}
        self.session, self.client, self.url = session_of(moto.dst), moto.client(moto.dst), stub.endpoint_url
        for bucket in self.owners:
            self.client.create_bucket(Bucket=bucket)
        self.client.put_object(Bucket=self.source, Key="in/a", Body=b"a")
        stub.upstream, stub.rules = moto.endpoint_url, [self.refuse]

    def refuse(self, request: Request) -> Answer:
        bucket = request.target.partition("?")[0].split("/")[1]
        owner = self.owners.get(bucket)
        if owner is None or request.headers.get("x-amz-expected-bucket-owner") == owner:
            return Pass.FORWARD
        return answers.error("AccessDenied", 403, "Access Denied")

    def copy(self, **options: Any) -> Report:
        places = f"s3://{self.source}/in/", f"s3://{self.dest}/out/"
        return copy(*places, session=self.session, endpoint_url=self.url, **{**GUARDED, **options})

    def written(self, bucket: str) -> set[str]:
        rows = self.client.list_objects_v2(Bucket=bucket, Prefix="rep/").get("Contents", [])
        return {row["Key"] for row in rows}


@pytest.fixture
def layout(moto: MotoServer, stub: StubServer) -> Layout:
    return Layout(moto, stub)


@pytest.mark.parametrize("transport", ["boto3", "fast"])
@pytest.mark.parametrize(
    ("place", "given"),
    [("dest", {}), ("source", {}), ("third", {"expected_report_bucket_owner": THIRD_OWNER})],
)
def test_a_report_is_written_only_to_the_bucket_of_the_account_that_is_expected(
    layout: Layout, place: str, given: Mapping[str, str], transport: str
) -> None:
    bucket = getattr(layout, place)

    assert layout.copy(report=f"s3://{bucket}/rep/", transport=transport, **given).counts["copied"] == 1

    assert {"rep/index.json", "rep/summary.json", "rep/report.html"} <= layout.written(bucket)


@pytest.mark.parametrize("given", [{}, {"expected_report_bucket_owner": DEST_OWNER}])
def test_a_report_in_a_bucket_of_somebody_else_ends_the_run_before_it_copies(
    layout: Layout, given: Mapping[str, str]
) -> None:
    with pytest.raises(PermanentFailure, match=r"^report: .*AccessDenied"):
        layout.copy(report=f"s3://{layout.third}/rep/", **given)

    assert layout.client.list_objects_v2(Bucket=layout.dest)["KeyCount"] == 0


@pytest.mark.parametrize(
    ("place", "given"),
    [("source", {}), ("dest", {}), ("third", {"expected_manifest_bucket_owner": THIRD_OWNER})],
)
def test_a_manifest_is_read_only_from_the_bucket_of_the_account_that_is_expected(
    layout: Layout, place: str, given: Mapping[str, str]
) -> None:
    bucket = getattr(layout, place)
    layout.client.put_object(Bucket=bucket, Key="keys.txt", Body=b"in/a\n")

    assert layout.copy(manifest=f"s3://{bucket}/keys.txt", **given).counts["copied"] == 1


def test_a_former_report_is_read_as_a_manifest_with_the_same_guard(layout: Layout) -> None:
    layout.copy(report=f"s3://{layout.third}/rep/", expected_report_bucket_owner=THIRD_OWNER)

    with pytest.raises(PermanentFailure, match=r"^manifest: "):
        layout.copy(manifest=f"s3://{layout.third}/rep/")
    found = layout.copy(manifest=f"s3://{layout.third}/rep/", expected_manifest_bucket_owner=THIRD_OWNER)
    assert found.counts["listed"] == 1


def test_the_commands_that_read_a_report_say_whose_bucket_it_has_to_be(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    place = f"s3://{layout.third}/rep/"
    layout.copy(report=place, expected_report_bucket_owner=THIRD_OWNER)
    got = layout.session.get_credentials().get_frozen_credentials()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", got.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", got.secret_key)
    monkeypatch.setenv("AWS_SESSION_TOKEN", got.token or "")
    at = ["--endpoint-url", layout.url]
    expected = ["--expected-bucket-owner", THIRD_OWNER]

    assert main(["report", place, *at, *expected]) == 0
    assert f"page: {place}report.html" in capsys.readouterr().out
    assert main(["report", place, *at]) != 0
    assert main(["abort-uploads", place, *at, *expected]) == 0
    assert main(["abort-uploads", place, *at]) != 0
    capsys.readouterr()
    assert main(["report", str(tmp_path), "--expected-bucket-owner", "me"]) == 2
    said = "s3-crosscopy: --expected-bucket-owner: 'me' is not an AWS account id of 12 digits\n"
    assert capsys.readouterr().err == said


def test_aborting_uploads_takes_the_expected_owner_as_an_argument(layout: Layout) -> None:
    place = f"s3://{layout.third}/rep/"
    layout.copy(report=place, expected_report_bucket_owner=THIRD_OWNER)
    who = {"session": layout.session, "endpoint_url": layout.url}

    assert abort_uploads(place, **who, expected_bucket_owner=THIRD_OWNER).gone == ()
    with pytest.raises(S3Error):
        abort_uploads(place, **who, expected_bucket_owner=DEST_OWNER)
    with pytest.raises(InvalidInput, match=r"^expected_bucket_owner: '5' is not an AWS account id"):
        abort_uploads("a-checkpoint", **who, expected_bucket_owner="5")
