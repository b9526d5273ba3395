"""Two accounts on a server that enforces policies: what one role was granted arrives, what it was not is explained."""

from __future__ import annotations

import os
import uuid
from typing import Any

import pytest

from s3_crosscopy import PermanentFailure, Report, copy
from tests.end_to_end.conftest import session_of
from tests.end_to_end.peers import aws_sync_dryrun
from tests.servers.accounts import Account
from tests.servers.http_messages import FORWARD, Answer, Request, Response
from tests.servers.rgw import RgwServer
from tests.servers.stub_rules import forward_all, require_external_id
from tests.servers.stub_server import StubServer

READ_BACK = ("GetObject", "GetObjectTagging")
KEYS = (
    "day=1/part-0.parquet",
    "day=1/sub//double slash.csv",
    "day=1/sp ace+%41.csv",
    "day=1/ünï/日本.json",
    "day=1/q?x=1&y=#frag",
    'day=1/it\'s "quoted"',
    "day=1/../up",
    "day=1/./here",
    "day=1/marker/",
    "day=2/part-0.parquet",
)


class Layout:
    """A source bucket of `src`, a destination bucket of `dst`, and a role of `dst` that may use its own bucket."""

    def __init__(self, rgw: RgwServer) -> None:
        run = uuid.uuid4().hex[:8]
        self.rgw = rgw
        self.source, self.dest = f"raw-{run}", f"landing-{run}"
        self.owner, self.reader = rgw.client(rgw.src), rgw.client(rgw.dst)
        self.owner.create_bucket(Bucket=self.source)
        self.reader.create_bucket(Bucket=self.dest)
        self.role = rgw.create_role(rgw.dst, f"copier-{run}", rgw.user_arn(rgw.op), [self.dest])

    def seed(self, keys: tuple[str, ...] = KEYS) -> None:
        for number, key in enumerate(keys):
            body = b"" if key.endswith("/") else f"{key} {number}".encode()
            self.owner.put_object(
                Bucket=self.source,
                Key=f"events/{key}",
                Body=body,
                ContentType="text/x-event",
                Metadata={"number": str(number)},
                Tagging=f"team=raw&number={number}",
            )

    def grant_the_role(self) -> None:
        self.rgw.put_bucket_policy(self.rgw.src, self.source, self.role)

    def copier(self, external_id: str | None = None, through: StubServer | None = None) -> Account:
        """The role's credentials, as `op` gets them; STS is asked `through` a proxy if there is one."""
        sts_server = self.rgw if through is None else RgwServer(through.endpoint_url)
        return sts_server.assume(self.rgw.op, self.role, external_id)

    def copy(self, account: Account, **options: Any) -> Report:
        return copy(
            f"s3://{self.source}/events/",
            f"s3://{self.dest}/in/",
            session=session_of(account),
            endpoint_url=options.pop("endpoint_url", self.rgw.endpoint_url),
            **options,
        )


@pytest.fixture
def layout(rgw: RgwServer) -> Layout:
    return Layout(rgw)


def everything(client: Any, bucket: str, prefix: str) -> dict[str, tuple[Any, ...]]:
    """Relative key to content, content type, metadata and tags, as plain boto3 reads them."""
    found = {}
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for row in page.get("Contents", ()):
            said = client.get_object(Bucket=bucket, Key=row["Key"])
            tags = client.get_object_tagging(Bucket=bucket, Key=row["Key"])
            pairs = sorted((tag["Key"], tag["Value"]) for tag in tags.get("TagSet", ()))
            relative = row["Key"][len(prefix) :]
            found[relative] = (said["Body"].read(), said["ContentType"], said["Metadata"], pairs)
    return found


def test_a_role_assumed_with_an_external_id_copies_what_only_it_was_granted(layout: Layout, stub: StubServer) -> None:
    stub.upstream = layout.rgw.endpoint_url
    stub.rules = [require_external_id("ext-1"), forward_all]
    layout.seed()
    layout.grant_the_role()

    account = layout.copier("ext-1", through=stub)
    report = layout.copy(account)

    assert report.ok
    assert report.counts["copied"] == len(KEYS)
    assert report.verified_by == {"etag": len(KEYS)}
    # On RGW the copies belong to whoever assumed the role, so the role reads them.
    arrived = everything(layout.rgw.client(account), layout.dest, "in/")
    assert arrived == everything(layout.owner, layout.source, "events/")
    assert len(arrived) == len(KEYS)


def test_a_second_run_copies_nothing_and_aws_s3_sync_sees_no_difference(layout: Layout) -> None:
    layout.seed()
    layout.grant_the_role()
    account = layout.copier()
    layout.copy(account)

    again = layout.copy(account)

    assert again.counts["copied"] == 0
    assert again.counts["skipped"] == len(KEYS)
    assert still_to_copy(layout, account) == ""


def still_to_copy(layout: Layout, account: Account) -> str:
    """What aws-cli would still copy. It runs as the copying role, which may read both sides."""
    places = f"s3://{layout.source}/events/", f"s3://{layout.dest}/in/"
    return aws_sync_dryrun(layout.rgw.endpoint_url, account, *places)


def test_aws_s3_sync_does_see_what_was_not_copied(layout: Layout) -> None:
    layout.seed()
    layout.grant_the_role()
    account = layout.copier()
    layout.copy(account, exclude="day=2/*")

    assert "day=2/part-0.parquet" in still_to_copy(layout, account)


