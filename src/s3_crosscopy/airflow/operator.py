"""`S3CrossAccountCopyOperator`: its arguments.

Knows nothing of how a copy works. boto3 is imported only when the task runs, because DAG files are parsed often.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from s3_crosscopy.airflow.argument_checks import RUN_ARGUMENTS, SIDES, ArgumentChecksMixin
from s3_crosscopy.airflow.copy_arguments import CopyArgumentsMixin
from s3_crosscopy.airflow.copying_task import CopyingTask
from s3_crosscopy.airflow.given_fields import GivenFields
from s3_crosscopy.model.option_parsers import AUTO
from s3_crosscopy.model.option_table import DAY_S, GIB, NAMES, refuse

if TYPE_CHECKING:
    from datetime import datetime

    from s3_crosscopy.model import option_types as words
    from s3_crosscopy.model.option_types import Template


class S3CrossAccountCopyOperator(CopyArgumentsMixin, ArgumentChecksMixin, CopyingTask):
    """
    Copy an S3 object, or everything under a prefix, to a bucket of another AWS account, server-side.

    One principal signs every copy and must be allowed to read the source and to write the destination: that of
    ``aws_conn_id``. A retry or a second run copies only what is missing or changed. Returns a small summary (counts,
    bytes, seconds, first failed keys), which becomes the task's XCom.

    :param source: ``s3://bucket/prefix/`` or ``s3://bucket/key`` to copy. (templated)
    :param dest: ``s3://bucket/prefix/``, or a key for one object; one object to a ``dest`` that ends in ``/`` keeps
        its name. (templated)
    :param aws_conn_id: Airflow connection that signs every copy, and everything at the destination. ``None``: boto3's
        own credential chain; an id that does not exist is an error. Default ``aws_default``. (templated)
    :param source_aws_conn_id: Airflow connection that lists, HEADs and reads tags at the source. It signs no copy.
        ``None`` (default): the connection of ``aws_conn_id`` does that too. (templated)
    :param kind: ``auto`` (default), ``object`` or ``prefix``; with ``auto`` a key that ends in ``/`` is a prefix and
        any other key is one object.
    :param allow_bucket_root: Allow the root of a bucket as source or destination. Default ``False``.
    :param if_empty: Result of a task with nothing to copy, because the source is empty or the globs, the sizes or the
        manifest leave nothing: ``fail`` (default), ``skip`` or ``succeed``.
    :param overwrite: When to copy a key that the destination has: ``if_changed`` (default), ``always``, ``never``.
    :param compare: How a change is detected: ``auto`` (default: size and ETag, and HEADs where only these can tell),
        ``checksum`` (HEADs wherever ETags differ), ``etag``, ``size`` or ``mtime``.
    :param include: Copy only keys that match one of these globs, relative to the source prefix (for one object: its
        name). Empty (default): all keys.
    :param exclude: Leave out keys that match one of these globs; wins over ``include``. Empty (default): none.
    :param min_size: Copy only objects of at least this size: bytes, or text such as ``1MiB``. ``None``: no limit.
    :param max_size: Copy only objects of at most this size, in the same units. ``None``: no limit.
    :param modified_after: Copy only objects modified after this time: ISO 8601 text (``{{ data_interval_start }}``)
        or a datetime; UTC if it has no time zone. ``None``: no limit.
    :param modified_before: Copy only objects modified before this time, in the same formats. ``None``: no limit.
    :param archived: Outcome of an object in GLACIER or DEEP_ARCHIVE without a restore: ``fail`` (default), ``skip``.
    :param batch_size: Number of objects that are committed and logged together. Default 1000.
    :param max_concurrency: Maximum number of concurrent requests (default 64), or ``auto``: as many as the server
        accepts without throttling.
    :param transport: Client for frequent requests: ``boto3``, ``fast`` (libcurl), or ``auto`` (default): ``fast`` where
        pycurl is installed and compatible.
    :param max_requests_per_second: Limit of requests per second, of all operations. ``None``: no limit.
    :param multipart_threshold: Size from which objects are copied in parts: bytes, or text. Default ``1GiB``.
    :param part_size: Size of a part, in the same units. ``None``: the source's, or one that keeps the requests busy.
    :param preserve_etag: Copy in the source's part layout, so that the copies have its ETags. Default ``False``.
    :param storage_class: Storage class of the copies; ``source`` keeps that of each object. ``None``: S3's default.
    :param kms_key_id: KMS key that encrypts the copies (full ARN across accounts). ``None``: the bucket's default.
    :param kms_encryption_type: ``AES256`` (S3's own keys), ``aws:kms`` or ``aws:kms:dsse``. ``None``: the bucket's
        default.
    :param bucket_key_enabled: Use an S3 Bucket Key with KMS. ``None``: the destination bucket's default.
    :param acl_policy: Canned ACL of the copies. ``None``: no ACL is sent.
    :param metadata: User metadata: ``keep`` (default), ``drop``, or a mapping that replaces it.
    :param headers: Content headers of the copies: a mapping of new values (``None`` drops one), or ``(glob, mapping)``
        pairs, of which all that match apply and later ones win. Empty (default): the source's.
    :param tags: Object tags: ``keep`` (default), ``drop``, or a mapping that replaces them.
    :param checksum_algorithm: Checksum that S3 computes for the copies. ``None``: the source's algorithm.
    :param request_payer: ``requester`` agrees to pay at a requester-pays bucket. ``None``: does not.
    :param expected_bucket_owner: Account id that must own the destination bucket. ``None``: any account.
    :param expected_source_bucket_owner: Account id that must own the source bucket. ``None``: any account.
    :param expected_report_bucket_owner: Account id that must own the report's bucket. ``None``: that of the source or
        the destination if the report is in the same bucket, else any account.
    :param expected_etag_index_bucket_owner: Account id that must own the ETag index's bucket. ``None``: likewise.
    :param expected_manifest_bucket_owner: Account id that must own the manifest's bucket. ``None``: likewise.
    :param manifest: ``s3://`` URL or file with the keys to copy: one full source key a line, JSON lines with a
        ``key``, lines of S3 Inventory or Batch Operations, or a former report. ``None``: the source is listed.
    :param source_version_id: Version of the source object, for one object. ``None``: the current version.
    :param verification: ``responses`` (default): copies are verified by S3's responses to them. ``listing``: both sides
        are also listed once more at the end and compared.
    :param copy_last: Globs of keys that are copied only after everything else arrived without failure, in the globs'
        order; keys of the same glob are copied concurrently. A key that was written after the run started is held
        back. ``auto`` (default): the logs of Delta and Hudi tables, each in its order, then ``_last_checkpoint`` and
        ``_SUCCESS``. ``off`` or empty: none.
    :param table_formats: What it means that an Iceberg table is copied, whose metadata still names the files of the
        source: ``warn`` (default), ``fail`` (before any of its metadata is copied) or ``ignore``.
    :param report: ``s3://bucket/prefix/`` (or a folder) that gets the outcome of every object. ``None``: no report.
    :param report_format: ``jsonl`` (default) or ``parquet`` (needs the extra ``parquet``).
    :param report_skipped: Include the skipped and filtered objects in the report. Default ``False``.
    :param etag_index: ``s3://bucket/prefix/`` (or a folder) that keeps the ETags of each object and of its copy, so
        that a run needs no HEAD for what is unchanged. ``None``: no index.
    :param since: Look only at what is new since the last complete run. ``last_success``: no pair is compared again
        whose objects are both older. ``key``, for keys that only grow: only the last keys are listed, too. ``None``
        (default): everything.
    :param full_every: How often a run with ``since`` looks at everything again, such as ``12h`` or ``7d`` (default).
    :param overlap: How far ``since`` goes back before the last complete run; longer than the longest multipart upload.
        Default ``1d``.
    :param max_failures: Number of objects that may fail before the task fails, or a share such as ``1%``. Default 0.
    :param outage_deadline: Seconds that a run pauses and probes S3 now and then, while S3 answers only with 5xx or
        throttling, or not at all; then the task fails, and its retry resumes. 0: it never pauses. Default 900.
    :param extraneous: Keys at the destination that the source does not have: ``report`` (default: those that the
        listings pass), ``count`` (all), ``keep`` (not looked for), or ``delete`` them at the end of a complete run.
    :param max_delete: Most keys that ``extraneous="delete"`` may delete: a number, or a share of those at the
        destination; if there are more, none is deleted and the task fails. Default ``10%``.
    :param delete_filtered: ``extraneous="delete"`` also deletes what a filter leaves out. Default ``False``.
    :param permanent_delete: Allow ``extraneous="delete"`` in a bucket without versioning. Default ``False``.
    :param dry_run: List and decide, but copy nothing. Default ``False``.
    :param durable: Store the remaining work of the copy in Airflow's task state store (Airflow 3.3), so that a retry
        resumes, however the task died. If ``False``, or below 3.3, a retry lists both sides again and skips what
        arrived. Default ``True``.
    :param resume: Resume what an earlier try left; ``False`` starts over. Default ``True``.
    :param preflight: Examine the access before the copy: ``off``, ``light`` (default: who signs, one LIST a side and
        one HEAD) or ``full`` (every permission, as ``s3-crosscopy doctor``). A missing permission fails the task with
        an explanation and the suggested policy, and without a retry; what cannot be determined stops nothing.
    :param progress_to_store: Store the progress in the task state store too, where the UI shows it. Default ``True``.
    :param approve: Show a person the plan, and wait for an approval (Airflow 3.1): ``deletes`` (if it deletes),
        ``always``, or a mapping of limits (``objects``, ``bytes``, ``usd``), if it exceeds one. ``None``: never.
    :param approve_timeout: Seconds until a question that nobody answered counts as rejected. Default 86400, a day.
    :param state: File or ``s3://bucket/prefix/`` that keeps the state of ``since``. ``None`` (default): Airflow's asset
        state store (3.3), with the asset that is the task's only outlet, or else inlet.
    :param region_name: Region that is asked for the buckets' Regions. ``None``: that of the connections. (templated)
    :param verify: Verify TLS certificates, or the path of a CA bundle. ``None``: as the connections say.
    :param botocore_config: Settings of ``botocore.config.Config``, merged over the connections' ``config_kwargs``.
        ``None``: none.

    All options are templated too. SSE-C and Object Lock settings are refused.
    """

    # Airflow's registry of operators reads it: a task that died resumes by itself.
    __supports_durable_execution: ClassVar[bool] = True

    template_fields: Sequence[str] = GivenFields((*SIDES, *RUN_ARGUMENTS, *NAMES))  # type: ignore[assignment]
    template_fields_renderers: ClassVar[dict[str, str]] = dict.fromkeys(
        ("metadata", "headers", "tags", "botocore_config", "approve"), "json"
    )
    ui_color = "#ffd700"

    # Hides BaseOperator.dry_run(), a debugging aid that nothing in Airflow 3 calls.
    dry_run: bool | str  # type: ignore[assignment]

    def __init__(
        self,
        *,
        source: str,
        dest: str,
        aws_conn_id: str | None = "aws_default",
        source_aws_conn_id: str | None = None,
        kind: words.Kind | Template = "auto",
        allow_bucket_root: bool | str = False,
        if_empty: words.IfEmpty | Template = "fail",
        overwrite: words.Overwrite | Template = "if_changed",
        compare: words.Compare | Template = "auto",
        include: str | Sequence[str] = (),
        exclude: str | Sequence[str] = (),
        min_size: int | str | None = None,
        max_size: int | str | None = None,
        modified_after: str | datetime | None = None,
        modified_before: str | datetime | None = None,
        archived: words.Archived | Template = "fail",
        batch_size: int | str = 1000,
        max_concurrency: int | str = 64,
        transport: words.Transport | Template = "auto",
        max_requests_per_second: float | str | None = None,
        multipart_threshold: int | str = GIB,
        part_size: int | str | None = None,
        preserve_etag: bool | str = False,
        storage_class: words.StorageClass | Template | None = None,
        kms_key_id: str | None = None,
        kms_encryption_type: words.KmsEncryption | Template | None = None,
        bucket_key_enabled: bool | str | None = None,
        acl_policy: words.Acl | Template | None = None,
        metadata: str | Mapping[str, str] = "keep",
        headers: str | Mapping[str, str | None] | Sequence[Any] = (),
        tags: str | Mapping[str, str] = "keep",
        checksum_algorithm: words.ChecksumAlgorithm | Template | None = None,
        request_payer: words.RequestPayer | Template | None = None,
        expected_bucket_owner: str | None = None,
        expected_source_bucket_owner: str | None = None,
        expected_report_bucket_owner: str | None = None,
        expected_etag_index_bucket_owner: str | None = None,
        expected_manifest_bucket_owner: str | None = None,
        manifest: str | None = None,
        source_version_id: str | None = None,
        verification: words.Verification | Template = "responses",
        copy_last: str | Sequence[str] = AUTO,
        table_formats: words.TableFormats | Template = "warn",
        report: str | None = None,
        report_format: words.ReportFormat | Template = "jsonl",
        report_skipped: bool | str = False,
        etag_index: str | None = None,
        since: words.Since | Template | None = None,
        full_every: int | str = 7 * DAY_S,
        overlap: int | str = DAY_S,
        max_failures: int | str = 0,
        outage_deadline: int | str = 900,
        extraneous: words.Extraneous | Template = "report",
        max_delete: int | str = "10%",
        delete_filtered: bool | str = False,
        permanent_delete: bool | str = False,
        dry_run: bool | str = False,
        durable: bool | str = True,
        resume: bool | str = True,
        progress_to_store: bool | str = True,
        preflight: words.Preflight | Template = "light",
        approve: str | Mapping[str, Any] | None = None,
        approve_timeout: int | str = 86_400,
        state: str | None = None,
        region_name: str | None = None,
        verify: bool | str | None = None,
        botocore_config: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        arguments = locals()
        refuse(kwargs)
        super().__init__(**kwargs)
        # Verbatim: these are templates until `execute`, and Airflow wants each field under its argument's name.
        for name in (*SIDES, *RUN_ARGUMENTS, *NAMES):
            setattr(self, name, arguments[name])
        self.check()
