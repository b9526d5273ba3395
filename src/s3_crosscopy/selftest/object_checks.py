"""Checks of objects: as they were written, and as each data path has copied them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from s3_crosscopy.errors import S3Error
from s3_crosscopy.selftest.bench import OBJECTS, Bench
from s3_crosscopy.selftest.object_specs import NON_ASCII, ObjectSpec
from s3_crosscopy.selftest.object_writer import write_object
from s3_crosscopy.selftest.own_prefix import OwnPrefix
from s3_crosscopy.selftest.seen_object import SeenObject, differences, expected_object, seen_or_error
from s3_crosscopy.selftest.verdicts import Check

SAME = "the same"
_FACT_OF = (("key-", "keys"), ("checksum-", "checksum"), ("metadata-non", "non-ascii"), ("parts-", "etag"))


def write_objects(bench: Bench) -> None:
    """Write every object that is not left out, and read it back."""
    for spec in bench.specs:
        check = Check(f"{spec.name}.written", f"{spec.subject}, written", _fact(spec), SAME)
        if spec.name in bench.skip:
            bench.leave_out([check], "left out by --skip")
            continue
        try:
            write_object(bench.writer, spec._replace(key=OBJECTS + spec.key))
        except S3Error as error:
            bench.judge(check, f"{error.call}: {error.status} {error.code}")
            continue
        seen = seen_or_error(bench.source, OBJECTS + spec.key)
        bench.judge(check, compared(expected_object(spec), seen))
        if isinstance(seen, SeenObject):
            bench.written[spec.name] = seen
    _judge_defaults(bench)


def _fact(spec: ObjectSpec) -> str:
    return next((fact for start, fact in _FACT_OF if spec.name.startswith(start)), "properties")


def _judge_defaults(bench: Bench) -> None:
    """Judge what S3 adds by itself, and how it returns metadata that is no ASCII."""
    plain, non_ascii = bench.written.get("key-plain"), bench.written.get("metadata-non-ascii")
    if plain is not None:
        check = Check("default.encryption", "encryption without a header", "sse-default", "encrypted")
        bench.judge(check, "encrypted" if plain.encryption else "not encrypted")
    if non_ascii is not None:
        check = Check("default.rfc-2047", "metadata in HEAD", "non-ascii", "ASCII in the form of RFC 2047")
        value = non_ascii.metadata.get("name", "")
        encoded = value.isascii() and value.startswith("=?")
        bench.judge(check, check.expected if encoded else "as it was sent" if value == NON_ASCII["name"] else value)


def check_copies(bench: Bench, folder: str, path: str) -> None:
    """Compare every copy in a folder of the destination with its source."""
    for spec in bench.specs:
        source = bench.written.get(spec.name)
        if source is None:
            continue
        fact = "copy-in-parts" if spec.parts else "copy-keeps"
        check = Check(f"{spec.name}.{path}", f"{spec.subject}, copied by {path}", fact, SAME)
        seen = seen_or_error(bench.dest, folder + spec.key)
        bench.judge(check, compared(expected_copy(spec, source), seen))


def expected_copy(spec: ObjectSpec, source: SeenObject) -> Mapping[str, object]:
    """Return the fields of a copy with `preserve_etag`, which is of class STANDARD."""
    fields = {**source._asdict(), "storage_class": "STANDARD"}
    del fields["encryption"]  # The destination bucket's own default.
    if source.encryption.startswith("aws:kms"):
        fields["etag"] = expected_object(spec._replace(args={}))["etag"]
    if not same_layout(spec.parts):
        # In parts of equal sizes, which give another ETag and another composite checksum.
        del fields["etag"]
        if source.checksum.startswith("COMPOSITE"):
            del fields["checksum"]
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


def listed_keys(place: OwnPrefix, folder: str) -> list[str]:
    """Return the relative keys of a folder in the order in which S3 lists them. Raises S3Error."""
    page = place.must("ListObjectsV2", Prefix=place.key(folder))
    return [row["Key"][len(place.key(folder)) :] for row in page.get("Contents", ())]