def test_without_the_source_grant_there_is_one_denial_nothing_is_written_and_no_retry(
    layout: Layout, stub: StubServer
) -> None:
    stub.upstream = layout.rgw.endpoint_url
    layout.seed()

    with pytest.raises(PermanentFailure) as failed:
        layout.copy(layout.copier(), endpoint_url=stub.endpoint_url)

    text = str(failed.value)
    assert text.count("was denied") == 1
    assert f"ListObjectsV2 was denied for s3://{layout.source}/events/" in text
    assert f"the copier is missing permission s3:ListBucket at the source bucket (arn:aws:s3:::{layout.source})" in text
    assert everything(layout.reader, layout.dest, "") == {}
    lists = [request for request in stub.requests_of("ListObjectsV2") if request.bucket == layout.source]
    # The other one is the doctor's, who asks for a few keys only.
    assert [request.query["max-keys"] for request in lists].count("1000") == 1
    assert stub.requests_of("CopyObject") == []


def test_a_reader_that_lists_does_not_help_a_copier_that_may_not_read(layout: Layout, stub: StubServer) -> None:
    stub.upstream = layout.rgw.endpoint_url
    layout.seed()

    with pytest.raises(PermanentFailure) as failed:
        layout.copy(
            layout.copier(), source_session=session_of(layout.rgw.src), endpoint_url=stub.endpoint_url, batch_size=10
        )

    report = failed.value.report
    assert report is not None
    assert report.counts["failed"] == len(KEYS)
    assert "CopyObject was denied" in str(failed.value)
    assert "the copier is missing permission s3:GetObject at the source bucket" in str(failed.value)
    assert "MISSING    reader" not in str(failed.value)
    assert everything(layout.reader, layout.dest, "") == {}
    # No key was tried twice.
    assert len(stub.requests_of("CopyObject")) == len(KEYS)


def test_a_copier_that_may_read_but_not_write_is_told_that_it_is_the_destination(layout: Layout) -> None:
    layout.seed()
    layout.rgw.put_bucket_policy(layout.rgw.src, layout.source, layout.rgw.user_arn(layout.rgw.op))
    # `op` may list the destination and no more.
    layout.rgw.put_bucket_policy(
        layout.rgw.dst, layout.dest, layout.rgw.user_arn(layout.rgw.op), actions=("s3:ListBucket",)
    )

    with pytest.raises(PermanentFailure) as failed:
        layout.copy(layout.rgw.op)

    assert "the copier is missing permission s3:PutObject at the destination bucket" in str(failed.value)
    assert "the source bucket (" not in str(failed.value)


def test_the_source_pushes_small_and_large_objects_into_a_bucket_that_lets_it(layout: Layout) -> None:
    layout.seed()
    big = os.urandom(12 * 2**20)
    layout.owner.put_object(
        Bucket=layout.source, Key="events/big.bin", Body=big, Metadata={"big": "yes"}, Tagging="size=big"
    )
    actions = [f"s3:{action}" for action in ("PutObject", "PutObjectTagging", "ListBucket", *READ_BACK)]
    layout.rgw.put_bucket_policy(layout.rgw.dst, layout.dest, layout.rgw.user_arn(layout.rgw.src), actions=actions)

    report = layout.copy(layout.rgw.src, multipart_threshold="5MiB", part_size="5MiB")

    assert report.counts["copied"] == len(KEYS) + 1
    assert report.verified_by == {"etag": len(KEYS), "size": 1}
    pushed = everything(layout.rgw.client(layout.rgw.src), layout.dest, "in/")
    there = everything(layout.owner, layout.source, "events/")
    # RGW 16 forgets the tags that CreateMultipartUpload was given (any client's); the rest is equal.
    *persistence, tags = there.pop("big.bin")
    *arrived, no_tags = pushed.pop("big.bin")
    assert (arrived, tags, no_tags) == (persistence, [("size", "big")], [])
    assert pushed == there
    assert layout.rgw.client(layout.rgw.src).head_object(Bucket=layout.dest, Key="in/big.bin")["ETag"].endswith('-3"')


def test_an_upload_whose_part_is_refused_is_aborted(layout: Layout, stub: StubServer) -> None:
    """RGW never lets a role copy parts across accounts: a real 403 in mid-upload."""
    stub.upstream = layout.rgw.endpoint_url
    layout.owner.put_object(Bucket=layout.source, Key="events/big.bin", Body=os.urandom(11 * 2**20))
    layout.grant_the_role()

    with pytest.raises(PermanentFailure, match="UploadPartCopy"):
        layout.copy(layout.copier(), multipart_threshold="5MiB", part_size="5MiB", endpoint_url=stub.endpoint_url)

    assert len(stub.requests_of("CreateMultipartUpload")) == 1
    # The other one is the doctor's, of an upload that does not exist.
    assert [request.key for request in stub.requests_of("AbortMultipartUpload")].count("in/big.bin") == 1
    assert "Uploads" not in layout.reader.list_multipart_uploads(Bucket=layout.dest)


def test_a_tag_that_may_not_be_read_fails_a_large_object(layout: Layout, stub: StubServer) -> None:
    def no_tags(request: Request) -> Answer:
        return Response(403, {}, b"") if request.operation == "GetObjectTagging" else FORWARD

    stub.upstream = layout.rgw.endpoint_url
    stub.rules = [no_tags]
    layout.owner.put_object(Bucket=layout.source, Key="events/big.bin", Body=os.urandom(6 * 2**20))
    layout.grant_the_role()

    with pytest.raises(PermanentFailure, match="s3:GetObjectTagging"):
        layout.copy(layout.copier(), multipart_threshold="5MiB", part_size="5MiB", endpoint_url=stub.endpoint_url)

    assert stub.requests_of("CreateMultipartUpload") == []
