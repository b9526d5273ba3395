"""The one `copy()` behind operator, CLI and library: builds the adapters, runs the engine, judges the report."""

from __future__ import annotations

import dataclasses
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
from s3_crosscopy.api.verdict import explain_denial, judge
from s3_crosscopy.engine.run import Engine, Ports
from s3_crosscopy.engine.threads import ThreadLane
from s3_crosscopy.errors import InvalidInput, PermanentFailure, RetryableFailure, S3Error
from s3_crosscopy.model.events import Resumed, RunEnded, RunStarted, Warned
from s3_crosscopy.model.location import Bucket, parse_location
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.options import parse_options
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.requests import Side
from s3_crosscopy.plan.classify import retryable
from s3_crosscopy.plan.resolve import Spec, resolve
from s3_crosscopy.plan.resume import fingerprint, usable
from s3_crosscopy.ports import Checkpoint, ReportStore

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.access import Access
    from s3_crosscopy.adapters.sorted_keys import SortedKeys
    from s3_crosscopy.model.checkpoint import CheckpointState, OpenUpload
    from s3_crosscopy.ports import BlockingS3, EventSink

LISTERS = 2
"""Threads beside those of the window: one page a side is always under way."""


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
    sink: EventSink | None = None,
    cancel: threading.Event | None = None,
    **options: object,
) -> Report:
    """Copy an object or a prefix, server-side, and return what was done.

    `session` (a `boto3.Session`, or `profile`, its name) signs every copy: it must read `source` and write `dest`.
    `source_session` (or `source_profile`), if given, lists, HEADs and reads tags at the source. `options` are those
    of `s3_crosscopy.model.options`. `checkpoint` names a file that keeps what is left of an interrupted or killed run:
    the same call goes on from there. Setting `cancel` stops the run within seconds.

    Raises InvalidInput for a wrong argument, EmptySource, PermanentFailure or RetryableFailure (with `.report`) when
    more than `max_failures` objects failed, Interrupted, ListingBroken.
    """
    spec = resolve_spec(source, dest, options)
    from s3_crosscopy.adapters.boto.sessions import access

    make = partial(access, endpoint_url=endpoint_url, region_name=region_name, verify=verify, config=botocore_config)
    copier = make(session, profile, "profile")
    reader = None
    if source_session is not None or source_profile is not None:
        reader = make(source_session, source_profile, "source_profile")
    kept = Kept(FileCheckpoint(checkpoint), keep_uploads=True) if checkpoint is not None else NOT_KEPT
    return run_copy(spec, copier, reader, sink=sink, cancel=cancel, kept=kept)


def resolve_spec(source: object, dest: object, options: Mapping[str, object]) -> Spec:
    """Everything that can be checked without a request. Raises InvalidInput."""
    parsed = parse_options(options)
    return resolve(parse_location(source, "source"), parse_location(dest, "dest"), parsed)


def run_copy(
    spec: Spec,
    copier: Access,
    reader: Access | None = None,
    *,
    sink: EventSink | None = None,
    cancel: threading.Event | None = None,
    kept: Kept = NOT_KEPT,
) -> Report:
    """`copy` for a resolved spec and ready principals; `reader=None`: the copier reads the source too."""
    sink = sink or LoggingSink(logging.getLogger("s3_crosscopy"))
    before = kept.checkpoint.load()
    dest_s3 = _open(copier, spec.dest, Side.DEST, spec)
    source_s3 = _open(reader or copier, spec.source, Side.SOURCE, spec)
    with _manifest(spec, reader or copier) as keys:
        mark = fingerprint(spec, keys.digest if keys else "", [one.server for one in (reader or copier, copier)])
        resumed = _resumed(before, mark, sink) if kept.resume else None
        ports = Ports(
            lane=ThreadLane(source_s3, dest_s3, spec.options.max_concurrency + LISTERS),
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
        sink.emit(RunStarted(spec.source_url, spec.dest_url, kind, "boto3", spec.options.dry_run))
        engine = Engine(
            spec,
            [KeyRange()],
            ports,
            resumed=resumed,
            leftovers=_leftovers(before, spec) if resumed is None else (),
            fingerprint=mark,
            keep_uploads=kept.keep_uploads,
        )
        report = engine.run()
    if engine.first_denial is not None:
        denial = explain_denial(spec, engine.first_denial, source_s3, dest_s3)
        report = dataclasses.replace(report, denial=denial)
    sink.emit(RunEnded(report))
    judge(spec, report)
    return report


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
        store = StoredReport(files_at(spec.options.report, copier.client, "report"), spec.options.report_format)
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


def _leftovers(before: tuple[CheckpointState, float] | None, spec: Spec) -> tuple[OpenUpload, ...]:
    """The uploads of a run that is not gone on with, as far as they are in the bucket that we may write."""
    return before[0].uploads if before is not None and before[0].dest_bucket == spec.dest.name else ()


def _open(access: Access, bucket: Bucket, side: Side, spec: Spec) -> BlockingS3:
    name = "source" if side is Side.SOURCE else "dest"
    with _told_as(name):
        try:
            return access.s3(bucket, spec.options.max_concurrency)
        except S3Error as error:
            if error.reason is Reason.MISSING:
                raise InvalidInput(f"{name}: there is no bucket {bucket.name!r}") from error
            raise
    raise AssertionError("unreachable: an error was told")
