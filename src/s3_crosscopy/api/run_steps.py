"""The steps of `run_copy` around the engine: check the request, open inputs, preflight, raise for the report."""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING, NamedTuple

from s3_crosscopy.access.preflight import MODES, explanation, look_first
from s3_crosscopy.adapters.boto.service_check import check_services
from s3_crosscopy.adapters.sinks import LoggingSink
from s3_crosscopy.api.access_point_checks import check_access_points
from s3_crosscopy.api.estimating import EstimateRequest, requested
from s3_crosscopy.api.inputs import errors_naming, open_side, report_files, report_place, roomy
from s3_crosscopy.api.result_errors import judge
from s3_crosscopy.api.resuming import NO_PERSISTENCE, Persistence, load
from s3_crosscopy.api.run_request import WHOLE_COPY, RunRequest
from s3_crosscopy.api.similar_prefixes import look_nearby
from s3_crosscopy.api.versioning_check import check_versioning
from s3_crosscopy.engine.interruptible import Stop
from s3_crosscopy.errors import CrossCopyError, InvalidInput
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.events import UNKNOWN_ARN, RunEnded, Warned
from s3_crosscopy.model.operations import Side
from s3_crosscopy.model.run_record import RunInfo
from s3_crosscopy.model.run_scope import KeySubset
from s3_crosscopy.report.run_info import RunNotes

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.adapters.boto.s3 import BotoS3
    from s3_crosscopy.errors import S3Error
    from s3_crosscopy.model.checkpoint import CheckpointState
    from s3_crosscopy.model.report import Report
    from s3_crosscopy.ports import Checkpoint, EventSink

NO_STATE = (
    "since: the start of the last complete run is kept nowhere; give state=FILE or state='s3://bucket/prefix/' too"
)
NOT_WANTED = "state: means something only with since"


class Run(NamedTuple):
    """A checked request, with the values that stand in for its Nones.

    `notes` collects from the events what the report says of the run.
    """

    request: RunRequest
    stop: Stop
    mode: str
    sink: EventSink
    notes: RunNotes
    persistence: Persistence
    estimate_by: EstimateRequest | None


class Inputs(NamedTuple):
    """Both sides, and the checkpoint with the state and the time of its last save; None if nothing was saved."""

    source: BotoS3
    dest: BotoS3
    checkpoint: Checkpoint
    saved: tuple[CheckpointState, float] | None


def checked(request: RunRequest) -> Run:
    """Check what can be checked without a request to S3. Raises InvalidInput.

    A dry run neither reads nor writes the checkpoint: its plan is of the whole copy.
    """
    spec, reader, copier = request.spec, request.lister, request.copier
    estimate_by = request.estimate_by or requested(spec)
    stop = Stop.of(request.cancel)
    mode = parse.Choice(*MODES)("preflight", request.preflight)
    sink = request.sink or LoggingSink(logging.getLogger("s3_crosscopy"))
    notes = RunNotes(sink, spec.options, lambda: (copier.principal(), reader.principal()))
    check_services(copier, request.reader)
    _check_state(request)
    persistence = NO_PERSISTENCE if spec.options.dry_run else request.persistence
    return Run(request, stop, mode, notes, notes, persistence, estimate_by)


def _check_state(request: RunRequest) -> None:
    """Refuse the option without a state, and a state without the option. Raises InvalidInput."""
    if request.spec.options.since is None and request.state is not None:
        raise InvalidInput(NOT_WANTED)
    if request.spec.options.since is not None and request.state is None:
        raise InvalidInput(NO_STATE)


def open_inputs(run: Run) -> Inputs:
    """Load the checkpoint and open both sides. Raises InvalidInput, PermanentFailure or RetryableFailure."""
    request, spec = run.request, run.request.spec
    checkpoint = roomy(run.persistence.checkpoint, spec, request.copier, request.scope.below)
    with errors_naming("report"):
        saved = load(checkpoint, run.stop, run.sink)
    dest = open_side(request.copier, spec.dest, Side.DEST, spec)
    run.stop.check()
    source = open_side(request.lister, spec.source, Side.SOURCE, spec)
    run.stop.check()
    check_access_points(spec, (request.copier, request.lister), source, dest, run.sink)
    return Inputs(source, dest, checkpoint, saved)


def run_preflight(run: Run, inputs: Inputs) -> None:
    """Examine the access, as far as the request says. Raises PermanentFailure for a permission that is missing."""
    request = run.request
    look_first(run.mode, request.spec, request.copier, request.reader, inputs.source, inputs.dest, run.sink)
    run.stop.check()
    # For shards the plan has checked it; they delete nothing.
    if request.scope.role.part is not KeySubset.DATA:
        check_versioning(request.spec, inputs.dest)


def run_info(run: Run) -> RunInfo:
    """Return who makes the run and where its report is. Makes no request: a name that is not known stays the user's."""
    request, named = run.request, run.notes.named_principals
    report = "" if request.planning else report_place(request.spec, request.scope.below)
    return request.run._replace(
        copier=known_name(named.get("copier"), request.copier),
        reader=known_name(named.get("reader"), request.lister),
        report=report,
    )


def raise_for_report(run: Run, inputs: Inputs, report: Report, first_denied: S3Error | None) -> Report:
    """Explain the first denied request, emit the end of the run, and raise for a report that is not a success."""
    request, spec = run.request, run.request.spec
    if first_denied is not None:
        text = explanation(spec, first_denied, request.copier, request.reader)
        report = dataclasses.replace(report, denial=text)
        _write_explanation(run, report)
    # An empty shard says nothing about the whole source.
    hint = look_nearby(spec, report, inputs.source) if spec.single or request.scope is WHOLE_COPY else ""
    if hint and spec.options.if_empty != "fail":
        run.sink.emit(Warned(hint))
    run.sink.emit(RunEnded(report))
    judge(spec, report, hint)
    return report


def _write_explanation(run: Run, report: Report) -> None:
    """Write the explanation into the report, which was finished before it was found. An error is only a warning."""
    request = run.request
    try:
        files = None if request.planning else report_files(request.spec, request.copier, request.scope.below)
        if files is not None:
            from s3_crosscopy.report.page.write import write_summary_again

            write_summary_again(files, report)
    except CrossCopyError as error:
        run.sink.emit(Warned(f"the report is without the explanation of the denied request: {error}"))


def known_name(arn: str | None, principal: S3Clients) -> str:
    """Return the ARN of a principal if it is known, else the user's name for it: a connection or a profile."""
    return arn if arn and arn != UNKNOWN_ARN else principal.label or "boto3's own credential chain"
