"""`CopyOptions`, the parsed options of one run, and the checks of options that depend on each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.content_headers import HeaderRule
from s3_crosscopy.model.header_values import check_metadata, check_tags
from s3_crosscopy.model.option_table import CONCURRENCY, OPTIONS, SSE_S3, refuse_unknown


@dataclass(frozen=True)
class CopyOptions:
    """The options of one run, parsed and checked. `OPTIONS` describes each."""

    kind: str
    allow_bucket_root: bool
    if_empty: str
    overwrite: str
    compare: str
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    min_size: int | None
    max_size: int | None
    modified_after: str | None
    modified_before: str | None
    archived: str
    batch_size: int
    max_concurrency: int | str
    transport: str
    max_requests_per_second: float | None
    multipart_threshold: int
    part_size: int | None
    preserve_etag: bool
    storage_class: str | None
    kms_key_id: str | None
    kms_encryption_type: str | None
    bucket_key_enabled: bool | None
    acl_policy: str | None
    metadata: str | Mapping[str, str]
    headers: tuple[HeaderRule, ...]
    tags: str | Mapping[str, str]
    checksum_algorithm: str | None
    request_payer: str | None
    expected_bucket_owner: str | None
    expected_source_bucket_owner: str | None
    expected_report_bucket_owner: str | None
    expected_etag_index_bucket_owner: str | None
    expected_manifest_bucket_owner: str | None
    manifest: str | None
    source_version_id: str | None
    verification: str
    copy_last: tuple[str, ...] | str
    table_formats: str
    report: str | None
    report_format: str
    report_skipped: bool
    etag_index: str | None
    since: str | None
    full_every: int
    overlap: int
    max_failures: int | str
    outage_deadline: int
    extraneous: str
    max_delete: int | str
    delete_filtered: bool
    permanent_delete: bool
    dry_run: bool

    @property
    def concurrency(self) -> int:
        """`max_concurrency` as a number, for decisions made before an adaptive window has found its limit."""
        return CONCURRENCY if isinstance(self.max_concurrency, str) else self.max_concurrency

    @property
    def uses_kms(self) -> bool:
        """True if the copies are encrypted with KMS because an option says so."""
        return self.kms_encryption_type not in (None, SSE_S3)


def parse_options(raw: Mapping[str, object]) -> CopyOptions:
    """Parse a user's options; None and absent ones take the default.

    Raises InvalidInput with one line that names the option and what to do.
    """
    for name in raw:
        refuse_unknown(name)
    values: dict[str, Any] = {}
    for option in OPTIONS:
        value = raw.get(option.name)
        values[option.name] = option.default if value is None else option.parse(option.name, value)
    options = CopyOptions(**values)
    _check_together(options)
    return options


def _check_together(options: CopyOptions) -> None:
    if options.kms_key_id is not None and not options.uses_kms:
        raise InvalidInput("kms_key_id: needs kms_encryption_type='aws:kms' or 'aws:kms:dsse' beside it")
    if options.bucket_key_enabled is not None and not options.uses_kms:
        raise InvalidInput("bucket_key_enabled: means something only with kms_encryption_type='aws:kms'")
    if options.bucket_key_enabled and options.kms_encryption_type == "aws:kms:dsse":
        raise InvalidInput("bucket_key_enabled: S3 has no Bucket Keys for 'aws:kms:dsse'")
    if options.part_size is not None and options.part_size > options.multipart_threshold:
        raise InvalidInput(
            "part_size: is above multipart_threshold, so that one part would be the whole object; lower it"
        )
    if options.preserve_etag and options.part_size is not None:
        raise InvalidInput("preserve_etag: copies each object in its source's own part size; leave out part_size")
    if isinstance(options.metadata, Mapping):
        check_metadata(options.metadata)
    if options.report_skipped and options.report is None:
        raise InvalidInput("report_skipped: means something only with report")
    _check_etag_index(options)
    _check_filters(options)
    _check_extraneous(options)
    _check_since(options)
    if isinstance(options.tags, Mapping):
        check_tags(options.tags)


def _check_etag_index(options: CopyOptions) -> None:
    """Refuse an ETag index where nothing could be learnt from it."""
    if options.etag_index is None:
        return
    if options.overwrite == "never":
        raise InvalidInput("etag_index: overwrite='never' compares nothing; leave one of them out")
    if options.compare in ("size", "mtime"):
        raise InvalidInput(f"etag_index: compare={options.compare!r} needs no HEAD anyway; leave one of them out")
    if options.manifest is not None:
        raise InvalidInput(
            "etag_index: the keys of a manifest are looked up one by one, and it would lose all others; leave it out"
        )


def _check_extraneous(options: CopyOptions) -> None:
    """Refuse to count or delete extraneous keys where it is not certain which keys those are."""
    if options.extraneous in ("count", "delete") and options.manifest is not None:
        raise InvalidInput(
            f"extraneous: {options.extraneous!r} compares two listings, and a manifest names single keys; leave out one"
        )
    if options.extraneous != "delete":
        for name in ("delete_filtered", "permanent_delete"):
            if getattr(options, name):
                raise InvalidInput(f"{name}: means something only with extraneous='delete'")
        return
    for name in ("modified_after", "modified_before"):
        if getattr(options, name) is not None:
            raise InvalidInput(
                f"extraneous: 'delete' needs a copy of everything, and {name} leaves out keys by their time; leave out"
                " one"
            )
    if options.report is None and not options.dry_run:
        raise InvalidInput(
            "extraneous: 'delete' needs report=..., which names what was deleted, so that it can be taken back"
        )


def _check_since(options: CopyOptions) -> None:
    """Refuse a short look where it could not be right, or would save nothing."""
    since = options.since
    if since is None:
        return
    if options.manifest is not None:
        raise InvalidInput("since: a manifest names the keys to look at; leave one of them out")
    if options.etag_index is not None:
        raise InvalidInput(
            "since: an ETag index saves the same HEADs, and is of all keys that a run compares; leave one of them out"
        )
    if since == "last_success" and options.overwrite != "if_changed":
        raise InvalidInput(f"since: overwrite={options.overwrite!r} compares nothing; leave one of them out")
    if since == "last_success" and options.compare not in ("auto", "checksum"):
        raise InvalidInput(f"since: compare={options.compare!r} needs no HEAD anyway; leave one of them out")
    if since == "key" and options.extraneous == "delete":
        raise InvalidInput(
            "since: 'key' lists only the last keys, and extraneous='delete' needs a look at all; leave out one"
        )


def _check_filters(options: CopyOptions) -> None:
    """Refuse filters that exclude every possible object."""
    if options.min_size is not None and options.max_size is not None and options.min_size > options.max_size:
        raise InvalidInput("min_size: is above max_size, so that no object would be left; exchange them")
    if options.include and any(set(glob) == {"*"} for glob in options.exclude):
        raise InvalidInput(
            "exclude: '*' leaves out the keys of include too, because an exclude wins here, where in aws-cli the last"
            " one that matches does; give only include, which copies nothing else"
        )
    after, before = options.modified_after, options.modified_before
    if after is not None and before is not None and after >= before:
        raise InvalidInput(
            "modified_after: is not before modified_before, so that no object would be left; exchange them"
        )
