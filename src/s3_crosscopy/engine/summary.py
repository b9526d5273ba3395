"""Builds the `Report` of a run that came to its end, and checks that every listed key has exactly one outcome."""

from __future__ import annotations

from s3_crosscopy.core.estimate.cost import make_plan
from s3_crosscopy.core.transfer.etag_preservation import keeps_etags
from s3_crosscopy.engine.parts import Parts
from s3_crosscopy.engine.run_config import RunConfig
from s3_crosscopy.errors import AccountingError
from s3_crosscopy.model.extraneous import Extraneous
from s3_crosscopy.model.plan import Plan
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.run_record import RunInfo


def listed_keys(config: RunConfig, parts: Parts) -> int:
    """Count the keys that the listings of all attempts gave to this run."""
    found_again = -min(0, parts.ledger.deferred)
    listed = parts.scheduler.joined - parts.decider.passed_over + found_again
    return config.attempt.counts.get("listed", 0) + listed


def build_report(config: RunConfig, parts: Parts) -> Report:
    """Build the report. Raises AccountingError if a listed key has no outcome, or more than one."""
    total = parts.ledger.total()
    listed = listed_keys(config, parts)
    if total.gap() != 0 or total.listed != listed:
        raise AccountingError(
            f"{listed:,} keys were listed, but the counts are {total.as_dict()}: please report this bug"
        )
    spec, attempt, recorder, check = config.spec, config.attempt, parts.recorder, parts.listing_check
    stopped, extraneous = parts.early.why, parts.extraneous.result()
    if extraneous is not None and config.look.short and config.look.start:
        extraneous = extraneous._replace(at_least=True)
    return Report(
        source=spec.source_url,
        dest=spec.dest_url,
        counts=total.as_dict(),
        decisions=dict(total.reasons),
        verified_by=dict(total.verified),
        etags_not_kept=dict(total.etags_not_kept) if keeps_etags(spec.options) else None,
        throttled=parts.dispatcher.window.throttled + attempt.throttled,
        seconds=parts.progress_meter.seconds(parts.clock.now()) + attempt.seconds,
        failures=tuple(recorder.failures.first),
        retryable=recorder.failures.retryable or bool(check.unproven) or _deletes_again(extraneous),
        stopped=stopped,
        dry_run=spec.options.dry_run,
        max_failures=spec.options.max_failures,
        unproven=check.unproven,
        checked=check.compared,
        extraneous=extraneous,
        planned_deletes=None if parts.extraneous.deletes is None else parts.extraneous.deletes.planned,
        run=_run_info(config, parts),
        since=parts.since.result(config) if spec.options.since is not None else None,
        plan=_plan(config, parts, whole=not stopped and not total.not_attempted),
        began=parts.checkpointer.began,
        markers=parts.decider.markers.ranges(),
        samples=recorder.samples.first(),
        longest_stay_s=parts.dispatcher.loop_delay.longest_s,
    )


def _run_info(config: RunConfig, parts: Parts) -> RunInfo:
    ended = parts.clock.utc()
    started = ended - parts.progress_meter.seconds(parts.clock.now())
    return config.run._replace(started=started, ended=ended, first_started=config.attempt.began)


def _deletes_again(extraneous: Extraneous | None) -> bool:
    return extraneous is not None and extraneous.deletion is not None and extraneous.deletion.retryable


def _plan(config: RunConfig, parts: Parts, *, whole: bool) -> Plan | None:
    if parts.dry_run_stats is None:
        return None
    return make_plan(config.spec, parts.dry_run_stats.taken(), parts.scheduler.pages, config.pricing, whole=whole)
