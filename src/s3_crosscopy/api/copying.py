"""`copy()` and `run_copy()`, the functions behind operator, CLI and library, and the call that builds the engine."""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from s3_crosscopy.adapters.clock import SystemClock
from s3_crosscopy.adapters.garbage_collector import rare_garbage_collection
from s3_crosscopy.api.call_arguments import request_of
from s3_crosscopy.api.estimating import pricing_of
from s3_crosscopy.api.etag_indexes import open_index
from s3_crosscopy.api.inputs import open_manifest_of, report_store
from s3_crosscopy.api.resuming import incomplete_uploads_of, resumed_from
from s3_crosscopy.api.run_request import RunRequest
from s3_crosscopy.api.run_steps import Inputs, Run, checked, open_inputs, raise_for_report, run_info, run_preflight
from s3_crosscopy.api.since_states import keep_success, look_of
from s3_crosscopy.api.transport import open_transport
from s3_crosscopy.core.since.look import Look
from s3_crosscopy.core.since.start_key import look_ranges
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.state.resume import fingerprint
from s3_crosscopy.engine.attempt import Attempt
from s3_crosscopy.engine.interruptible import interruptible
from s3_crosscopy.engine.run import Engine
from s3_crosscopy.engine.run_config import Ports, RunConfig, Runs
from s3_crosscopy.engine.wiring import build_engine
from s3_crosscopy.model.events import RunStarted
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.option_types import Preflight
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.run_record import PYTHON
from s3_crosscopy.report.checkpoint_overflow import BesideReport

if TYPE_CHECKING:
    from s3_crosscopy.manifest.external_sort import SortedKeys
    from s3_crosscopy.model.checkpoint import CheckpointState, OpenUpload
    from s3_crosscopy.ports import EventSink, Transport


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
    state: str | os.PathLike[str] | None = None,
    preflight: Preflight = "off",
    prices: str | os.PathLike[str] | None = None,
    rate: float | None = None,
    sink: EventSink | None = None,
    cancel: threading.Event | None = None,
    caller: str = PYTHON,
    **options: object,
) -> Report:
    """Copy an S3 object, or everything under a prefix, server-side, and return a report.

    One principal signs every copy: it must be allowed to read `source` and to write `dest`.

    Args:
        source: `s3://bucket/prefix/` or `s3://bucket/key` to copy.
        dest: `s3://bucket/prefix/`, or a key for one object. One object to a `dest` that ends in `/` keeps its name.
        session: `boto3.Session` that signs every copy. None: one made from `profile`.
        source_session: `boto3.Session` that lists, HEADs and reads tags at the source. None: one made from
            `source_profile`, or if that is None too, the session that signs the copies.
        profile: name of an AWS profile, in place of `session`. None: boto3's own credential chain.
        source_profile: name of an AWS profile, in place of `source_session`. None: no profile.
        endpoint_url: URL of an S3-compatible server, for both sides. None: AWS.
        region_name: Region in which to ask for the buckets' own Regions. None: that of the session.
        verify: False: TLS certificates are not verified; a path: the CA bundle to verify them with. None: boto3's
            default, which verifies them.
        botocore_config: settings of `botocore.config.Config` by name, for both sides. None: no settings.
        checkpoint: file that stores the state of the run. If a run was interrupted or killed, the same call resumes it.
            None: nothing is stored, and the next run lists both sides again.
        state: file, or `s3://bucket/prefix/`, that keeps the start of the last complete run. Needed by the option
            `since`, and means nothing without it.
        preflight: examine the access before the run and end it where a permission is missing: "off" (default), "light"
            (one LIST a side and one HEAD) or "full" (every permission that the run needs).
        prices: JSON file with the prices of a dry run's estimate, like the shipped `prices.json`. None: the shipped
            prices. Only with `dry_run=True`.
        rate: requests a second by which a dry run estimates the duration. None: `max_requests_per_second`. Only with
            `dry_run=True`.
        sink: object whose method `emit` receives the events of the run. None: the logger `s3_crosscopy`.
        cancel: event that stops the run within seconds once it is set. None: only signals stop it.
        caller: name of the program that makes this call, for the summary and the page of the report.
        **options: the options of the copy, such as `overwrite`, `include`, `report` and `dry_run`. Types, units and
            defaults are in `s3_crosscopy.model.options` and in docs/options.md.

    Returns:
        The report: counts, decisions, the first failures and the duration. With `dry_run=True` nothing is written, not
        even a checkpoint, and `report.plan` has the number of requests, the cost and the duration.

    Raises:
        InvalidInput: an argument is wrong. Nothing was listed or written.
        EmptySource: there is nothing to copy, and `if_empty` is "fail".
        PermanentFailure: more than `max_failures` objects failed and no retry can help, or access is denied. `.report`
            is None if the run never began.
        RetryableFailure: as before, but a retry may help: it copies only what is missing.
        Interrupted: `cancel` was set. With `checkpoint`, the same call resumes the run.
        ListingBroken: a listing did not end properly or was not in order. A retry lists again.
        AccountingError: the counts do not add up, which is a bug.
    """
    request = request_of(
        source,
        dest,
        options,
        session=session,
        source_session=source_session,
        profile=profile,
        source_profile=source_profile,
        endpoint_url=endpoint_url,
        region_name=region_name,
        verify=verify,
        botocore_config=botocore_config,
        checkpoint=checkpoint,
        state=state,
        preflight=preflight,
        prices=prices,
        rate=rate,
        sink=sink,
        caller=caller,
    )
    return interruptible(lambda stop: run_copy(request._replace(cancel=stop)), cancel)


