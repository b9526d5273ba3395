"""Merges the results of all shards into one report, and checks that they are complete and consistent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timezone
from typing import NamedTuple

from s3_crosscopy.core.empty_source import merged
from s3_crosscopy.core.timestamps import to_datetime
from s3_crosscopy.errors import AccountingError
from s3_crosscopy.model.extraneous import added
from s3_crosscopy.model.report import FIRST_FAILURES, Report
from s3_crosscopy.model.run_record import RunInfo
from s3_crosscopy.model.run_scope import LEFT_TO_PUBLISH
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.shards.result import ShardResult
from s3_crosscopy.shards.shard import Shard


class Matched(NamedTuple):
    """The results of the shards of the present plan, in order, and the shards without a result."""

    results: tuple[ShardResult, ...]
    undone: tuple[Shard, ...]


def match_results(shards: Sequence[Shard], results: Iterable[ShardResult]) -> Matched:
    """Find the result of each shard. A result with another mark belongs to an older plan, and is ignored.

    Raises AccountingError if a shard has two results.
    """
    by_number: dict[int, ShardResult] = {}
    for result in results:
        if result.number in by_number:
            raise AccountingError(f"shard {result.number} has two results: please report this bug")
        by_number[result.number] = result
    candidates = [(shard, by_number.get(shard.number)) for shard in shards]
    done = tuple(result for shard, result in candidates if result is not None and result.mark == shard.mark)
    numbers = {result.number for result in done}
    return Matched(done, tuple(shard for shard in shards if shard.number not in numbers))


def first_began(results: Iterable[ShardResult]) -> str:
    """The start of the first shard, by S3's clock; "" if it is unknown for a shard that listed anything."""
    return min((result.began for result in results if result.began or result.counts["listed"]), default="")


def held_for_publish(results: Iterable[ShardResult]) -> int:
    """The number of keys that the shards left to the publish task."""
    return sum(result.decisions.get(LEFT_TO_PUBLISH, 0) for result in results)


def whole_report(
    shards: Sequence[Shard],
    results: Sequence[ShardResult],
    published: Sequence[ShardResult],
    *,
    max_failures: int | str,
    dry_run: bool,
    run: RunInfo | None = None,
) -> Report:
    """The report of the whole copy. Keys that the shards left to the publish task have the outcome that it recorded.

    The source may change in between: a marker that the publish task did not find any more counts as missing, and one
    that only it found is listed in addition. `published` are the results of the publish task, one a pair.
    Raises AccountingError if the counts of a result do not add up.
    """
    for result in (*results, *published):
        _check(result)
    total = _added(results)
    if published:
        _replace_held(total, held_for_publish(results), _added(published))
    parts = (*results, *published)
    keeps_etags = any(part.etags_not_kept is not None for part in parts)
    checked = [part.checked for part in parts if part.checked is not None]
    return Report(
        source=_named(shard.source for shard in shards),
        dest=_named(shard.dest for shard in shards),
        counts=total.as_dict(),
        decisions=dict(+total.reasons),
        verified_by=dict(total.verified),
        etags_not_kept=dict(total.etags_not_kept) if keeps_etags else None,
        throttled=sum(part.throttled for part in parts),
        seconds=_seconds(parts),
        failures=tuple(failure for part in parts for failure in part.failures)[:FIRST_FAILURES],
        unproven=tuple(failure for part in parts for failure in part.unproven)[:FIRST_FAILURES],
        checked=sum(checked) if checked else None,
        extraneous=added(part.extraneous for part in parts),
        max_failures=max_failures,
        dry_run=dry_run,
        began=first_began(results),
        run=None if run is None else run_of_parts(run, parts),
        samples=merged(part.samples for part in parts),
        longest_stay_s=max((part.longest_stay_s for part in parts), default=0.0),
    )


def run_of_parts(run: RunInfo, parts: Iterable[ShardResult]) -> RunInfo:
    """The run with the times of all `parts`, by S3's clock at its start, and with the principals that they name."""
    parts = list(parts)
    began = first_began(parts)
    ended = float(max((part.ended for part in parts), default=0))
    started = to_datetime(began).replace(tzinfo=timezone.utc).timestamp() if began else ended
    names = next((part.principals for part in parts if part.principals), {})
    return run._replace(
        started=started, ended=ended, copier=names.get("copier", run.copier), reader=names.get("reader", run.reader)
    )


def _check(result: ShardResult) -> None:
    if gap := _tally(result).gap():
        raise AccountingError(
            f"the counts of {'the markers' if result.number == 0 else f'shard {result.number}'} do not add up,"
            f" {gap:,} keys are unaccounted for: please report this bug"
        )


def _tally(result: ShardResult) -> Tally:
    return Tally.of(result.counts, result.decisions, result.verified_by, result.etags_not_kept or {})


def _added(results: Iterable[ShardResult]) -> Tally:
    total = Tally()
    for result in results:
        total.add(_tally(result))
    return total


def _replace_held(total: Tally, held: int, published: Tally) -> None:
    total.listed -= held
    total.held_back -= held
    del total.reasons[LEFT_TO_PUBLISH]
    total.add(published)
    if (gone := held - published.listed) > 0:
        total.listed += gone
        total.missing += gone


def _named(urls: Iterable[str]) -> str:
    """The first URL, and the number of others if there are several."""
    first, *more = dict.fromkeys(urls)
    return f"{first} and {len(more)} more" if more else first


def _seconds(parts: Iterable[ShardResult]) -> float:
    """Seconds from the first start to the last end, by S3's clock; the sum of all durations if no start is known."""
    parts = list(parts)
    began = [(to_datetime(part.began), part.seconds) for part in parts if part.began]
    if not began:
        return sum(part.seconds for part in parts)
    first = min(moment for moment, _ in began)
    return max((moment - first).total_seconds() + seconds for moment, seconds in began)


def not_done(undone: Sequence[Shard], of: int, shown: int = 5) -> str:
    """A message that names the first `shown` shards without a result, and says what to do."""
    names = ", ".join(shard.label for shard in undone[:shown])
    more = f" and {len(undone) - shown} more" if len(undone) > shown else ""
    are = "is" if len(undone) == 1 else "are"
    return (
        f"{len(undone)} of {of} shards {are} not done: {names}{more}; their logs say why."
        " Clear the failed copy tasks with their downstream: each copies only what remains"
    )
