"""Reads one object of a self-test, and what a spec lets expect of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from s3_crosscopy.adapters.boto.head_result import facts_of
from s3_crosscopy.errors import S3Error
from s3_crosscopy.selftest.body_checksums import checksum_of_body, composite, md5_etag
from s3_crosscopy.selftest.object_specs import ObjectSpec
from s3_crosscopy.selftest.own_prefix import OwnPrefix

BUFFER = 2**20


class SeenObject(NamedTuple):
    """An object as S3 returns it. sha256: of the bytes that were read, "" if they were not."""

    size: int
    sha256: str
    etag: str
    content: Mapping[str, str]
    metadata: Mapping[str, str]
    tags: Mapping[str, str]
    checksum: str
    storage_class: str
    encryption: str


def read_object(place: OwnPrefix, key: str, *, body: bool = True) -> SeenObject:
    """Read an object: HEAD, its tags, and (with `body`) its content. Raises S3Error."""
    whole = place.key(key)
    facts = facts_of(place.bucket.name, whole, place.must("HeadObject", Key=whole, ChecksumMode="ENABLED"))
    tagging = place.must("GetObjectTagging", Key=whole)
    value = facts.checksum
    return SeenObject(
        size=facts.size,
        sha256=_digest(place, whole) if body else "",
        etag=facts.etag,
        content=facts.content,
        metadata=facts.metadata,
        tags={tag["Key"]: tag["Value"] for tag in tagging.get("TagSet", ())},
        checksum=f"{value.kind or 'no type'} {value.algorithm} {value.value}" if value is not None else "none",
        storage_class=facts.storage_class,
        encryption=facts.encryption,
    )


def _digest(place: OwnPrefix, key: str) -> str:
    stream: Any = place.must("GetObject", Key=key)["Body"]
    digest = hashlib.sha256()
    try:
        for chunk in iter(lambda: stream.read(BUFFER), b""):
            digest.update(chunk)
    finally:
        stream.close()
    return digest.hexdigest()


def expected_object(spec: ObjectSpec) -> Mapping[str, object]:
    """Return what the spec determines of the object that was written, by the fields of `SeenObject`."""
    bodies = spec.bodies()
    kms = spec.args.get("ServerSideEncryption") == "aws:kms"
    fields: dict[str, object] = {
        "size": spec.size,
        "sha256": hashlib.sha256(b"".join(bodies)).hexdigest(),
        "tags": dict(spec.tags),
        "storage_class": spec.args.get("StorageClass", "STANDARD"),
        "checksum": _expected_checksum(spec, bodies),
    }
    if spec.headers:
        fields["content"] = dict(spec.headers)
    if all(value.isascii() for value in spec.metadata.values()):
        fields["metadata"] = dict(spec.metadata)
    if not kms:
        fields["etag"] = md5_etag(bodies, in_parts=bool(spec.parts))
    if "ServerSideEncryption" in spec.args:
        fields["encryption"] = spec.args["ServerSideEncryption"]
    return {name: value for name, value in fields.items() if value is not None}


def _expected_checksum(spec: ObjectSpec, bodies: list[bytes]) -> str | None:
    """Return the checksum of HEAD; None for one that takes too long to compute here."""
    if spec.checksum_type == "COMPOSITE":
        return f"COMPOSITE {spec.checksum} {composite(spec.checksum, bodies)}"
    if not spec.checksum and spec.size > 2000:
        return None
    algorithm = spec.checksum or "CRC64NVME"
    return f"FULL_OBJECT {algorithm} {checksum_of_body(algorithm, b''.join(bodies))}"


def differences(expected: Mapping[str, object], seen: SeenObject) -> Iterator[str]:
    """Yield a text for each field that is not as expected."""
    for name, value in expected.items():
        actual = getattr(seen, name)
        if actual != value:
            yield f"{name} {_short(actual)} instead of {_short(value)}"


def _short(value: object) -> str:
    text = str(value) if isinstance(value, (str, int)) else ", ".join(f"{k}={v}" for k, v in dict(value).items())  # type: ignore[call-overload]
    return (text if len(text) <= 80 else f"{text[:77]}...") or "nothing"


def seen_or_error(place: OwnPrefix, key: str, *, body: bool = True) -> SeenObject | str:
    """Return the object, or the error of reading it as a text."""
    try:
        return read_object(place, key, body=body)
    except S3Error as error:
        return f"{error.call}: {error.status} {error.code}"
