"""The one `copy()` behind operator, CLI and library: builds the adapters, runs the engine, judges the report."""

from __future__ import annotations

import dataclasses
import gc
import logging
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from s3_crosscopy.adapters.checkpoints import FileCheckpoint, NoCheckpoint
from s3_crosscopy.adapters.clock import SystemClock
from s3_crosscopy.adapters.sinks import LoggingSink
from s3_crosscopy.api.preflight import MODES, OFF, explanation, look_first
from s3_crosscopy.api.pricing import Wished, pricing_of, wished
from s3_crosscopy.api.transport import lane_for
from s3_crosscopy.api.verdict import judge
from s3_crosscopy.engine.run import Engine, Ports
from s3_crosscopy.errors import InvalidInput, PermanentFailure, RetryableFailure, S3Error
from s3_crosscopy.model import parse
from s3_crosscopy.model.events import Resumed, RunEnded, RunStarted, Warned
from s3_crosscopy.model.location import Bucket, Location
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.requests import Side
from s3_crosscopy.plan.classify import retryable
from s3_crosscopy.plan.resolve import Spec, resolve_spec
from s3_crosscopy.plan.resume import fingerprint, usable
from s3_crosscopy.plan.window import threads_for
from s3_crosscopy.ports import Checkpoint, ReportStore

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.access import Access
    from s3_crosscopy.adapters.boto.s3 import BotoS3
    from s3_crosscopy.adapters.sorted_keys import SortedKeys
    from s3_crosscopy.model.checkpoint import CheckpointState, OpenUpload
    from s3_crosscopy.ports import EventSink

MOST_TOLD = 10
"""Uploads that are told one by one: by default a run has no more at a time than an eighth of its requests, eight."""

DRY_RUN = "dry-run"
"""The folder of a dry run's report, below the one that was asked for."""


class Kept(NamedTuple):
    """Where what is left of a run is kept, and whether an interrupted run leaves its uploads to a later attempt.

    `resume=False` begins afresh, whatever is kept.
    """

    checkpoint: Checkpoint
    keep_uploads: bool = False
    resume: bool = True


NOT_KEPT = Kept(NoCheckpoint())


def copy(
    source: str,
    dest: str,
    *,
    session: Any = None,
    source_session: Any = None,
    profile: str | None = None,
    source_profile: str | None = None,
    endpoint_url: str | None = None,
    region_name: str | None = None,
    verify: bool | str | None = None,
    botocore_config: Mapping[str, Any] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    preflight: str = OFF,
    prices: str | os.PathLike[str] | None = None,
    rate: float | None = None,
    sink: EventSink | None = None,
    cancel: threading.Event | None = None,
    **options: object,
) -> Report:
    """Copy an object or a prefix, server-side, and return what was done.

    `session` (a `boto3.Session`, or `profile`, its name) signs every copy: it must read `source` and write `dest`.
    `source_session` (or `source_profile`), if given, lists, HEADs and reads tags at the source. `options` are those
    of `s3_crosscopy.model.options`. `checkpoint` names a file that keeps what is left of an interrupted or killed run:
    the same call goes on from there. `preflight` ("off", "light", "full") looks at the access before anything else, and
    ends the run at a denial. Setting `cancel` stops the run within seconds.

    With `dry_run=True` nothing is written, a checkpoint neither, and the report has a `plan` with a cost: by `prices`,
    a file like the shipped `prices.json`, and with the time that it takes at a `rate` of requests a second.

    Raises InvalidInput for a wrong argument, EmptySource, PermanentFailure or RetryableFailure (with `.report`) when
    more than `max_failures` objects failed, Interrupted, ListingBroken.
    """
    spec = resolve_spec(source, dest, options)
    estimate_by = wished(spec, prices, rate)
    from s3_crosscopy.adapters.boto.sessions import access

    make = partial(access, endpoint_url=endpoint_url, region_name=region_name, verify=verify, config=botocore_config)
    copier = make(session, profile, "profile")
    reader = None
    if source_session is not None or source_profile is not None:
        reader = make(source_session, source_profile, "source_profile")
    kept = Kept(FileCheckpoint(checkpoint), keep_uploads=True) if checkpoint is not None else NOT_KEPT
    return run_copy(spec, copier, reader, sink=sink, cancel=cancel, kept=kept, look=preflight, estimate_by=estimate_by)


