"""Opens the inputs of a run: both buckets, the manifest, the report, the checkpoint. Errors name their argument."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from s3_crosscopy.adapters.checkpoint_file import NoCheckpoint
from s3_crosscopy.api.no_credentials import CODE as NO_CREDENTIALS
from s3_crosscopy.api.no_credentials import no_credentials
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
from s3_crosscopy.report.names import DRY_RUN

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.adapters.boto.s3 import BotoS3
    from s3_crosscopy.manifest.external_sort import SortedKeys
    from s3_crosscopy.ports import Checkpoint
    from s3_crosscopy.report.files import Files
    from s3_crosscopy.report.report_writer import StoredReport

EXAMINED = ("manifest", "report", "etag_index")
"""The inputs whose permissions the doctor tests, beside those of the two buckets."""


def open_side(access: S3Clients, bucket: Bucket, side: Side, spec: CopySpec) -> BotoS3:
    """A client for the bucket of one side. Raises InvalidInput if the bucket does not exist."""
    name = "source" if side is Side.SOURCE else "dest"
    with errors_naming(name):
        try:
            return access.s3(bucket, threads_for(spec.options.max_concurrency))
        except S3Error as error:
            if not_found(error.reason):
                raise InvalidInput(f"{name}: there is no bucket {bucket.name!r}") from error
            if error.code == NO_CREDENTIALS:
                raise failure_for(error.reason)(no_credentials(side, access.label)) from error
            raise
    raise AssertionError("unreachable: an error was raised")


@contextmanager
def open_manifest_of(spec: CopySpec, reader: S3Clients) -> Iterator[SortedKeys | None]:
    """The keys of the option `manifest`, sorted; None without that option."""
    if spec.options.manifest is None:
        yield None
        return
    from s3_crosscopy.manifest.manifest_reader import open_manifest

    with errors_naming("manifest"):
        keys = open_manifest(
            spec.options.manifest,
            prefix=spec.source_prefix,
            client_for=reader.client,
            bucket=spec.source.name,
            manifest_bucket=spec.manifest_bucket,
        )
    with keys:
        yield keys


def report_place(spec: CopySpec, below: str = "") -> str:
    """The folder or URL of the report at `below`, relative to the option `report`; "" without that option."""
    if spec.options.report is None:
        return ""
    # A dry run must not write over the segments of an interrupted run that a retry will add to.
    below = f"{DRY_RUN}/{below}" if spec.options.dry_run else below
    return f"{spec.options.report.rstrip('/')}/{below}" if below else spec.options.report


def report_files(spec: CopySpec, copier: S3Clients, below: str = "") -> Files | None:
    """The files of the report at `below`, relative to the option `report`; None without that option."""
    place = report_place(spec, below)
    if not place:
        return None
    from s3_crosscopy.report.files import files_at

    with errors_naming("report"):
        return files_at(place, copier.client, "report", bucket=spec.report_bucket)


def report_store(
    spec: CopySpec,
    copier: S3Clients,
    *,
    below: str = "",
    resumed: bool = False,
    run_info: Callable[[], Mapping[str, Any]] | None = None,
) -> StoredReport | None:
    """The report, begun and writable; None without the option `report`. `run_info` as in `StoredReport`."""
    files = report_files(spec, copier, below)
    if files is None:
        return None
    from s3_crosscopy.report.report_writer import StoredReport

    with errors_naming("report"):
        places = {"source": spec.source_url, "dest": spec.dest_url}
        store = StoredReport(files, spec.options.report_format, run_info, places)
        store.begin(resumed=resumed)
    return store


def roomy(checkpoint: Checkpoint, spec: CopySpec, copier: S3Clients, below: str = "") -> Checkpoint:
    """The checkpoint; if there is a report, the part of a state that does not fit goes into a file beside that."""
    if isinstance(checkpoint, NoCheckpoint) or checkpoint.room >= ROOM:
        return checkpoint
    files = report_files(spec, copier, below)
    return checkpoint if files is None else BesideReport(checkpoint, files)


def expected_at(place: str, owner: object) -> Bucket | None:
    """The bucket of a report's s3:// URL with the account id `owner` that must own it; None if `owner` is None.

    Raises InvalidInput if `owner` is not an account id.
    """
    if owner is None:
        return None
    account = parse.account("expected_bucket_owner", owner)
    return Bucket(parse_location(place, "place").bucket, account) if "://" in place else None


@contextmanager
def errors_naming(name: str) -> Iterator[None]:
    """Turn an S3Error before the run began into PermanentFailure or RetryableFailure, with the argument's `name`."""
    try:
        yield
    except S3Error as error:
        if error.reason is Reason.MISSING:
            raise InvalidInput(f"{name}: there is no s3://{error.bucket}/{error.key}") from error
        is_transient = skewed(error.code) or getattr(error.__cause__, "is_transient", False)
        failure = RetryableFailure if is_transient else failure_for(error.reason)
        raise failure("; ".join(filter(None, (f"{name}: {error}", _advice(name, error))))) from error


def _advice(name: str, error: S3Error) -> str:
    """The command that examines the access to an input, if it was denied."""
    if error.reason is not Reason.DENIED or name not in EXAMINED:
        return ""
    return f"s3-crosscopy doctor, with the same {name}, names the missing permission and prints the policy for it"
