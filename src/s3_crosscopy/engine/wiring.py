"""Builds the collaborators of a run from its configuration and its ports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from s3_crosscopy.core.decide.comparison import needs_destination
from s3_crosscopy.core.decide.decision import make_choose
from s3_crosscopy.core.decide.listing_comparison import ListingComparison
from s3_crosscopy.core.early_stop import EarlyStop
from s3_crosscopy.core.estimate.dry_run_stats import DryRunStatsCollector
from s3_crosscopy.core.etag_index.pending_rows import PendingRows
from s3_crosscopy.core.mirror.dest_only import lists_to_count, tail_pages
from s3_crosscopy.core.state.ledger import Ledger
from s3_crosscopy.core.state.look_progress import LookProgress
from s3_crosscopy.core.state.resumed_ranges import open_ledger, scan_order
from s3_crosscopy.engine.checkpointer import Checkpointer
from s3_crosscopy.engine.decider import Decider
from s3_crosscopy.engine.index_writer import IndexWriter
from s3_crosscopy.engine.listing.index_join import IndexReader
from s3_crosscopy.engine.listing.open_scan import open_scan, seeing
from s3_crosscopy.engine.listing.pair_consumer import PairConsumer
from s3_crosscopy.engine.listing.pair_source import PairSource
from s3_crosscopy.engine.listing.range_splitter import RangeSplitter
from s3_crosscopy.engine.listing.repeat_scans import RepeatScans
from s3_crosscopy.engine.listing.scheduler import ScanScheduler
from s3_crosscopy.engine.listing.tail_budget import TailBudget
from s3_crosscopy.engine.listing_check_phase import ListingCheckPhase
from s3_crosscopy.engine.loop_delay import LoopDelay
from s3_crosscopy.engine.mirror.delete_record import DeleteRecord
from s3_crosscopy.engine.mirror.extraneous_keys import ExtraneousKeys
from s3_crosscopy.engine.mirror.extraneous_look import ExtraneousLook
from s3_crosscopy.engine.outage_pause import dispatcher_for
from s3_crosscopy.engine.outcome_recorder import OutcomeRecorder
from s3_crosscopy.engine.outcome_rows import RowRecorder
from s3_crosscopy.engine.parts import DeletePorts, Parts
from s3_crosscopy.engine.progress import ProgressMeter
from s3_crosscopy.engine.run import Engine
from s3_crosscopy.engine.run_config import Ports, RunConfig, looks_up_keys
from s3_crosscopy.engine.run_snapshot import take_snapshot
from s3_crosscopy.engine.since_record import SinceRecord
from s3_crosscopy.engine.store_writer import StopDeadline
from s3_crosscopy.engine.transfer.multipart import MultipartCopier
from s3_crosscopy.engine.transfer.refused_writes import RefusedWrites
from s3_crosscopy.engine.transfer.retry import RetryCopier
from s3_crosscopy.engine.transfer.single import SingleCopier
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.run_scope import KeySubset


def build_engine(config: RunConfig, ports: Ports) -> Engine:
    """Build the engine of one run. Makes no request."""
    return Engine(config, build_parts(config, ports))


def build_parts(config: RunConfig, ports: Ports) -> Parts:
    """Build the collaborators of one run. Makes no request."""
    spec, attempt, now = config.spec, config.attempt, ports.clock.now()
    early = EarlyStop(spec.options.max_failures, spec.source_prefix)
    by_key = looks_up_keys(config, ports)
    stats = DryRunStatsCollector(spec, by_key=by_key) if spec.options.dry_run else None
    dispatcher = dispatcher_for(spec, ports)
    index_rows = PendingRows()
    turn_seconds = _turn_seconds(config, dispatcher.loop_delay, now)
    row_recorder = _row_recorder(config, ports, turn_seconds, stats, index_rows)
    recorder = OutcomeRecorder(spec, ports.sink, early, row_recorder)
    comparison = ListingComparison()
    since = SinceRecord(config)
    choose = since.missed.watched(make_choose(spec, config.run_start, comparison, config.look))
    multipart = MultipartCopier(config, ports, dispatcher, recorder)
    single = SingleCopier(config, dispatcher, recorder, multipart, comparison)
    refused = RefusedWrites(config, dispatcher, recorder, single, choose, listed=not by_key)
    single.write_refused = multipart.write_refused = refused.begin
    multipart.completer.decide_again = refused.decide_about_upload
    single.comparer.note = since.missed.note
    remaining = attempt.remaining_of(config.ranges)
    ledger, ranges, among = open_ledger(
        remaining, attempt.tally(), ports.checkpoint.room, join=attempt.resumes and not by_key
    )
    decider = Decider(config, ledger, recorder, choose, dispatcher.window, among)
    splitter = RangeSplitter()
    check = ListingCheckPhase(config, recorder, ports.sink)
    look = _look(config, ports, ledger, decider)
    extraneous = ExtraneousKeys(look, _delete_record(config))
    snapshot = partial(take_snapshot, ledger, multipart, dispatcher.window, check, extraneous)
    return Parts(
        sink=ports.sink,
        clock=ports.clock,
        dispatcher=dispatcher,
        early=early,
        ledger=ledger,
        recorder=recorder,
        choose=choose,
        single=single,
        retry=RetryCopier(config, ports, dispatcher, recorder, single, refused.decide),
        multipart=multipart,
        decider=decider,
        scheduler=_scheduler(config, ports, ranges, ledger, look or decider, splitter, since),
        repeat_scans=RepeatScans(config, ports, splitter, ranges),
        listing_check=check,
        extraneous=extraneous,
        since=since,
        sides=DeletePorts(ports.source, ports.dest, ports.candidates),
        run_seconds=_seconds(config, ports),
        checkpointer=Checkpointer(
            config, ports, ledger, snapshot, dispatcher.outage.has_begun, _index_writer(config, ports, index_rows)
        ),
        progress_meter=ProgressMeter(now, already=attempt.tally()),
        deadline=StopDeadline(ports.cancel),
        dry_run_stats=stats,
    )


def _row_recorder(
    config: RunConfig,
    ports: Ports,
    turn_seconds: Callable[[], float],
    stats: DryRunStatsCollector | None,
    index_rows: PendingRows,
) -> RowRecorder:
    return RowRecorder(
        config.spec,
        stats,
        turn_seconds,
        rows=ports.report is not None,
        index_rows=index_rows if _writes_index(config, ports) else None,
    )


def _lists_dest(config: RunConfig) -> bool:
    return needs_destination(config.spec.options.overwrite) or lists_to_count(config.spec)


def _look(config: RunConfig, ports: Ports, ledger: Ledger, decider: Decider) -> ExtraneousLook | None:
    """The count of extraneous keys; None if the run does not list both sides, or is not to look."""
    spec = config.spec
    if looks_up_keys(config, ports) or not _lists_dest(config) or tail_pages(spec, config.role.part) is None:
        return None
    # A run that deletes writes the rows when it knows what became of each key.
    rows = ports.report is not None and (spec.options.extraneous != "delete" or spec.options.dry_run)
    progress = LookProgress(config.ranges, config.attempt.looked)
    return ExtraneousLook(spec, decider, progress, ledger.rows.add if rows else None, _seconds(config, ports))


def _delete_record(config: RunConfig) -> DeleteRecord | None:
    """The record of the deletes; None if none are asked for, or the publish task of a group makes them."""
    options = config.spec.options
    part, dry_run = config.role.part, options.dry_run
    if options.extraneous != "delete" or part is KeySubset.DATA or (dry_run and part is KeySubset.MARKERS):
        return None
    return DeleteRecord(config.attempt.deleting, dry_run=dry_run)


def _seconds(config: RunConfig, ports: Ports) -> Callable[[], float]:
    """The clock of the run. Pauses between attempts are no time of the run; 0 would mean "not known"."""
    zero, clock = ports.clock.now() - config.attempt.seconds, ports.clock
    return lambda: clock.now() - zero


def _turn_seconds(config: RunConfig, loop: LoopDelay, began: float) -> Callable[[], float]:
    """The run's clock at the beginning of the loop's turn; `began`, a time before the first one, is that of the run."""
    zero = began - config.attempt.seconds
    return lambda: loop.turn_s - zero


def _writes_index(config: RunConfig, ports: Ports) -> bool:
    return ports.etag_index is not None and not config.spec.options.dry_run


def _index_writer(config: RunConfig, ports: Ports, index_rows: PendingRows) -> IndexWriter:
    index = ports.etag_index if _writes_index(config, ports) else None
    return IndexWriter(index, index_rows, ports.sink, ports.transport.wake)


def _scheduler(
    config: RunConfig,
    ports: Ports,
    ranges: Sequence[KeyRange],
    ledger: Ledger,
    consumer: PairConsumer,
    splitter: RangeSplitter,
    since: SinceRecord,
) -> ScanScheduler:
    list_dest = _lists_dest(config)
    index = IndexReader(ports.etag_index, ports.sink) if ports.etag_index is not None and list_dest else None
    pages = tail_pages(config.spec, config.role.part) if list_dest else None
    tail = TailBudget(pages) if pages is not None else None
    make: Callable[[KeyRange], PairSource]
    make = partial(open_scan, config, ports, list_dest=list_dest, index=index, tail=tail)
    if since.start_key is not None:
        make = seeing(make, since.start_key.see)
    capacity, order = ports.transport.capacity, scan_order(ranges)
    return ScanScheduler(ranges, make, ledger, consumer, splitter, ports.sink, capacity=capacity, order=order)
