"""Checks of objects: as they were written, and as each data path has copied them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from s3_crosscopy.core.body_checksums import checksum, md5_etag
from s3_crosscopy.errors import S3Error
from s3_crosscopy.selftest.bench import OBJECTS, Bench
from s3_crosscopy.selftest.object_specs import NON_ASCII, ObjectSpec
from s3_crosscopy.selftest.object_writer import write_object
from s3_crosscopy.selftest.own_prefix import OwnPrefix
from s3_crosscopy.selftest.seen_object import SeenObject, differences, expected_object, seen_or_error, sha256_of
from s3_crosscopy.selftest.verdicts import Check

SAME = "the same"
_COPY_FACTS = {"storage-class": "copy-class", "parts-uniform": "layout"}
_FACT_OF = (("key-", "keys"), ("checksum-", "checksum"), ("metadata-non", "non-ascii"), ("parts-", "etag"))


def write_objects(bench: Bench) -> None:
    """Write every object that is not left out, and read it back."""
    written = [spec for spec in bench.specs if _is_written(bench, spec)]
    listed = listing_of(bench.source, OBJECTS)
    for spec in written:
        seen = _from_listing(spec, listed) or seen_or_error(
            bench.source, OBJECTS + spec.key, body=False, tags=bool(spec.tags)
        )
        bench.judge(_written(spec), compared(expected_object(spec), seen))
        if isinstance(seen, SeenObject):
            # What was sent is known; that S3 has the same bytes is shown by the copies, which are read.
            bench.written[spec.name] = seen._replace(sha256=sha256_of(spec))
    _judge_defaults(bench)


def _is_written(bench: Bench, spec: ObjectSpec) -> bool:
    """Write an object; returns False if that is left out or fails."""
    if spec.name in bench.skip:
        bench.leave_out([_written(spec)], "left out by --skip")
        return False
    try:
        write_object(bench.writer, spec._replace(key=OBJECTS + spec.key))
    except S3Error as error:
        bench.judge(_written(spec), f"{error.call}: {error.status} {error.code}")
        return False
    return True


def _written(spec: ObjectSpec) -> Check:
    return Check(f"{spec.name}.written", f"{spec.subject}, written", _fact(spec), SAME)


def _fact(spec: ObjectSpec) -> str:
    return next((fact for start, fact in _FACT_OF if spec.name.startswith(start)), "properties")


def _judge_defaults(bench: Bench) -> None:
    """Judge what S3 adds by itself, and how it returns metadata that is no ASCII."""
    plain, non_ascii = bench.written.get("key-plain"), bench.written.get("metadata-non-ascii")
    if plain is not None:
        check = Check("default.encryption", "encryption without a header", "sse-default", "encrypted")
        bench.judge(check, "encrypted" if plain.encryption else "not encrypted")
        body = next(spec for spec in bench.specs if spec.name == "key-plain").bodies()[0]
        value = f"FULL_OBJECT CRC64NVME {checksum('CRC64NVME', body)}"
        check = Check("default.checksum", "checksum of a PUT without one", "checksum-default", value)
        bench.judge(check, plain.checksum)
    if non_ascii is not None:
        check = Check("default.rfc-2047", "metadata in HEAD", "non-ascii", "ASCII in the form of RFC 2047")
        value = non_ascii.metadata.get("name", "nothing")
        encoded = value.isascii() and value.startswith("=?")
        bench.judge(check, check.expected if encoded else "as it was sent" if value == NON_ASCII["name"] else value)


def check_copies(bench: Bench, folder: str, path: str) -> None:
    """Compare every copy in a folder of the destination with its source."""
    listed = listing_of(bench.dest, folder)
    for spec, check in checks_of_copies(bench, path):
        seen = _from_listing(spec, listed) or seen_or_error(bench.dest, folder + spec.key, tags=bool(spec.tags))
        bench.judge(check, compared(expected_copy(spec, bench.written[spec.name]), seen))


def checks_of_copies(bench: Bench, path: str) -> Iterator[tuple[ObjectSpec, Check]]:
    """Yield the check of each copy of an object that was written."""
    for spec in bench.specs:
        if spec.name in bench.written:
            fact = _COPY_FACTS.get(spec.name, "copy-in-parts" if spec.parts else "copy-keeps")
            yield spec, Check(f"{spec.name}.{path}", f"{spec.subject}, copied by {path}", fact, SAME)


def listing_of(place: OwnPrefix, folder: str) -> Mapping[str, tuple[int, str]]:
    """Return size and ETag of the objects in a folder, by relative key; nothing if it cannot be listed."""
    payload = place.send("ListObjectsV2", Prefix=place.key(folder)).payload or {}
    start = len(place.key(folder))
    return {row["Key"][start:]: (row["Size"], row["ETag"].strip('"')) for row in payload.get("Contents", ())}


def _from_listing(spec: ObjectSpec, listed: Mapping[str, tuple[int, str]]) -> SeenObject | None:
    """Return an object without properties if its ETag in the listing is the MD5 of its content, which names it."""
    if not spec.name.startswith("key-") or spec.name == "key-plain":
        return None
    etag = md5_etag(spec.bodies(), in_parts=False)
    if listed.get(spec.key) != (spec.size, etag):
        return None
    return SeenObject(spec.size, sha256_of(spec), etag, {}, {}, {}, "", "STANDARD", "")


def expected_copy(spec: ObjectSpec, source: SeenObject) -> Mapping[str, object]:
    """Return the fields of a copy with `preserve_etag`, which is of class STANDARD."""
    fields: dict[str, object] = {**source._asdict(), "storage_class": "STANDARD"}
    del fields["encryption"]  # The destination bucket's own default.
    if not source.checksum:
        del fields["content"], fields["checksum"]  # The source was not read, only listed.
    if source.encryption.startswith("aws:kms"):
        fields["etag"] = expected_object(spec._replace(args={}))["etag"]
    if not same_layout(spec.parts):
        del fields["etag"]  # It is copied in parts of one size.
    if spec.checksum_type == "COMPOSITE" and spec.checksum.startswith("CRC"):
        # CRCs of parts can be combined to that of the full object, which copies in parts ask for.
        fields["checksum"] = f"FULL_OBJECT {spec.checksum} {checksum(spec.checksum, b''.join(spec.bodies()))}"
    return fields


def same_layout(parts: Sequence[int]) -> bool:
    """Return True if all parts but the last have one size, so that a copy can repeat them."""
    return len(set(parts[:-1])) <= 1 and (not parts or parts[-1] <= parts[0])


def compared(expected: Mapping[str, object], seen: SeenObject | str) -> str:
    """Return SAME, or the fields that differ. The ETag of an object with KMS says nothing."""
    if isinstance(seen, str):
        return seen
    if seen.encryption.startswith("aws:kms"):
        expected = {name: value for name, value in expected.items() if name != "etag"}
    return "; ".join(differences(expected, seen)) or SAME
