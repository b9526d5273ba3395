"""The types of the arguments of a copy, as attributes of its operator: values or templates, until the task runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from s3_crosscopy.model import option_types as words
    from s3_crosscopy.model.option_types import Template


class CopyArgumentsMixin:
    """Declares the attributes of `S3CrossAccountCopyOperator`, which describes and assigns them."""

    kind: words.Kind | Template
    allow_bucket_root: bool | str
    if_empty: words.IfEmpty | Template
    overwrite: words.Overwrite | Template
    compare: words.Compare | Template
    include: str | Sequence[str]
    exclude: str | Sequence[str]
    min_size: int | str | None
    max_size: int | str | None
    modified_after: str | datetime | None
    modified_before: str | datetime | None
    archived: words.Archived | Template
    batch_size: int | str
    max_concurrency: int | str
    transport: words.Transport | Template
    max_requests_per_second: float | str | None
    multipart_threshold: int | str
    part_size: int | str | None
    preserve_etag: bool | str
    storage_class: words.StorageClass | Template | None
    kms_key_id: str | None
    kms_encryption_type: words.KmsEncryption | Template | None
    bucket_key_enabled: bool | str | None
    acl_policy: words.Acl | Template | None
    metadata: str | Mapping[str, str]
    headers: str | Mapping[str, str | None] | Sequence[Any]
    tags: str | Mapping[str, str]
    checksum_algorithm: words.ChecksumAlgorithm | Template | None
    request_payer: words.RequestPayer | Template | None
    expected_bucket_owner: str | None
    expected_source_bucket_owner: str | None
    expected_report_bucket_owner: str | None
    expected_etag_index_bucket_owner: str | None
    expected_manifest_bucket_owner: str | None
    manifest: str | None
    source_version_id: str | None
    verification: words.Verification | Template
    copy_last: str | Sequence[str]
    table_formats: words.TableFormats | Template
    report_format: words.ReportFormat | Template
    report_skipped: bool | str
    etag_index: str | None
    max_failures: int | str
    outage_deadline: int | str
    extraneous: words.Extraneous | Template
    max_delete: int | str
    delete_filtered: bool | str
    permanent_delete: bool | str
    since: words.Since | Template | None
    full_every: int | str
    overlap: int | str
    preflight: words.Preflight | Template
