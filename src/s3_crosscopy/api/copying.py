"""The one `copy()` behind operator, CLI and library: builds the adapters, runs the engine, judges the report."""

from __future__ import annotations

import dataclasses
import gc
import logging
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from s3_crosscopy.access.preflight import MODES, OFF, explanation, look_first
from s3_crosscopy.adapters.boto.service_check import check_services
from s3_crosscopy.adapters.checkpoint_file import FileCheckpoint
from s3_crosscopy.adapters.clock import SystemClock
from s3_crosscopy.adapters.sinks import LoggingSink
from s3_crosscopy.api.estimating import EstimateRequest, pricing_of, requested
from s3_crosscopy.api.inputs import open_manifest_of, open_side, report_store, roomy, told_as
from s3_crosscopy.api.result_errors import judge
from s3_crosscopy.api.resuming import NO_PERSISTENCE, Persistence, leftovers_of, load, resumed_from
from s3_crosscopy.api.similar_prefixes import look_nearby
from s3_crosscopy.api.transport import lane_for
from s3_crosscopy.core.spec import CopySpec, resolve_spec
from s3_crosscopy.core.state.resume import fingerprint
from s3_crosscopy.engine.attempt import Attempt
from s3_crosscopy.engine.interruptible import Stop, interruptible
from s3_crosscopy.engine.run_config import Ports, RunConfig, Runs
from s3_crosscopy.engine.wiring import build_engine
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.events import RunEnded, RunStarted, Warned
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.operations import Side
from s3_crosscopy.model.option_types import Preflight
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.run_scope import ALONE, RunRole
from s3_crosscopy.report.checkpoint_overflow import BesideReport
from s3_crosscopy.report.run_info import RunNotes

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.ports import EventSink

YOUNG_OBJECTS = 20_000
"""The collector looks once so many are new: every few pages, where Python's own 700 or 2,000 are less than one page."""


class RunScope(NamedTuple):
    """What one run does of a copy: which key ranges, what of them, and where its report is `below` that of the copy.

    `keys` is how many there are, as far as anybody knows.
    """

    ranges: Sequence[KeyRange] = (KeyRange(),)
    role: RunRole = ALONE
    below: str = ""
    keys: int | None = None


EVERYTHING = RunScope()


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
    preflight: Preflight = "off",
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
    estimate_by = requested(spec, prices, rate)
    from s3_crosscopy.adapters.boto.sessions import access

    make = partial(access, endpoint_url=endpoint_url, region_name=region_name, verify=verify, config=botocore_config)
    copier = make(session, profile, "profile")
    reader = None
    if source_session is not None or source_profile is not None:
        reader = make(source_session, source_profile, "source_profile")
    persistence = (
        Persistence(FileCheckpoint(checkpoint), keep_uploads=True) if checkpoint is not None else NO_PERSISTENCE
    )
    return interruptible(
        lambda stop: run_copy(
            spec,
            copier,
            reader,
            sink=sink,
            cancel=stop,
            persistence=persistence,
            look=preflight,
            estimate_by=estimate_by,
        ),
        cancel,
    )


def run_copy(
    spec: CopySpec,
    copier: S3Clients,
    reader: S3Clients | None = None,
    *,
    sink: EventSink | None = None,
    cancel: threading.Event | None = None,
    persistence: Persistence = NO_PERSISTENCE,
    look: object = OFF,
    estimate_by: EstimateRequest | None = None,
    run_scope: RunScope = EVERYTHING,
) -> Report:
    """`copy` for a resolved spec and ready principals; `reader=None`: the copier reads the source too.

    `look` is the `preflight` argument of `copy`, `estimate_by` what a dry run's cost rests on (None: shipped prices).
    `run_scope`: the part of it that this run does.
    Setting `cancel` is heard between two steps here, and whenever something hangs by `engine.interruptible`.
    A dry run neither goes on from what is kept nor replaces it: its plan is of the whole copy.
    """
    estimate_by = estimate_by or requested(spec)
    persistence = NO_PERSISTENCE if spec.options.dry_run else persistence
    stop = Stop.of(cancel)
    mode = parse.Choice(*MODES)("preflight", look)
    sink = sink or LoggingSink(logging.getLogger("s3_crosscopy"))
    notes = RunNotes(sink, spec.options, lambda: (copier.principal(), (reader or copier).principal()))
    sink = notes if spec.options.report is not None else sink
    check_services(copier, reader)
    checkpoint = roomy(persistence.checkpoint, spec, copier, run_scope.below)
    with told_as("report"):
        before = load(checkpoint, stop, sink)
    dest_s3 = open_side(copier, spec.dest, Side.DEST, spec)
    stop.check()
    source_s3 = open_side(reader or copier, spec.source, Side.SOURCE, spec)
    stop.check()
    look_first(mode, spec, copier, reader, source_s3, dest_s3, sink)
    stop.check()
    with open_manifest_of(spec, reader or copier) as keys, lane_for(spec, source_s3, dest_s3) as (lane, transport):
        stop.check()
        servers = [one.server for one in (reader or copier, copier)]
        mark = fingerprint(spec, keys.digest if keys else "", servers, run_scope.ranges, run_scope.role)
        resumed = resumed_from(before, mark, spec, run_scope.ranges, sink) if persistence.resume else None
        rows = report_store(spec, copier, below=run_scope.below, resumed=resumed is not None, told=notes.told)
        if isinstance(checkpoint, BesideReport):
            checkpoint.check()
        ports = Ports(
            transport=lane,
            source=source_s3,
            dest=dest_s3,
            clock=SystemClock(),
            sink=sink,
            checkpoint=checkpoint,
            cancel=stop,
            report=rows,
            manifest=keys.between if keys else None,
        )
        kind = "object" if spec.single else "prefix"
        sink.emit(RunStarted(spec.source_url, spec.dest_url, kind, transport, spec.options.dry_run))
        config = RunConfig(
            spec,
            run_scope.ranges,
            Attempt.of(resumed),
            incomplete_uploads=leftovers_of(before[0], spec, sink) if before is not None and resumed is None else (),
            fingerprint=mark,
            keep_uploads=persistence.keep_uploads,
            pricing=pricing_of(spec, estimate_by, source_s3, dest_s3, servers) if estimate_by is not None else None,
            role=run_scope.role,
            expected_keys=keys.count if keys else run_scope.keys,
            runs=Runs(run_scope.role.of),
        )
        engine = build_engine(config, ports)
        stop.begin()
        with _collecting_less():
            report = engine.run()
    if engine.first_denial is not None:
        denial = explanation(spec, engine.first_denial, copier, reader)
        report = dataclasses.replace(report, denial=denial)
    # Of a shard without keys nobody knows whether the whole source is one.
    meant = look_nearby(spec, report, source_s3) if spec.single or run_scope is EVERYTHING else ""
    if meant and spec.options.if_empty != "fail":
        sink.emit(Warned(meant))
    sink.emit(RunEnded(report))
    judge(spec, report, meant)
    return report


@contextmanager
def _collecting_less() -> Iterator[None]:
    """Spare the garbage collector what was there before: boto3 and Airflow are hundreds of thousands of objects, which
    it would look through again and again while the run makes its short-lived ones. And let it look less often."""
    often = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, *often[1:])
    try:
        yield
    finally:
        gc.set_threshold(*often)
        gc.unfreeze()