def run_copy(
    spec: Spec,
    copier: Access,
    reader: Access | None = None,
    *,
    sink: EventSink | None = None,
    cancel: threading.Event | None = None,
    kept: Kept = NOT_KEPT,
    look: object = OFF,
    estimate_by: Wished | None = None,
) -> Report:
    """`copy` for a resolved spec and ready principals; `reader=None`: the copier reads the source too.

    `look` is the `preflight` argument of `copy`, `estimate_by` what a dry run's cost rests on (None: shipped prices).
    A dry run neither goes on from what is kept nor replaces it: its plan is of the whole copy.
    """
    estimate_by = estimate_by or wished(spec)
    kept = NOT_KEPT if spec.options.dry_run else kept
    mode = parse.Choice(*MODES)("preflight", look)
    sink = sink or LoggingSink(logging.getLogger("s3_crosscopy"))
    before = kept.checkpoint.load()
    dest_s3 = _open(copier, spec.dest, Side.DEST, spec)
    source_s3 = _open(reader or copier, spec.source, Side.SOURCE, spec)
    look_first(mode, spec, copier, reader, source_s3, dest_s3, sink)
    with _manifest(spec, reader or copier) as keys, lane_for(spec, source_s3, dest_s3) as (lane, transport):
        servers = [one.server for one in (reader or copier, copier)]
        mark = fingerprint(spec, keys.digest if keys else "", servers)
        resumed = _resumed(before, mark, sink) if kept.resume else None
        ports = Ports(
            lane=lane,
            source=source_s3,
            dest=dest_s3,
            clock=SystemClock(),
            sink=sink,
            checkpoint=kept.checkpoint,
            cancel=cancel or threading.Event(),
            report=_report_store(spec, copier, resumed=resumed is not None),
            manifest=keys.between if keys else None,
        )
        kind = "object" if spec.single else "prefix"
        sink.emit(RunStarted(spec.source_url, spec.dest_url, kind, transport, spec.options.dry_run))
        engine = Engine(
            spec,
            [KeyRange()],
            ports,
            resumed=resumed,
            leftovers=_leftovers(before[0], spec, sink) if before is not None and resumed is None else (),
            fingerprint=mark,
            keep_uploads=kept.keep_uploads,
            pricing=pricing_of(spec, estimate_by, source_s3, dest_s3, servers) if estimate_by is not None else None,
        )
        with _collecting_less():
            report = engine.run()
    if engine.first_denial is not None:
        denial = explanation(spec, engine.first_denial, copier, reader)
        report = dataclasses.replace(report, denial=denial)
    sink.emit(RunEnded(report))
    judge(spec, report)
    return report


@contextmanager
def _collecting_less() -> Iterator[None]:
    """Spare the garbage collector what was there before: boto3 and Airflow are hundreds of thousands of objects, which
    it would look through again and again while the run makes its short-lived ones."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def _manifest(spec: Spec, reader: Access) -> Iterator[SortedKeys | None]:
    """The keys that `manifest` names, sorted, or None."""
    if spec.options.manifest is None:
        yield None
        return
    from s3_crosscopy.adapters.manifests import open_manifest

    with _told_as("manifest"):
        keys = open_manifest(spec.options.manifest, prefix=spec.source_prefix, client_for=reader.client)
    with keys:
        yield keys


def _report_store(spec: Spec, copier: Access, *, resumed: bool) -> ReportStore | None:
    """Where `report` says, found writable; None if nobody wants one."""
    if spec.options.report is None:
        return None
    from s3_crosscopy.adapters.report.files import files_at
    from s3_crosscopy.adapters.report.store import StoredReport

    with _told_as("report"):
        # A dry run must not write over the segments of an interrupted run that a retry will add to.
        place = f"{spec.options.report.rstrip('/')}/{DRY_RUN}/" if spec.options.dry_run else spec.options.report
        store = StoredReport(files_at(place, copier.client, "report"), spec.options.report_format)
        store.begin(resumed=resumed)
    return store


@contextmanager
def _told_as(name: str) -> Iterator[None]:
    """An S3 error before the run began, under the argument's name, and worth a retry or not."""
    try:
        yield
    except S3Error as error:
        if error.reason is Reason.MISSING:
            raise InvalidInput(f"{name}: there is no s3://{error.bucket}/{error.key}") from error
        failure = RetryableFailure if retryable(error.reason) else PermanentFailure
        raise failure(f"{name}: {error}") from error


def _resumed(before: tuple[CheckpointState, float] | None, mark: str, sink: EventSink) -> CheckpointState | None:
    if before is None:
        return None
    state, why_not = usable(*before, mark, time.time())
    if state is None:
        sink.emit(Warned(f"not going on from the checkpoint ({why_not}): beginning afresh"))
    else:
        done = state.counts["listed"]
        sink.emit(Resumed(done, state.seconds))
    return state


def _leftovers(before: CheckpointState, spec: Spec, sink: EventSink) -> tuple[OpenUpload, ...]:
    """The uploads of a run that is not gone on with. Those in another bucket are told: nobody else will know them."""
    if before.dest_bucket.name == spec.dest.name:
        return before.uploads
    for upload in before.uploads[:MOST_TOLD]:
        where = Location(before.dest_bucket.name, upload.dest_key)
        sink.emit(Warned(f"the upload {upload.upload_id} of {str(where)!r}, which an earlier run began, is left open"))
    if (more := len(before.uploads) - MOST_TOLD) > 0:
        sink.emit(Warned(f"{more} more uploads of that run are left open; a lifecycle rule can abort them"))
    return ()


def _open(access: Access, bucket: Bucket, side: Side, spec: Spec) -> BotoS3:
    name = "source" if side is Side.SOURCE else "dest"
    with _told_as(name):
        try:
            return access.s3(bucket, threads_for(spec.options.max_concurrency))
        except S3Error as error:
            if error.reason is Reason.MISSING:
                raise InvalidInput(f"{name}: there is no bucket {bucket.name!r}") from error
            raise
    raise AssertionError("unreachable: an error was told")
