"""Resolves source, destination and options to a `CopySpec`: which keys are copied to which. Refuses dangerous input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from s3_crosscopy.core.same_bucket import may_be_same, run_looks_it_up, why_same
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.location import MAX_KEY_BYTES, Bucket, Location, parse_location
from s3_crosscopy.model.options import CopyOptions, parse_options


class CopySpec(NamedTuple):
    """Source, destination and options of one run. A source key maps to `dest_prefix` plus what follows `source_prefix`.

    single: one object is copied, and both prefixes are whole keys. Replacing the prefix keeps the order of keys, so
    that both listings can be merged.
    """

    single: bool
    source: Bucket
    source_prefix: str
    dest: Bucket
    dest_prefix: str
    options: CopyOptions

    def dest_key(self, source_key: str) -> str:
        """Return the destination key of a source key."""
        return self.dest_prefix + source_key[len(self.source_prefix) :]

    @property
    def report_bucket(self) -> Bucket | None:
        """The bucket of `report`, or None if that is not in S3.

        Its expected owner is that of the source or the destination if it is the same bucket and the option is not set.
        """
        return self._bucket_of("report", self.options.expected_report_bucket_owner, (self.dest, self.source))

    @property
    def manifest_bucket(self) -> Bucket | None:
        """The bucket of `manifest`, or None, in the same way."""
        return self._bucket_of("manifest", self.options.expected_manifest_bucket_owner, (self.source, self.dest))

    @property
    def etag_index_bucket(self) -> Bucket | None:
        """The bucket of `etag_index`, or None, in the same way."""
        return self._bucket_of("etag_index", self.options.expected_etag_index_bucket_owner, (self.dest, self.source))

    def _bucket_of(self, option: str, owner: str | None, sides: tuple[Bucket, Bucket]) -> Bucket | None:
        location = getattr(self.options, option)
        if location is None or "://" not in location:
            return None
        name = parse_location(location, option).bucket
        known = next((side.owner for side in sides if side.name == name and side.owner is not None), None)
        return Bucket(name, owner or known, self.dest.requester_pays)

    @property
    def source_url(self) -> str:
        """The source as a user would write it."""
        return f"s3://{self.source.name}/{self.source_prefix}"

    @property
    def dest_url(self) -> str:
        """The destination as a user would write it."""
        return f"s3://{self.dest.name}/{self.dest_prefix}"


def resolve_spec(source: object, dest: object, options: Mapping[str, object]) -> CopySpec:
    """Parse and resolve a user's input; checks all that can be checked without a request. Raises InvalidInput."""
    parsed = parse_options(options)
    return resolve(parse_location(source, "source"), parse_location(dest, "dest"), parsed)


def resolve(source: Location, dest: Location, options: CopyOptions) -> CopySpec:
    """Return the spec of a run. Raises InvalidInput, one line, for input that is inconsistent or could do harm."""
    single = options.kind == "object" or (options.kind == "auto" and source.key != "" and not source.key.endswith("/"))
    dest_key = _single_dest(source, dest) if single else dest.key
    _check_roots(source, dest, single, options)
    if not single:
        _check_slashes(source, dest)
    if single and options.manifest is not None:
        raise InvalidInput("manifest: names the keys of a prefix; give the source as a prefix, or leave it out")
    if single and options.etag_index is not None:
        raise InvalidInput("etag_index: is for a prefix, and this copies one object; leave it out")
    if single and options.since is not None:
        raise InvalidInput("since: is for a prefix, and this copies one object; leave it out")
    if not single and options.source_version_id is not None:
        raise InvalidInput("source_version_id: is for one object, and this copies a prefix; leave it out")
    _check_extraneous(options.extraneous, dest, single=single)
    if single and (problem := too_long(dest_key)):
        raise InvalidInput(f"dest: {problem}")
    pays = options.request_payer is not None
    spec = CopySpec(
        single=single,
        source=Bucket(source.bucket, options.expected_source_bucket_owner, pays),
        source_prefix=source.key,
        dest=Bucket(dest.bucket, options.expected_bucket_owner, pays),
        dest_prefix=dest_key,
        options=options,
    )
    _check_overlap(spec, source, Location(dest.bucket, dest_key))
    if not single:
        _check_outside("report", spec.report_bucket, spec, source, dest)
        _check_outside("etag_index", spec.etag_index_bucket, spec, source, dest)
    return spec


