"""What a copy in parts cannot carry, at the wire: long tags, metadata that no header holds, keys that are no XML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from s3_crosscopy import CopyFailed, Failure, Reason, Report, copy
from s3_crosscopy.adapters.boto.s3 import BotoS3
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.operations import Copy
from tests.faults.fault_scripts import in_bucket
from tests.faults.harness import DEST_PREFIX, IN_PARTS, LARGE, LARGE_BYTES, SOURCE_PREFIX, World
from tests.faults.test_five_gibibytes import PLAIN, RULES, SIZE
from tests.servers import s3_responses as answers
from tests.servers.http_messages import Response
from tests.servers.stub_rules import always, forward_then_drop
from tests.servers.stub_server import StubServer

LONG_TAGS = {f"key-{number}": "v" * 250 for number in range(10)}
TAG_SET = "".join(f"<Tag><Key>{key}</Key><Value>{value}</Value></Tag>" for key, value in LONG_TAGS.items())
TAGS = answers.xml("Tagging", f"<TagSet>{TAG_SET}</TagSet>")
NO_TAGS = answers.xml("Tagging", "<TagSet></TagSet>")
DENIED = answers.error("AccessDenied", 403)
COPY_ETAG = f"{answers.ETAG}-2"
BELL = "bell\x07 \x1b[0m.bin"


def tagged(world: World) -> None:
    """A large object whose tags fit no header."""
    world.seed_large()
    tag_set = [{"Key": key, "Value": value} for key, value in LONG_TAGS.items()]
    world.owner.put_object_tagging(Bucket=world.source, Key=SOURCE_PREFIX + LARGE, Tagging={"TagSet": tag_set})


def test_long_tags_come_with_one_copyobject_also_where_none_may_be_put(world: World) -> None:
    tagged(world)
    # moto tells another account no tags.
    world.script(always("GetObjectTagging", TAGS), always("PutObjectTagging", DENIED))

    ended = world.run(**IN_PARTS)

    assert ended.error is None
    assert (world.sent("CopyObject"), world.sent("CreateMultipartUpload")) == (1, 0)
    world.check(ended.report)


def test_long_tags_are_at_the_destination_afterwards(rgw_world: World) -> None:
    world = rgw_world
    tagged(world)

    ended = world.run(**IN_PARTS)

    assert ended.error is None
    world.check(ended.report)
    said = world.reader.get_object_tagging(Bucket=world.dest, Key=DEST_PREFIX + LARGE)
    assert {tag["Key"]: tag["Value"] for tag in said["TagSet"]} == LONG_TAGS


def over_five_gibibytes(stub: StubServer, path: Mapping[str, Any], *rules: Any, **options: Any) -> Report:
    """A copy of an object that only parts can copy, with long tags that nobody may put."""
    stub.rules = [
        *rules,
        in_bucket("dst", always("GetObjectTagging", NO_TAGS)),
        always("GetObjectTagging", TAGS),
        *RULES,
    ]
    session = boto3.Session("AKIA", "secret", region_name="us-east-1")
    return copy(
        "s3://src/p/", "s3://dst/q/", session=session, endpoint_url=stub.endpoint_url, botocore_config=PLAIN,
        **path, **options,
    )  # fmt: skip


def failure_of(stub: StubServer, path: Mapping[str, Any], *rules: Any, **options: Any) -> Failure:
    with pytest.raises(CopyFailed) as caught:
        over_five_gibibytes(stub, path, *rules, **options)
    assert caught.value.report is not None
    (failure,) = caught.value.report.failures
    return failure


@pytest.mark.parametrize("version", ["", "v1"])
def test_a_copy_that_may_not_be_tagged_is_deleted_by_its_version_or_its_etag(
    stub: StubServer, data_path: Mapping[str, Any], version: str
) -> None:
    headers = {"x-amz-version-id": version} if version else {}
    there = in_bucket("dst", always("HeadObject", answers.head_object(SIZE, COPY_ETAG, headers)))

    failure = failure_of(
        stub, data_path, always("PutObjectTagging", DENIED), there, always("DeleteObject", Response(204))
    )

    assert (failure.reason, failure.call) == (Reason.DENIED, "PutObjectTagging")
    assert "the copy was deleted again" in failure.message
    (deleted,) = stub.requests_of("DeleteObject")
    assert (deleted.bucket, deleted.key) == ("dst", "q/big")
    assert deleted.query == ({"versionId": version} if version else {})
    assert deleted.headers["If-Match"] == (None if version else f'"{COPY_ETAG}"')


@pytest.mark.parametrize(
    ("etag", "deleting", "said"),
    [
        (COPY_ETAG, DENIED, "could not be deleted: DeleteObject: AccessDenied"),
        (COPY_ETAG, answers.error("PreconditionFailed", 412), "another object is in the copy's place"),
        (answers.ETAG, Response(204), "another object is in the copy's place"),
    ],
)
def test_a_copy_that_may_not_be_deleted_or_is_no_longer_there_is_said(
    stub: StubServer, data_path: Mapping[str, Any], etag: str, deleting: Response, said: str
) -> None:
    there = in_bucket("dst", always("HeadObject", answers.head_object(SIZE, etag)))

    failure = failure_of(stub, data_path, always("PutObjectTagging", DENIED), there, always("DeleteObject", deleting))

    assert said in failure.message
    assert len(stub.requests_of("DeleteObject")) == (etag == COPY_ETAG)


def test_metadata_that_no_header_holds_is_a_failure_where_only_parts_can_copy(
    stub: StubServer, data_path: Mapping[str, Any]
) -> None:
    missing = always("HeadObject", answers.head_object(SIZE, headers={"x-amz-missing-meta": "2"}))

    failure = failure_of(stub, data_path, missing)

    assert (failure.reason, failure.code) == (Reason.INVALID, "MissingMetadata")
    assert "2 of its metadata entries" in failure.message
    assert stub.requests_of("CreateMultipartUpload") == []
    report = over_five_gibibytes(stub, data_path, missing, always("PutObjectTagging", Response()), metadata="drop")
    assert report.counts["copied"] == 1


def test_metadata_of_any_bytes_comes_with_a_copy_in_parts(world: World) -> None:
    world.seed_large()
    metadata_of_bytes(world)

    ended = world.run(**IN_PARTS)

    assert ended.error is None
    assert world.sent("CreateMultipartUpload") == 1
    world.check(ended.report)


def test_a_server_that_checks_signatures_takes_metadata_of_any_bytes(rgw_world: World) -> None:
    test_metadata_of_any_bytes_comes_with_a_copy_in_parts(rgw_world)


def metadata_of_bytes(world: World) -> None:
    """Give the large object of the source metadata that boto3 would not send."""
    bucket, key = Bucket(world.source), SOURCE_PREFIX + LARGE
    port = BotoS3(client_like(world.owner))
    args = {"MetadataDirective": "REPLACE", "Metadata": {"name": "Käse 報告", "latin": "caf\udce9"}, "Expires": "0"}
    port.copy(Copy(bucket, key, bucket, key, "", args))


def client_like(client: Any) -> Any:
    """One of the same account and server, because BotoS3 changes its client for good."""
    credentials = client._request_signer._credentials
    session = boto3.Session(credentials.access_key, credentials.secret_key, credentials.token)
    return session.client("s3", "us-east-1", endpoint_url=client.meta.endpoint_url, config=client.meta.config)


@pytest.mark.parametrize("key", [BELL, "del\x7f.bin"])
def test_a_large_object_whose_key_is_no_xml_arrives_and_leaves_no_upload(rgw_world: World, key: str) -> None:
    world = rgw_world
    world.put(key, LARGE_BYTES, Metadata={"size": "large"})

    ended = world.run(**IN_PARTS)

    assert ended.error is None
    assert world.sent("CreateMultipartUpload") == 1
    world.check(ended.report)


@pytest.mark.parametrize("attempts", [1, 2])
def test_uploads_of_such_a_key_are_aborted_also_where_nobody_heard_of_their_beginning(
    rgw_world: World, attempts: int
) -> None:
    world = rgw_world
    world.put(BELL, LARGE_BYTES)
    world.script(forward_then_drop(world.stub, "CreateMultipartUpload"), always("UploadPartCopy", DENIED))

    ended = world.run(attempts=attempts, **IN_PARTS)

    world.check(ended.report, failed={BELL: Reason.DENIED})
    world.finish(**IN_PARTS)
