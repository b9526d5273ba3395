"""Opens what a run needs before it begins: both sides, the manifest, the report. An error names its argument."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from s3_crosscopy.errors import InvalidInput, PermanentFailure, RetryableFailure, S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.requests import Side
from s3_crosscopy.plan.classify import not_found, retryable
from s3_crosscopy.plan.resolve import Spec
from s3_crosscopy.plan.window import threads_for

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.access import Access
    from s3_crosscopy.adapters.boto.s3 import BotoS3
    from s3_crosscopy.adapters.report.files import Files
    from s3_crosscopy.adapters.report.store import StoredReport
    from s3_crosscopy.adapters.sorted_keys import SortedKeys

DRY_RUN = "dry-run"
"""The folder of a dry run's report, below the one that was asked for."""

NOT_BY_S3 = ", or the endpoint is not that of an S3 service: its 404 has no request id of S3's"
"""What may also be wrong where a 404 is not in S3's form."""


def open_side(access: Access, bucket: Bucket, side: Side, spec: Spec) -> BotoS3:
    """The side's bucket, found to be there."""
    name = "source" if side is Side.SOURCE else "dest"
    with told_as(name):
        try:
            return access.s3(bucket, threads_for(spec.options.max_concurrency))
        except S3Error as error:
            if not_found(error.reason):
                doubt = "" if error.reason is Reason.MISSING else NOT_BY_S3
                raise InvalidInput(f"{name}: there is no bucket {bucket.name!r}{doubt}") from error
            raise
    raise AssertionError("unreachable: an error was told")


@contextmanager
def open_manifest_of(spec: Spec, reader: Access) -> Iterator[SortedKeys | None]:
    """The keys that `manifest` names, sorted, or None."""
    if spec.options.manifest is None:
        yield None
        return
    from s3_crosscopy.adapters.manifests import open_manifest

    with told_as("manifest"):
        keys = open_manifest(
            spec.options.manifest, prefix=spec.source_prefix, client_for=reader.client, bucket=spec.source.name
        )
    with keys:
        yield keys


def report_files(spec: Spec, copier: Access, below: str = "") -> Files | None:
    """Where `report` says, and so far `below` it; None if nobody wants a report."""
    if spec.options.report is None:
        return None
    from s3_crosscopy.adapters.report.files import files_at

    # A dry run must not write over the segments of an interrupted run that a retry will add to.
    below = f"{DRY_RUN}/{below}" if spec.options.dry_run else below
    place = f"{spec.options.report.rstrip('/')}/{below}" if below else spec.options.report
    with told_as("report"):
        return files_at(place, copier.client, "report")


def report_store(
    spec: Spec,
    copier: Access,
    *,
    below: str = "",
    resumed: bool = False,
    told: Callable[[], Mapping[str, Any]] | None = None,
) -> StoredReport | None:
    """The report there, found writable and begun; None if nobody wants one. `told` as in `StoredReport`."""
    files = report_files(spec, copier, below)
    if files is None:
        return None
    from s3_crosscopy.adapters.report.store import StoredReport

    with told_as("report"):
        store = StoredReport(files, spec.options.report_format, told)
        store.begin(resumed=resumed)
    return store


@contextmanager
def told_as(name: str) -> Iterator[None]:
    """An S3 error before the run began, under the argument's name, and worth a retry or not."""
    try:
        yield
    except S3Error as error:
        if error.reason is Reason.MISSING:
            raise InvalidInput(f"{name}: there is no s3://{error.bucket}/{error.key}") from error
        failure = RetryableFailure if retryable(error.reason) else PermanentFailure
        raise failure(f"{name}: {error}") from error
