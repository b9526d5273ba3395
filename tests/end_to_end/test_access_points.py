"""Copies through access points: boto3 puts them into the host name, which a stub before moto reads again."""

from __future__ import annotations

import logging
import socket
import uuid
from collections.abc import Set
from dataclasses import replace
from email.message import Message
from typing import Any
from urllib.parse import unquote

import pytest
from botocore.config import Config

from s3_crosscopy import InvalidInput, copy
from s3_crosscopy.access.examination import Examination
from s3_crosscopy.adapters.boto.clients import S3Clients
from s3_crosscopy.api import examination_text, examine, resolve_spec
from s3_crosscopy.model.report import Report
from tests.end_to_end.conftest import session_of
from tests.servers.http_messages import Request, Response
from tests.servers.moto import MotoServer
from tests.servers.stub_server import StubServer

REGION, ACCOUNT = "us-east-1", "111111111111"
MIB = 2**20
UNSUPPORTED = frozenset({"versioning", "encryption", "ownershipControls", "object-lock", "requestPayment"})
"""Requests that access points do not take (S3 User Guide, "Access point compatibility")."""


def arn(name: str, region: str = REGION) -> str:
    return f"arn:aws:s3:{region}:{ACCOUNT}:accesspoint/{name}"


class Points:
    """Two buckets at moto, each behind an access point, and a stub that translates the points' host names."""

    def __init__(self, moto: MotoServer, stub: StubServer) -> None:
        run = uuid.uuid4().hex[:8]
        self.moto, self.stub = moto, stub
        self.buckets = {"reader": f"raw-{run}", "writer": f"landing-{run}"}
        self.client = moto.client(moto.dst)
        for bucket in self.buckets.values():
            self.client.create_bucket(Bucket=bucket)
        self.hosts: set[str] = set()
        self.sources: set[str] = set()
        self.looked_up: list[str] = []
        self.may_look_up = True
        self.denied: Set[str] = frozenset()
        stub.upstream = moto.endpoint_url
        stub.rules = [self.answer]

    @property
    def port(self) -> str:
        return self.stub.endpoint_url.rpartition(":")[2]

    def answer(self, request: Request) -> Response:
        host = request.headers["Host"].partition(":")[0]
        if "/v20180820/accesspoint/" in request.path:
            return self.access_point(request.path.rpartition("/")[2])
        self.hosts.add(host)
        if request.query.keys() & UNSUPPORTED:
            return Response(405, body=b"<Error><Code>MethodNotAllowed</Code><Message>no bucket</Message></Error>")
        if request.method in self.denied:
            return Response(403, body=b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>")
        name = host.partition("-")[0]
        bucket = self.buckets[name]
        headers: Message[str, str] = Message()
        for header, value in request.headers.items():
            headers[header] = self.translated(value) if header.lower() == "x-amz-copy-source" else value
        headers.replace_header("Host", self.moto.endpoint_url.rpartition("/")[2])
        target = f"/{bucket}{request.target[request.path == '/' :]}"
        return self.stub.forward(replace(request, target=target, headers=headers))

    def translated(self, source: str) -> str:
        point, _, key = source.partition("/object/")
        self.sources.add(f"{unquote(point)}/object/{key}")
        return f"{self.buckets[point.rpartition('/')[2]]}/{key}"

    def access_point(self, name: str) -> Response:
        self.looked_up.append(name)
        if not self.may_look_up:
            return Response(403, body=b"<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>")
        body = f"<GetAccessPointResult><Name>{name}</Name><Bucket>{self.buckets[name]}</Bucket></GetAccessPointResult>"
        return Response(body=body.encode())

    def put(self, name: str, data: bytes = b"data") -> None:
        self.client.put_object(Bucket=self.buckets["reader"], Key=name, Body=data)

    def copy(self, source: str, dest: str, **options: Any) -> Report:
        config = {"proxies": {}, "retries": {"total_max_attempts": 1}}
        return copy(source, dest, session=session_of(self.moto.dst), botocore_config=config, **options)

    def examine(self, source: str, dest: str) -> Examination:
        config = Config(proxies={}, retries={"total_max_attempts": 1})
        copier = S3Clients(session_of(self.moto.dst), config=config)
        return examine(resolve_spec(source, dest, {}), copier)

    def keys(self, name: str) -> list[str]:
        rows = self.client.list_objects_v2(Bucket=self.buckets[name]).get("Contents", [])
        return [row["Key"] for row in rows]


@pytest.fixture
def points(moto: MotoServer, stub: StubServer, monkeypatch: pytest.MonkeyPatch) -> Points:
    resolve = socket.getaddrinfo

    def resolved(host: Any, *rest: Any, **more: Any) -> Any:
        return resolve("127.0.0.1" if str(host).endswith("localhost") else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    made = Points(moto, stub)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", moto.endpoint_url)
    for service in ("S3", "S3_CONTROL"):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", f"http://localhost:{made.port}")
    return made


def test_a_prefix_is_copied_from_one_access_point_to_another(points: Points, caplog: pytest.LogCaptureFixture) -> None:
    points.put("in/a b+ü")
    points.put("in/large", b"x" * (6 * MIB))

    with caplog.at_level(logging.INFO, "s3_crosscopy"):
        report = points.copy(
            f"s3://{arn('reader')}/in/", f"s3://{arn('writer')}/out/", multipart_threshold="5MiB", part_size="5MiB"
        )

    assert report.counts["copied"] == 2
    assert points.keys("writer") == ["out/a b+ü", "out/large"]
    assert points.hosts == {f"{name}-{ACCOUNT}.localhost" for name in points.buckets}
    assert points.sources == {f"{arn('reader')}/object/in/{key}" for key in ("a%20b%2B%C3%BC", "large")}
    assert len(points.stub.requests_of("UploadPartCopy")) == 2
    assert any("boto3: an access point is no bucket" in record.getMessage() for record in caplog.records)
    assert points.looked_up == [], "prefixes that cannot overlap need no look at the buckets"


def test_the_buckets_of_overlapping_prefixes_are_looked_up(points: Points) -> None:
    points.put("in/a")

    assert points.copy(f"s3://{arn('reader')}/in/", f"s3://{arn('writer')}/in/").counts["copied"] == 1
    assert sorted(points.looked_up) == ["reader", "writer"]


def test_two_access_points_of_one_bucket_are_found_out_before_anything_is_listed(points: Points) -> None:
    points.put("in/a")
    points.buckets["writer"] = points.buckets["reader"]

    with pytest.raises(InvalidInput, match=f"dest: .* overlap in the bucket '{points.buckets['reader']}'"):
        points.copy(f"s3://{arn('reader')}/in/", f"s3://{arn('writer')}/in/z/")
    assert points.stub.requests_of("ListObjectsV2") == []


def test_a_bucket_that_nobody_may_look_up_is_warned_of_and_a_copy_into_it_is_refused(
    points: Points, caplog: pytest.LogCaptureFixture
) -> None:
    points.put("in/a")
    points.may_look_up = False

    with caplog.at_level(logging.WARNING, "s3_crosscopy"):
        assert points.copy(f"s3://{arn('reader')}/in/", f"s3://{arn('writer')}/in/").ok
    assert any("may be the same place" in record.getMessage() for record in caplog.records)
    with pytest.raises(InvalidInput, match=r"may overlap, .*allow s3:GetAccessPoint"):
        points.copy(f"s3://{arn('reader')}/in/", f"s3://{arn('writer')}/in/z/")


def test_a_copy_through_an_access_point_to_another_region_is_refused(points: Points) -> None:
    with pytest.raises(InvalidInput, match="the source is in us-east-1 and the destination in eu-west-1"):
        points.copy(f"s3://{arn('reader')}/in/", f"s3://{arn('writer', 'eu-west-1')}/out/")
    assert points.stub.requests_of("ListObjectsV2") == []


def test_another_server_than_aws_is_asked_for_no_access_point(points: Points) -> None:
    points.put("in/a")

    endpoint_url = f"http://localhost:{points.port}"
    points.copy(f"s3://{arn('reader')}/in/", f"s3://{arn('writer')}/in/", endpoint_url=endpoint_url)
    assert points.looked_up == []


def test_the_doctor_examines_access_points(points: Points) -> None:
    points.put("in/a")
    examination = points.examine(f"s3://{arn('reader')}/in/", f"s3://{arn('writer')}/out/")

    assert examination.ok
    assert examination.sample == "in/a"
    assert {finding.permission.resource for finding in examination.findings} == {
        place
        for name, prefix in (("reader", "in"), ("writer", "out"))
        for place in (arn(name), f"{arn(name)}/object/{prefix}/*")
    }
    assert [bucket.versioning for bucket in examination.buckets] == [None, None], "an access point does not tell"


def test_the_doctor_prints_the_policies_of_the_access_points_themselves(points: Points) -> None:
    points.denied = {"GET", "HEAD", "PUT", "POST"}
    examination = points.examine(f"s3://{arn('reader')}/in/", f"s3://{arn('writer')}/out/")

    printed = [(policy.place, policy.attach_to) for policy in examination.policies]
    assert printed[1:] == [
        ("access point policy of the source bucket", arn("reader")),
        ("access point policy of the destination bucket", arn("writer")),
    ]
    assert len([note for note in examination.pitfalls if "the bucket behind" in note]) == 2
    assert "put-access-point-policy" in examination_text(examination)
