"""The loop: fill the window, reap, settle. Phases over one engine: everything, failed in passing, what goes last."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from s3_crosscopy.core.decide.comparison import needs_destination
from s3_crosscopy.core.decide.decision import make_choose
from s3_crosscopy.core.early_stop import EarlyStop
from s3_crosscopy.core.estimate.cost import Pricing, make_plan
from s3_crosscopy.core.estimate.dry_run_stats import DryRunStatsCollector
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.state.resumed_ranges import open_ledger, scan_order
from s3_crosscopy.engine.checkpointer import ONE, Checkpointer, Runs
from s3_crosscopy.engine.decider import Decider
from s3_crosscopy.engine.listing.factory import ScanFactory
from s3_crosscopy.engine.listing.pair_source import KeysBetween
from s3_crosscopy.engine.listing.range_splitter import RangeSplitter
from s3_crosscopy.engine.listing.repeat_scans import WalkingAgain
from s3_crosscopy.engine.listing.scheduler import ScanScheduler
from s3_crosscopy.engine.listing_check_phase import Check
from s3_crosscopy.engine.outage_pause import dispatcher_for, until_given_up
from s3_crosscopy.engine.outcome_recorder import OutcomeRecorder
from s3_crosscopy.engine.progress import ProgressMeter
from s3_crosscopy.engine.shutdown import TURN_S, leave, shut_down
from s3_crosscopy.engine.store_writer import Patience
from s3_crosscopy.engine.transfer.copy_last import CopyLastPhase, Parts
from s3_crosscopy.engine.transfer.multipart import MultipartCopier
from s3_crosscopy.engine.transfer.single import SingleCopier
from s3_crosscopy.errors import AccountingError, Interrupted, S3Error
from s3_crosscopy.model.checkpoint import CheckpointState, OpenUpload
from s3_crosscopy.model.events import BatchSettled, PhaseStarted
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.operations import Side
from s3_crosscopy.model.plan import Plan
from s3_crosscopy.model.report import Report, allowed_failures
from s3_crosscopy.model.run_scope import ALONE, KeySubset, RunRole
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.ports import S3, Checkpoint, Clock, EventSink, ReportStore, Transport


class Ports(NamedTuple):
    """Everything outside that a run needs. `report=None`: nobody wants rows; `manifest=None`: the source is listed."""

    lane: Transport
    source: S3
    dest: S3
    clock: Clock
    sink: EventSink
    checkpoint: Checkpoint
    cancel: threading.Event
    report: ReportStore | None = None
    manifest: KeysBetween | None = None


class Engine:
    """One run over the given ranges, or over what `resumed` says is left of it.

    Owned by one thread; `ports.cancel` may be set from any. `incomplete_uploads` are uploads of an attempt that is
    not gone on
    with: they are aborted. `keep_uploads`: an interrupted run leaves its uploads to a later attempt, which the
    `fingerprint` tells from other runs. `pricing`: what a dry run's cost rests on. `role` says what this run does of a
    copy that several do together, `runs` how many go on at a time, `expected` how many keys it is thought to have.
    """

    def __init__(
        self,
        spec: CopySpec,
        ranges: Sequence[KeyRange],
        ports: Ports,
        *,
        resumed: CheckpointState | None = None,
        incomplete_uploads: Sequence[OpenUpload] = (),
        fingerprint: str = "",
        keep_uploads: bool = False,
        pricing: Pricing | None = None,
        role: RunRole = ALONE,
        expected: int | None = None,
        runs: Runs = ONE,
    ) -> None:
        options = spec.options
        now = ports.clock.now()
        self._spec = spec
        self._ports = ports
        self._role = role
        self._resumed = resumed
        self._expected = expected
        self._keep_uploads = keep_uploads
        self._already = Tally.of(resumed.counts, resumed.reasons, resumed.verified) if resumed is not None else Tally()
        whole, left = ranges, resumed.remaining if resumed is not None else ranges
        self._dispatcher = dispatcher_for(spec, ports.lane, ports.clock, ports.source, ports.dest, ports.sink)
        self._early = EarlyStop(options.max_failures, spec.source_prefix)
        self._pricing = pricing
        by_key = spec.single or ports.manifest is not None
        self._dry_run_stats = DryRunStatsCollector(spec, by_key=by_key) if options.dry_run else None
        rows = ports.report is not None
        join = resumed is not None and not by_key
        self._ledger, ranges, among = open_ledger(left, self._already, ports.checkpoint.room, join=join)
        # Pauses between attempts are no time of the run; 0 would mean "not known".
        zero = now - (resumed.seconds if resumed is not None else 0.0)
        self._recorder = OutcomeRecorder(
            spec,
            ports.sink,
            self._early,
            rows=rows,
            dry_run_stats=self._dry_run_stats,
            now=lambda: ports.clock.now() - zero,
        )
        self._large = MultipartCopier(
            spec, self._dispatcher, ports.source, ports.dest, self._recorder, resumed, keep_uploads=keep_uploads
        )
        self._incomplete_uploads = tuple(incomplete_uploads)
        # An equal marker that is younger than the shards is the work of a publish task that died.
        began = role.began or (resumed.began if resumed is not None else "")
        self._choose = choose = make_choose(spec, began)
        self._copying = SingleCopier(
            spec,
            self._dispatcher,
            ports.source,
            ports.dest,
            self._recorder,
            self._large,
            choose,
            began,
            listed=not by_key,
        )
        self._checkpointer = Checkpointer(
            ports.checkpoint, ports.report, fingerprint, spec.dest, resumed, ports.sink, now, ports.lane.wake, runs
        )
        self._checking = Check(spec, self._recorder, ports.sink, role.part, whole, resumed)
        self._checkpointer.checking = self._checking.snapshot
        self._decider = Decider(spec, self._ledger, self._recorder, choose, self._dispatcher.window, role.part, among)
        self._scans = ScanFactory(spec, ports.source, ports.dest, ports.manifest)
        splitter = RangeSplitter({Side.SOURCE: spec.source, Side.DEST: spec.dest})
        self._again = WalkingAgain(self._scans, splitter, ranges, left, ports.sink, ports.lane.capacity)
        self._scheduler = ScanScheduler(
            ranges,
            partial(self._scans.walk, look=needs_destination(options.overwrite)),
            self._ledger,
            self._decider,
            splitter,
            ports.sink,
            capacity=ports.lane.capacity,
            order=scan_order(ranges),
        )
        self._progress_meter = ProgressMeter(now, already=self._already)
        self._patience = Patience(ports.cancel)

    @property
    def first_denial(self) -> S3Error | None:
        """The first request that was denied, for an explanation."""
        return self._recorder.first_denial

    def run(self) -> Report:
        """Copy. Raises ListingBroken, Interrupted, AccountingError, or what a port raised."""
        try:
            self._large.incomplete_uploads.abort(self._incomplete_uploads)
            with until_given_up(self._early, self._recorder):
                self._main()
                self._retry()
                self._last()
                self._check()
            self._stop(keep=self._goes_on())
        except BaseException:
            leave(self._ports.sink, partial(self._stop, keep=self._keep_uploads), partial(self._end, None))
            raise
        self._end(report := self._report())
        return report

    def _main(self) -> None:
        while not self._over():
            self._checkpointer.began_at(
                self._scheduler.date, self._ports.clock.now(), self._dispatcher, self._ledger, self._large
            )
            try:
                if not (self._checkpointer.hold(self._ports.clock.now(), self._ledger) or self._large.full()):
                    self._scheduler.take()
            except S3Error as error:
                self._recorder.listing_refused(error)
            self._scheduler.pump(self._dispatcher)
            self._turn()

    def _over(self) -> bool:
        if self._early.why:
            return True
        return self._scheduler.ended and self._ledger.open_keys() == len(self._recorder.postponed) + len(
            self._decider.last
        )

    def _retry(self) -> None:
        """One more round for what failed in passing."""
        again = self._recorder.postponed
        if not again or self._early.why:
            return
        self._ports.sink.emit(PhaseStarted("retry", len(again)))
        while self._ledger.open_keys() > len(self._decider.last) and not self._early.why:
            for _ in range(min(len(again), self._dispatcher.room())):
                self._copying.begin_again(again.popleft(), self._checkpointer.began)
            self._turn()

    def _last(self) -> None:
        """The keys that go last, once everything else is there."""
        began = self._role.began if self._role.part is KeySubset.MARKERS else self._checkpointer.began
        copying = self._decider, self._ledger, self._recorder, self._copying, self._large, self._choose
        parts = Parts(*copying, self._again, self._dispatcher, self._early, self._ports.sink, self._turn)
        CopyLastPhase(self._spec, parts, began, self._checkpointer.began, complete=self._role.complete).run()
        self._commit()

    def _check(self) -> None:
        """List both sides once more, if that was asked for and there is something to prove."""
        if self._role.complete and not self._early.why:
            listed = self._ledger.total().listed
            self._checking.run(self._again, self._checkpointer.began, listed, self._dispatcher, self._turn)

    def _turn(self) -> None:
        """Begin what fits, hear what ended, commit."""
        if self._patience.told():
            raise Interrupted("stopped by request; a retry goes on with what is left")
        backlog, room = self._decider.backlog, self._dispatcher.room()
        shared = min(room, self._dispatcher.window.limit // 2 - self._large.parts_in_flight)
        self._large.pump(shared if backlog else room)
        for _ in range(min(len(backlog), self._dispatcher.room())):
            self._copying.begin(backlog.popleft())
        must_wait = self._dispatcher.in_flight() > 0 or self._dispatcher.room() == 0 or self._checkpointer.holding
        self._dispatcher.reap(TURN_S if must_wait else 0)
        self._commit()
        self._tell()

    def _commit(self) -> None:
        for done in self._ledger.close_batches():
            if done.tally.listed:
                self._ports.sink.emit(BatchSettled(done.number, done.last_key, done.tally.as_dict()))
        if self._early.suspicion:
            total = self._ledger.total()
            self._early.weigh(total.failed, total.listed)

    def _tell(self) -> None:
        """Progress and checkpoint, each when it is due."""
        now = self._ports.clock.now()
        if self._progress_meter.due(now):
            total = self._ledger.total()
            known = self._recorder.last_failures, self._listed() if self._scheduler.ended else self._expected
            stands = self._dispatcher.in_flight(), self._dispatcher.window, *known, self._dispatcher.outage.paused
            self._ports.sink.emit(self._progress_meter.read(now, total, *stands))
        self._checkpointer.tick(now, self._dispatcher, self._ledger, self._large, self._progress_meter.last)

    def _stop(self, *, keep: bool) -> None:
        """Close; what is open was not attempted."""
        self._decider.backlog.clear()
        shut_down(self._dispatcher, self._large, self._ports.clock, keep=keep)
        self._commit()
        self._ledger.give_up()

    def _goes_on(self) -> bool:
        """Whether a retry goes on with what failed, also if this run was not interrupted from outside."""
        total, may = self._ledger.total(), self._spec.options.max_failures
        failed = bool(self._early.why) or total.failed > allowed_failures(may, total.listed)
        return self._keep_uploads and failed and self._recorder.retryable_failures

    def _end(self, report: Report | None) -> None:
        now, failures = self._ports.clock.now(), self._recorder.last_failures
        progress = self._progress_meter.at_end(now, self._ledger.total(), self._dispatcher.window, failures, report)
        self._checkpointer.end(now, self._dispatcher, self._ledger, self._large, progress, report, self._patience)

    def _listed(self) -> int:
        more = -min(0, self._ledger.deferred)
        return self._already.listed + self._scheduler.joined - self._decider.passed_over + more

    def _report(self) -> Report:
        total = self._ledger.total()
        listed = self._listed()
        if total.gap() != 0 or total.listed != listed:
            raise AccountingError(
                f"{listed:,} keys were listed, but the counts are {total.as_dict()}: please report this bug"
            )
        before = self._resumed
        return Report(
            source=self._spec.source_url,
            dest=self._spec.dest_url,
            counts=total.as_dict(),
            decisions=dict(total.reasons),
            verified_by=dict(total.verified),
            throttled=self._dispatcher.window.throttled + (before.throttled if before is not None else 0),
            seconds=self._progress_meter.seconds(self._ports.clock.now())
            + (before.seconds if before is not None else 0.0),
            failures=tuple(self._recorder.failures),
            retryable=self._recorder.retryable_failures or bool(self._checking.unproven),
            stopped=self._early.why,
            dry_run=self._spec.options.dry_run,
            max_failures=self._spec.options.max_failures,
            unproven=self._checking.unproven,
            checked=self._checking.compared,
            plan=self._plan(whole=not self._early.why and not total.not_attempted),
            began=self._checkpointer.began,
            markers=self._decider.markers.ranges(),
            samples=self._recorder.samples.first(),
            longest_stay_s=self._dispatcher.stay.longest_s,
        )

    def _plan(self, *, whole: bool) -> Plan | None:
        if self._dry_run_stats is None:
            return None
        return make_plan(self._spec, self._dry_run_stats.taken(), self._scheduler.pages, self._pricing, whole=whole)
