"""One object with every property keeps the same ones whether it is copied in one request or in parts.

The fields are all that CopyObject keeps, and the storage class on request. Where moto differs from S3 that is asserted.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from s3_crosscopy import copy
from tests.engine.harness import Rig
from tests.keys.sessions import session
from tests.servers.moto import MotoServer

MIB = 2**20
DATA = bytes(range(256)) * 4096 * 6
CONTENT = {
    "CacheControl": "max-age=60, private",
    "ContentDisposition": 'attachment; filename="a b.csv"',
    "ContentEncoding": "gzip",
    "ContentLanguage": "de, en",
    "ContentType": "text/x-parity; charset=utf-8",
    "Expires": "Thu, 01 Jan 2037 00:00:00 GMT",
}
SET = {"cache-control": "no-store", "content-encoding": None}
SET_AND_DROPPED = {**{name: CONTENT[name] for name in CONTENT if name != "ContentEncoding"}, "CacheControl": "no-store"}
METADATA = {"owner": "raw team", "empty": "", "x-y_z": "a=b;c"}
TAGS = {"team": "data", "a b": "c+d/e=f", "empty": ""}
STORAGE_CLASS = "STANDARD_IA"
BELOW: Mapping[str, object] = {"multipart_threshold": "1GiB"}
ABOVE: Mapping[str, object] = {"multipart_threshold": "5MiB", "part_size": "5MiB"}
KEPT: Mapping[str, Any] = {"storage_class": "source"}
CRCS = ("CRC32", "CRC32C", "CRC64NVME")
SHAS = ("SHA1", "SHA256")


class Copies(NamedTuple):
    """Field by field: the source, its copy below the threshold and the one above."""

    source: dict[str, object]
    below: dict[str, object]
    above: dict[str, object]


def in_memory(algorithm: str, **options: Any) -> Copies:
    rig = Rig()
    rig.store.put(
        "src", "p/one", DATA, headers=CONTENT, metadata=METADATA, tags=TAGS, storage_class=STORAGE_CLASS,
        checksum=algorithm,
    )  # fmt: skip
    rig.copy(dest="s3://dst/below/", **{**BELOW, **options})
    rig.copy(dest="s3://dst/above/", **{**ABOVE, **options})
    assert rig.requests("UploadPartCopy") == 2

    def fields(bucket: str, key: str) -> dict[str, object]:
        stored = rig.store.get(bucket, key)
        return {
            "data": stored.content.md5,
            "content": dict(stored.headers),
            "metadata": dict(stored.metadata),
            "tags": dict(stored.tags),
            "storage class": stored.storage_class,
            "checksum": stored.checksum,
        }

    return Copies(fields("src", "p/one"), fields("dst", "below/one"), fields("dst", "above/one"))


class Moto:
    """Buckets of one account: between accounts moto loses tags."""

    def __init__(self, server: MotoServer) -> None:
        self._server = server
        self._client = server.client(server.dst)
        name = uuid.uuid4().hex[:12]
        self._source, self._dest = f"src-{name}", f"dst-{name}"
        for bucket in (self._source, self._dest):
            self._client.create_bucket(Bucket=bucket)

    def copies(self, algorithm: str, content: Mapping[str, str] = CONTENT, **options: Any) -> Copies:
        self._client.put_object(
            Bucket=self._source, Key="p/one", Body=DATA, Metadata=METADATA, Tagging=urlencode(TAGS),
            StorageClass=STORAGE_CLASS, ChecksumAlgorithm=algorithm, **content,
        )  # fmt: skip
        for name, how in (("below", BELOW), ("above", ABOVE)):
            report = copy(
                f"s3://{self._source}/p/",
                f"s3://{self._dest}/{name}/",
                session=session(self._server.dst),
                endpoint_url=self._server.endpoint_url,
                botocore_config={"s3": {"addressing_style": "path"}, "proxies": {}},
                **{**how, **options},
            )
            assert report.counts["copied"] == 1
        return Copies(
            self._fields(self._source, "p/one"),
            self._fields(self._dest, "below/one"),
            self._fields(self._dest, "above/one"),
        )

    def _fields(self, bucket: str, key: str) -> dict[str, object]:
        at = {"Bucket": bucket, "Key": key}
        head = self._client.head_object(**at, ChecksumMode="ENABLED")
        content = {name: head[name] for name in CONTENT if name != "Expires" and name in head}
        if "ExpiresString" in head:
            content["Expires"] = head["ExpiresString"]
        tags = self._client.get_object_tagging(**at)["TagSet"]
        return {
            "data": self._client.get_object(**at)["Body"].read(),
            "content": content,
            "metadata": head["Metadata"],
            "tags": {tag["Key"]: tag["Value"] for tag in tags},
            "storage class": head.get("StorageClass", "STANDARD"),
            "checksum": {name: value for name, value in head.items() if name.startswith("Checksum")},
        }


@pytest.mark.parametrize("algorithm", CRCS)
def test_in_memory_every_field_is_kept_below_and_above_the_threshold(algorithm: str) -> None:
    source, below, above = in_memory(algorithm, **KEPT)

    assert source["content"] == CONTENT
    assert below == source
    assert above == source


@pytest.mark.parametrize("algorithm", SHAS)
def test_a_sha_of_parts_is_no_sha_of_the_whole_but_its_algorithm_is_kept(algorithm: str) -> None:
    source, below, above = in_memory(algorithm, **KEPT)

    assert below == source
    whole, parts = source.pop("checksum"), above.pop("checksum")
    assert (whole.algorithm, whole.kind) == (algorithm, "FULL_OBJECT")  # type: ignore[attr-defined]
    assert (parts.algorithm, parts.kind) == (algorithm, "COMPOSITE")  # type: ignore[attr-defined]
    assert above == source


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        pytest.param({}, {"storage class": "STANDARD"}, id="defaults"),
        pytest.param({"storage_class": "GLACIER_IR"}, {"storage class": "GLACIER_IR"}, id="storage class"),
        pytest.param({**KEPT, "metadata": "drop"}, {"metadata": {}}, id="no metadata"),
        pytest.param({**KEPT, "metadata": {"new": "1"}}, {"metadata": {"new": "1"}}, id="other metadata"),
        pytest.param({**KEPT, "headers": SET}, {"content": SET_AND_DROPPED}, id="other content headers"),
        pytest.param(
            {**KEPT, "headers": [("*", SET), ("b*", {"content-type": "b"})], "metadata": "drop"},
            {"content": SET_AND_DROPPED, "metadata": {}},
            id="other content headers and no metadata",
        ),
        pytest.param({**KEPT, "headers": [("b*", SET)]}, {}, id="other content headers of other keys"),
        pytest.param({**KEPT, "tags": "drop"}, {"tags": {}}, id="no tags"),
        pytest.param({**KEPT, "tags": {"new": "a b"}}, {"tags": {"new": "a b"}}, id="other tags"),
    ],
)
def test_in_memory_an_option_changes_its_property_and_no_other_one(
    options: dict[str, object], changed: dict[str, object]
) -> None:
    source, below, above = in_memory("CRC32", **options)

    assert below == {**source, **changed}
    assert above == {**source, **changed}


def test_on_moto_every_field_is_kept_below_and_above_the_threshold(moto: MotoServer) -> None:
    source, below, above = Moto(moto).copies("CRC32", **KEPT)

    assert (source["content"], source["metadata"], source["tags"]) == (CONTENT, METADATA, TAGS)
    assert below == source
    checksum = above.pop("checksum")
    # moto tells the kind of a checksum only for an object that came in parts.
    assert checksum == {**as_mapping(source.pop("checksum")), "ChecksumType": "FULL_OBJECT"}
    assert above == source


@pytest.mark.parametrize("transport", ["boto3", "fast"])
def test_on_moto_content_headers_are_set_and_dropped_below_and_above_the_threshold(
    moto: MotoServer, transport: str
) -> None:
    if transport == "fast":
        pytest.importorskip("pycurl")
    source, below, above = Moto(moto).copies("CRC32", **KEPT, headers=SET, transport=transport)

    for copied in (below, above):
        assert copied["content"] == SET_AND_DROPPED
        assert (copied["data"], copied["metadata"], copied["tags"]) == (source["data"], METADATA, TAGS)


def test_on_moto_a_sha_of_parts_keeps_its_algorithm(moto: MotoServer) -> None:
    source, below, above = Moto(moto).copies("SHA256", **KEPT)

    assert below == source
    whole, parts = as_mapping(source.pop("checksum")), as_mapping(above.pop("checksum"))
    assert whole.keys() == {"ChecksumSHA256"}
    assert parts.keys() == {"ChecksumSHA256", "ChecksumType"}
    assert parts["ChecksumType"] == "COMPOSITE"
    assert above == source


def test_a_content_header_that_is_not_ascii_is_the_same_in_a_copy_in_parts(moto: MotoServer) -> None:
    source, below, above = Moto(moto).copies("CRC32", content={"ContentDisposition": 'attachment; filename="ä€.csv"'})

    assert below["content"] == source["content"]
    assert above["content"] == source["content"]


def as_mapping(value: object) -> Mapping[str, object]:
    assert isinstance(value, Mapping)
    return value
