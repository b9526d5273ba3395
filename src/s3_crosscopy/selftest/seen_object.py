"""Reads one object of a self-test, and what a spec lets expect of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from s3_crosscopy.adapters.boto.error_mapping import translated
from s3_crosscopy.adapters.boto.head_result import facts_of
from s3_crosscopy.core.body_checksums import checksum, composite, md5_etag
from s3_crosscopy.errors import S3Error
from s3_crosscopy.selftest.object_specs import ObjectSpec
from s3_crosscopy.selftest.own_prefix import OwnPrefix

BUFFER = 2**20
MOST_SHOWN = 100
"""Characters of a value in a row."""


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


def read_object(place: OwnPrefix, key: str, *, body: bool = True, tags: bool = True) -> SeenObject:
    """Read an object by HEAD, and its `body` and `tags`. Raises S3Error."""
    whole = place.key(key)
    payload = place.must("HeadObject", Key=whole, ChecksumMode="ENABLED")
    digest = _digest(place, whole) if body else ""
    facts = facts_of(place.bucket.name, whole, payload)
    # Those of objects without tags are not asked for: S3 counts them in its response.
    tagging = place.must("GetObjectTagging", Key=whole) if tags or payload.get("TagCount") else {}
    value = facts.checksum
    return SeenObject(
        size=facts.size,
        sha256=digest,
        etag=facts.etag,
        content=facts.content,
        metadata=facts.metadata,
        tags={tag["Key"]: tag["Value"] for tag in tagging.get("TagSet", ())},
        checksum=f"{value.kind or 'no type'} {value.algorithm} {value.value}" if value is not None else "none",
        storage_class=facts.storage_class,
        encryption=facts.encryption,
    )


def _digest(place: OwnPrefix, key: str) -> str:
    """Read the content. A connection may end in the middle of it too, which raises S3Error."""
    digest, stream = hashlib.sha256(), place.must("GetObject", Key=key)["Body"]
    try:
        with translated("GetObject", place.bucket.name, key):
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


def sha256_of(spec: ObjectSpec) -> str:
    """Return the digest of the content."""
    return hashlib.sha256(b"".join(spec.bodies())).hexdigest()


def _expected_checksum(spec: ObjectSpec, bodies: list[bytes]) -> str | None:
    """Return the checksum that the spec asks for; None without one."""
    if not spec.checksum:
        return None
    if spec.checksum_type == "COMPOSITE":
        parts = [checksum(spec.checksum, body) for body in bodies]
        return f"COMPOSITE {spec.checksum} {composite(spec.checksum, parts)}"
    return f"FULL_OBJECT {spec.checksum} {checksum(spec.checksum, b''.join(bodies))}"


def differences(expected: Mapping[str, object], seen: SeenObject) -> Iterator[str]:
    """Yield a text for each field that is not as expected."""
    for name, value in expected.items():
        actual = getattr(seen, name)
        if actual == value:
            continue
        if isinstance(value, Mapping):
            # Only the entries that differ: metadata may be long.
            yield f"{name} {_short(_unlike(actual, value))} instead of {_short(_unlike(value, actual))}"
        else:
            yield f"{name} {_short(actual)} instead of {_short(value)}"


def _unlike(entries: Mapping[str, object], others: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in entries.items() if others.get(name) != value)


def _short(value: object) -> str:
    text = str(value)
    return (text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}...") or "nothing"


def seen_or_error(place: OwnPrefix, key: str, *, body: bool = True, tags: bool = False) -> SeenObject | str:
    """Return the object, or the error of reading it as a text."""
    try:
        return read_object(place, key, body=body, tags=tags)
    except S3Error as error:
        return f"{error.call}: {error.status} {error.code}"
