"""Writes the objects of a self-test, by PutObject or in parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from s3_crosscopy.core.body_checksums import checksum
from s3_crosscopy.selftest.object_specs import ObjectSpec
from s3_crosscopy.selftest.own_prefix import OwnPrefix


def write_object(place: OwnPrefix, spec: ObjectSpec) -> str:
    """Write an object; returns its version id, "" without versioning. Raises S3Error."""
    if spec.parts:
        payload = _in_parts(place, spec)
    else:
        body = spec.bodies()[0]
        value = _checksum(spec.checksum, body)
        payload = place.must("PutObject", Key=place.key(spec.key), Body=body, **_args(spec), **value)
    return str(payload.get("VersionId", ""))


def _args(spec: ObjectSpec) -> dict[str, Any]:
    args: dict[str, Any] = {**spec.headers, **spec.args}
    if spec.metadata:
        args["Metadata"] = dict(spec.metadata)
    if spec.tags:
        args["Tagging"] = urlencode(spec.tags, quote_via=quote)
    return args


def _checksum(algorithm: str, body: bytes) -> dict[str, str]:
    if not algorithm:
        return {}
    return {"ChecksumAlgorithm": algorithm, f"Checksum{algorithm}": checksum(algorithm, body)}


def _in_parts(place: OwnPrefix, spec: ObjectSpec) -> Mapping[str, Any]:
    """Write in parts. An upload that fails stays open until the end of the self-test, which aborts it."""
    key = place.key(spec.key)
    kind = {"ChecksumAlgorithm": spec.checksum, "ChecksumType": spec.checksum_type} if spec.checksum else {}
    upload_id = place.must("CreateMultipartUpload", Key=key, **_args(spec), **kind)["UploadId"]
    parts = []
    for number, body in enumerate(spec.bodies(), 1):
        value = _checksum(spec.checksum, body)
        part = place.must("UploadPart", Key=key, UploadId=upload_id, PartNumber=number, Body=body, **value)
        listed = {f"Checksum{spec.checksum}": value[f"Checksum{spec.checksum}"]} if value else {}
        parts.append({"PartNumber": number, "ETag": part["ETag"], **listed})
    return place.must("CompleteMultipartUpload", Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts})
