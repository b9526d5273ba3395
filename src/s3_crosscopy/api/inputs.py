"""Opens what a run needs before it begins: both sides, the manifest, the report. An error names its argument."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from s3_crosscopy.adapters.checkpoint_file import NoCheckpoint
from s3_crosscopy.core.concurrency_window import threads_for
from s3_crosscopy.core.error_codes import failure_for, not_found, skewed
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import InvalidInput, RetryableFailure, S3Error
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.checkpoint import ROOM
from s3_crosscopy.model.location import Bucket, parse_location
from s3_crosscopy.model.operations import Side
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.report.checkpoint_overflow import BesideReport

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.adapters.boto.s3 import BotoS3
    from s3_crosscopy.manifest.external_sort import SortedKeys
    from s3_crosscopy.ports import Checkpoint
    from s3_crosscopy.report.files import Files
    from s3_crosscopy.report.report_writer import StoredReport

DRY_RUN = "dry-run"
"""The folder of a dry run's report, below the one that was asked for."""


def open_side(access: S3Clients, bucket: Bucket, side: Side, spec: CopySpec) -> BotoS3:
    """The side's bucket, found to be there."""
    name = "source" if side is Side.SOURCE else "dest"
    with told_as(name):
        try:
            return access.s3(bucket, threads_for(spec.options.max_concurrency))
        except S3Error as error:
            if not_found(error.reason):
                raise InvalidInput(f"{name}: there is no bucket {bucket.name!r}") from error
            raise
    raise AssertionError("unreachable: an error was told")


@contextmanager
def open_manifest_of(spec: CopySpec, reader: S3Clients) -> Iterator[SortedKeys | None]:
    """The keys that `manifest` names, sorted, or None."""
    if spec.options.manifest is None:
        yield None
        return
    from s3_crosscopy.manifest.manifest_reader import open_manifest

    with told_as("manifest"):
        keys = open_manifest(
            spec.options.manifest,
            prefix=spec.source_prefix,
            client_for=reader.client,
            bucket=spec.source.name,
            guarded=spec.manifest_bucket,
        )
    with keys:
        yield keys


def report_files(spec: CopySpec, copier: S3Clients, below: str = "") -> Files | None:
    """Where `report` says, and so far `below` it; None if nobody wants a report."""
    if spec.options.report is None:
        return None
    from s3_crosscopy.report.files import files_at

    # A dry run must not write over the segments of an interrupted run that a retry will add to.
    below = f"{DRY_RUN}/{below}" if spec.options.dry_run else below
    place = f"{spec.options.report.rstrip('/')}/{below}" if below else spec.options.report
    with told_as("report"):
        return files_at(place, copier.client, "report", guarded=spec.report_bucket)


def report_store(
    spec: CopySpec,
    copier: S3Clients,
    *,
    below: str = "",
    resumed: bool = False,
    told: Callable[[], Mapping[str, Any]] | None = None,
) -> StoredReport | None:
    """The report there, found writable and begun; None if nobody wants one. `told` as in `StoredReport`."""
    files = report_files(spec, copier, below)
    if files is None:
        return None
    from s3_crosscopy.report.report_writer import StoredReport

    with told_as("report"):
        places = {"source": spec.source_url, "dest": spec.dest_url}
        store = StoredReport(files, spec.options.report_format, told, places)
        store.begin(resumed=resumed)
    return store


def roomy(checkpoint: Checkpoint, spec: CopySpec, copier: S3Clients, below: str = "") -> Checkpoint:
    """The checkpoint, with more room where there is a report: what does not fit goes beside it."""
    if isinstance(checkpoint, NoCheckpoint) or checkpoint.room >= ROOM:
        return checkpoint
    files = report_files(spec, copier, below)
    return checkpoint if files is None else BesideReport(checkpoint, files)


def expected_at(place: str, owner: object) -> Bucket | None:
    """The bucket of a report's s3:// URL, with the account id that must own it; None where nobody is expected.

    Raises InvalidInput for what is no account id.
    """
    if owner is None:
        return None
    account = parse.account("expected_bucket_owner", owner)
    return Bucket(parse_location(place, "place").bucket, account) if "://" in place else None


@contextmanager
def told_as(name: str) -> Iterator[None]:
    """An S3 error before the run began, under the argument's name, and worth a retry or not."""
    try:
        yield
    except S3Error as error:
        if error.reason is Reason.MISSING:
            raise InvalidInput(f"{name}: there is no s3://{error.bucket}/{error.key}") from error
        is_transient = skewed(error.code) or getattr(error.__cause__, "is_transient", False)
        failure = RetryableFailure if is_transient else failure_for(error.reason)
        raise failure(f"{name}: {error}") from error