def key_bytes(key: str) -> int:
    """Return the length of a key in bytes, as S3 measures it."""
    return len(key.encode("utf-8", "surrogatepass"))


def too_long(dest_key: str) -> str:
    """Return a message if a destination key is longer than S3 allows, else ""."""
    number = key_bytes(dest_key)
    if number <= MAX_KEY_BYTES:
        return ""
    return (
        f"the destination key would have {number:,} bytes, S3 allows {MAX_KEY_BYTES:,}; shorten the destination prefix"
    )


def _single_dest(source: Location, dest: Location) -> str:
    if source.key == "":
        raise InvalidInput(f"source: {source} names no object; give its key, or kind='prefix' for a whole bucket")
    if dest.key == "" or dest.key.endswith("/"):
        return dest.key + source.key.rstrip("/").rpartition("/")[2] + ("/" if source.key.endswith("/") else "")
    return dest.key


def _check_roots(source: Location, dest: Location, single: bool, options: CopyOptions) -> None:
    if options.allow_bucket_root:
        return
    if source.key == "":
        raise InvalidInput(f"source: {source} is a whole bucket; set allow_bucket_root=True to allow this")
    if dest.key == "" and not single:
        raise InvalidInput(f"dest: {dest} is the root of a bucket; set allow_bucket_root=True to allow this")


def _check_extraneous(wish: str, dest: Location, *, single: bool) -> None:
    """Refuse to look for extraneous keys beside one object, and to delete them in a whole bucket."""
    if wish in ("count", "delete") and single:
        raise InvalidInput(f"extraneous: {wish!r} is for a prefix, and this copies one object; leave it out")
    if wish == "delete" and dest.key == "":
        raise InvalidInput(f"extraneous: 'delete' is refused for {dest}, the root of a bucket; name a prefix in it")


def _check_slashes(source: Location, dest: Location) -> None:
    """Refuse a slash at the end of one prefix only: `a/` onto `b` would copy `a/file` to `bfile`."""
    source_open = source.key == "" or source.key.endswith("/")
    dest_open = dest.key == "" or dest.key.endswith("/")
    if source_open and not dest_open:
        raise InvalidInput(f"dest: {dest} must end in '/' like the source; did you mean {dest}/ ?")
    if dest_open and not source_open:
        raise InvalidInput(f"source: {source} must end in '/' like the destination; did you mean {source}/ ?")


def _check_outside(option: str, bucket: Bucket | None, spec: CopySpec, source: Location, dest: Location) -> None:
    """Refuse a place for written files below the source or the destination: it would be listed while it is written."""
    place = getattr(spec.options, option)
    if place is None or bucket is None:
        return
    location = parse_location(place if place.endswith("/") else f"{place}/", option)
    for side, side_bucket in ((source, spec.source), (dest, spec.dest)):
        if not location.key.startswith(side.key) or not may_be_same(bucket, side_bucket):
            continue
        if run_looks_it_up(location.bucket, side.bucket):
            continue
        if location.bucket != side.bucket:
            raise InvalidInput(f"{option}: {location} may lie below {side}: {why_same(location, side)}")
        raise InvalidInput(
            f"{option}: {location} lies below {side}, so it would be copied itself; name a place outside"
        )


def _check_overlap(spec: CopySpec, source: Location, dest: Location) -> None:
    same = source.key == dest.key
    within = not spec.single and (source.key.startswith(dest.key) or dest.key.startswith(source.key))
    if not (same or within) or not may_be_same(spec.source, spec.dest):
        return
    if run_looks_it_up(source.bucket, dest.bucket):
        return
    if source.bucket != dest.bucket:
        raise InvalidInput(
            f"dest: {dest} and {source} may overlap, and the copy would feed on itself: {why_same(dest, source)},"
            " or name a place outside"
        )
    if same:
        raise InvalidInput(f"dest: {dest} is the source itself, there is nothing to copy; name another place")
    raise InvalidInput(f"dest: {dest} and {source} overlap, so the copy would feed on itself; name a place outside")
