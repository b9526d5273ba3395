"""Copies with `preserve_etag` have the ETags of their sources on real servers, so that the next run needs no HEAD."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from s3_crosscopy import Report, copy
from tests.end_to_end.conftest import session_of
from tests.end_to_end.peers import aws_sync_dryrun
from tests.fast.require_pycurl import need_pycurl
from tests.servers.accounts import Account
from tests.servers.moto import MotoServer
from tests.servers.rgw import RgwServer

MIB = 2**20
PARTS: dict[str, list[int]] = {
    "empty": [],
    "plain": [],
    "small in one part": [7],
    "in one part": [6 * MIB],
    "in two parts": [5 * MIB, 3],
    "in three parts": [6 * MIB, 6 * MIB, MIB],
}
"""The sizes of the parts in which each object is uploaded; of the others the content is small, or there is none."""


class Layout:
    """A source bucket with objects of every layout, and a destination bucket, of one account."""

    def __init__(self, server: MotoServer | RgwServer, account: Account) -> None:
        run = uuid.uuid4().hex[:8]
        self.server, self.account = server, account
        self.source, self.dest = f"raw-{run}", f"landing-{run}"
        self.client: Any = server.client(account)
        for bucket in (self.source, self.dest):
            self.client.create_bucket(Bucket=bucket)
        for name, sizes in PARTS.items():
            self.put(f"in/{name}", name.encode(), sizes)

    def put(self, key: str, content: bytes, sizes: list[int]) -> None:
        properties: dict[str, Any] = {"Metadata": {"name": key}, "ContentType": "text/x-event"}
        if not sizes:
            self.client.put_object(Bucket=self.source, Key=key, Body=content if "plain" in key else b"", **properties)
            return
        place = {"Bucket": self.source, "Key": key}
        upload_id = self.client.create_multipart_upload(**place, **properties)["UploadId"]
        rows = []
        for number, size in enumerate(sizes, 1):
            body = (content * (size // len(content) + 1))[:size]
            part = self.client.upload_part(**place, UploadId=upload_id, PartNumber=number, Body=body)
            rows.append({"PartNumber": number, "ETag": part["ETag"]})
        self.client.complete_multipart_upload(**place, UploadId=upload_id, MultipartUpload={"Parts": rows})

    def copy(self, **options: Any) -> Report:
        return copy(
            f"s3://{self.source}/in/",
            f"s3://{self.dest}/out/",
            session=session_of(self.account),
            endpoint_url=self.server.endpoint_url,
            **options,
        )

    def etags(self, bucket: str, prefix: str) -> dict[str, str]:
        listed = self.client.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
        return {row["Key"].removeprefix(prefix): row["ETag"] for row in listed}

    def differing(self) -> set[str]:
        """Names of the copies whose ETag is not that of their source."""
        copies = self.etags(self.dest, "out/")
        return {name for name, etag in self.etags(self.source, "in/").items() if copies[name] != etag}


@pytest.mark.moto
@pytest.mark.parametrize("transport", ["boto3", "fast"])
def test_every_etag_is_kept_and_the_next_run_copies_nothing(moto: MotoServer, transport: str) -> None:
    if transport == "fast":
        need_pycurl()
    layout = Layout(moto, moto.dst)
    report = layout.copy(preserve_etag=True, transport=transport)
    assert report.counts["copied"] == len(PARTS)
    assert (report.etags_kept, report.etags_not_kept) == (len(PARTS), {})
    assert layout.differing() == set()
    for name, sizes in PARTS.items():
        part = layout.client.head_object(Bucket=layout.dest, Key=f"out/{name}", PartNumber=1)
        assert part.get("PartsCount", 0) == len(sizes), "moto's CopyObject keeps also the ETag of parts"
        found = layout.client.head_object(Bucket=layout.dest, Key=f"out/{name}")
        assert (found["Metadata"], found["ContentType"]) == ({"name": f"in/{name}"}, "text/x-event")

    again = layout.copy(compare="etag", transport=transport)
    assert again.decisions == {"same etag": len(PARTS)}
    assert aws_sync_dryrun(moto.endpoint_url, moto.dst, f"s3://{layout.source}/in/", f"s3://{layout.dest}/out/") == ""


@pytest.mark.rgw
@pytest.mark.xdist_group("rgw")
def test_ceph_keeps_every_etag_and_the_counts_say_so(rgw: RgwServer) -> None:
    layout = Layout(rgw, rgw.src)
    report = layout.copy(preserve_etag=True)
    assert report.counts["copied"] == len(PARTS)
    assert (report.etags_kept, report.etags_not_kept) == (len(PARTS), {})
    assert layout.differing() == set()