def run_copy(request: RunRequest) -> Report:
    """Run a copy whose spec is resolved and whose principals are ready. Raises what `copy` does.

    A stop signal is noticed between two steps here, and by `engine.interruptible` while a step hangs.
    """
    run = checked(request)
    inputs = open_inputs(run)
    run_preflight(run, inputs)
    with (
        open_manifest_of(request.spec, request.lister) as keys,
        open_transport(request.spec, inputs.source, inputs.dest) as (transport, data_path),
    ):
        run.stop.check()
        look = look_of(run)
        engine = _build_engine(run, inputs, keys, transport, data_path, look)
        run.stop.begin()
        with rare_garbage_collection():
            report = engine.run()
        keep_success(run, look, report)
    return raise_for_report(run, inputs, report, engine.first_denied)


class _Start(NamedTuple):
    """The look of the run, its key ranges, and its fingerprint."""

    look: Look
    ranges: Sequence[KeyRange]
    mark: str


def _build_engine(
    run: Run, inputs: Inputs, keys: SortedKeys | None, transport: Transport, data_path: str, look: Look
) -> Engine:
    """Find out what the run resumes, begin its report, and emit its start. `keys`: those of a manifest."""
    spec, scope = run.request.spec, run.request.scope
    mark = fingerprint(spec, keys.digest if keys else "", run.request.servers, scope.ranges, scope.role, look.name)
    ranges = look_ranges(look, spec.source_prefix, scope.ranges)
    resumed = None
    if run.persistence.resume:
        resumed = resumed_from(inputs.saved, mark, spec, ranges, run.sink)
    ports = _ports(run, inputs, keys, transport, resumed)
    operation = "object" if spec.single else "prefix"
    run.sink.emit(RunStarted(spec.source_url, spec.dest_url, operation, data_path, spec.options.dry_run))
    start = _Start(look, ranges, mark)
    return _engine(run, inputs, ports, start, resumed, keys.count if keys else scope.keys)


def _ports(
    run: Run, inputs: Inputs, keys: SortedKeys | None, transport: Transport, resumed: CheckpointState | None
) -> Ports:
    """The ports of the engine; the report is found to be writable."""
    request = run.request
    planning, dry_run = request.planning, request.spec.options.dry_run
    report = report_store(
        # The copy itself reads the candidates that its plan has written.
        _as_copy(request.spec) if planning else request.spec,
        request.copier,
        below=request.scope.below,
        # A plan must not replace the report that a later attempt resumes.
        resumed=resumed is not None or planning,
        run_info=run.notes.run_info,
    )
    if isinstance(inputs.checkpoint, BesideReport):
        inputs.checkpoint.check()
    return Ports(
        transport=transport,
        source=inputs.source,
        dest=inputs.dest,
        clock=SystemClock(),
        sink=run.sink,
        checkpoint=inputs.checkpoint,
        cancel=run.stop,
        report=None if planning else report,
        manifest=keys.between if keys else None,
        etag_index=open_index(run, resumed),
        candidates=report if planning or not dry_run else None,
    )


def _as_copy(spec: CopySpec) -> CopySpec:
    return spec._replace(options=dataclasses.replace(spec.options, dry_run=False))


def _engine(
    run: Run, inputs: Inputs, ports: Ports, start: _Start, resumed: CheckpointState | None, expected: int | None
) -> Engine:
    """The engine. `expected`: how many keys there are, None if that is unknown."""
    request, spec, scope = run.request, run.request.spec, run.request.scope
    incomplete_uploads: Sequence[OpenUpload] = ()
    if inputs.saved is not None and resumed is None:
        incomplete_uploads = incomplete_uploads_of(inputs.saved[0], spec, run.sink)
    pricing = None
    if run.estimate_by is not None:
        pricing = pricing_of(spec, run.estimate_by, inputs.source, inputs.dest, request.servers)
    config = RunConfig(
        spec,
        start.ranges,
        Attempt.of(resumed),
        incomplete_uploads=incomplete_uploads,
        fingerprint=start.mark,
        keep_uploads=run.persistence.keep_uploads,
        pricing=pricing,
        role=scope.role,
        expected_keys=expected,
        runs=Runs(scope.role.of),
        approved=request.approved,
        look=start.look,
        run=run_info(run),
    )
    return build_engine(config, ports)
