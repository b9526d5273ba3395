"""The value `Parts`: the collaborators of one run."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from s3_crosscopy.core.decide.comparison import Decide
from s3_crosscopy.core.early_stop import EarlyStop
from s3_crosscopy.core.estimate.dry_run_stats import DryRunStatsCollector
from s3_crosscopy.core.state.ledger import Ledger
from s3_crosscopy.engine.checkpointer import Checkpointer
from s3_crosscopy.engine.decider import Decider
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.listing.repeat_scans import RepeatScans
from s3_crosscopy.engine.listing.scheduler import ScanScheduler
from s3_crosscopy.engine.listing_check_phase import ListingCheckPhase
from s3_crosscopy.engine.mirror.candidate_store import CandidateFiles
from s3_crosscopy.engine.mirror.extraneous_keys import ExtraneousKeys
from s3_crosscopy.engine.outcome_recorder import OutcomeRecorder
from s3_crosscopy.engine.progress import ProgressMeter
from s3_crosscopy.engine.since_record import SinceRecord
from s3_crosscopy.engine.store_writer import StopDeadline
from s3_crosscopy.engine.transfer.multipart import MultipartCopier
from s3_crosscopy.engine.transfer.retry import RetryCopier
from s3_crosscopy.engine.transfer.single import SingleCopier
from s3_crosscopy.ports import S3, Clock, EventSink


class DeletePorts(NamedTuple):
    """The ports of the delete phase, whose requests block. `candidates` is None in a run that deletes nothing."""

    source: S3
    dest: S3
    candidates: CandidateFiles | None


class Parts(NamedTuple):
    """The collaborators of one run, built by `engine.wiring`. `dry_run_stats` is None in a real run.

    `run_seconds` returns the seconds since the run began, without pauses between its attempts.
    """

    sink: EventSink
    clock: Clock
    dispatcher: Dispatcher
    early: EarlyStop
    ledger: Ledger
    recorder: OutcomeRecorder
    choose: Decide
    single: SingleCopier
    retry: RetryCopier
    multipart: MultipartCopier
    decider: Decider
    scheduler: ScanScheduler
    repeat_scans: RepeatScans
    listing_check: ListingCheckPhase
    extraneous: ExtraneousKeys
    since: SinceRecord
    sides: DeletePorts
    run_seconds: Callable[[], float]
    checkpointer: Checkpointer
    progress_meter: ProgressMeter
    deadline: StopDeadline
    dry_run_stats: DryRunStatsCollector | None
