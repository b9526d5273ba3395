"""One summary of several runs: what each did, added up, and whether they were the whole copy. Trusts none of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from s3_crosscopy.core.empty_source import merged
from s3_crosscopy.core.timestamps import to_datetime
from s3_crosscopy.errors import AccountingError
from s3_crosscopy.model.report import FIRST_FAILURES, Report
from s3_crosscopy.model.run_scope import LEFT_TO_PUBLISH
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.shards.result import ShardResult
from s3_crosscopy.shards.shard import Shard


class Matched(NamedTuple):
    """The results of the shards as they are planned now, in order, and the shards that have none."""

    results: tuple[ShardResult, ...]
    undone: tuple[Shard, ...]


def match_results(shards: Sequence[Shard], results: Iterable[ShardResult]) -> Matched:
    """Give each shard its result. One of another place or range is of an older plan: it proves nothing."""
    by_number: dict[int, ShardResult] = {}
    for each in results:
        if each.number in by_number:
            raise AccountingError(f"shard {each.number} has two results: please report this bug")
        by_number[each.number] = each
    found = [(shard, by_number.get(shard.number)) for shard in shards]
    done = tuple(result for shard, result in found if result is not None and result.mark == shard.mark)
    have = {result.number for result in done}
    return Matched(done, tuple(shard for shard in shards if shard.number not in have))


def first_began(results: Iterable[ShardResult]) -> str:
    """When the first shard began, by S3's clock; "" if one that listed anything does not know."""
    return min((one.began for one in results if one.began or one.counts["listed"]), default="")


def held_for_publish(results: Iterable[ShardResult]) -> int:
    """How many keys the shards left to the publish task."""
    return sum(one.decisions.get(LEFT_TO_PUBLISH, 0) for one in results)


def whole_report(
    shards: Sequence[Shard],
    results: Sequence[ShardResult],
    published: Sequence[ShardResult],
    *,
    max_failures: int | str,
    dry_run: bool,
) -> Report:
    """The report of the whole copy. What the shards left to the publish task counts as what that made of it.

    A source may change in between: a marker that the publish task did not find any more is missing, and one that it
    found and no shard did is listed beside theirs. Raises AccountingError when a part's own counts do not add up.
    """
    for one in (*results, *published):
        _check(one)
    total = _added(results)
    if published:
        _replace_held(total, held_for_publish(results), _added(published))
    parts = (*results, *published)
    checked = [one.checked for one in parts if one.checked is not None]
    return Report(
        source=_named(shard.source for shard in shards),
        dest=_named(shard.dest for shard in shards),
        counts=total.as_dict(),
        decisions=dict(+total.reasons),
        verified_by=dict(total.verified),
        throttled=sum(one.throttled for one in parts),
        seconds=_seconds(parts),
        failures=tuple(failure for one in parts for failure in one.failures)[:FIRST_FAILURES],
        unproven=tuple(failure for one in parts for failure in one.unproven)[:FIRST_FAILURES],
        checked=sum(checked) if checked else None,
        max_failures=max_failures,
        dry_run=dry_run,
        began=first_began(results),
        samples=merged(one.samples for one in parts),
        longest_stay_s=max((one.longest_stay_s for one in parts), default=0.0),
    )


def _check(one: ShardResult) -> None:
    if gap := _tally(one).gap():
        raise AccountingError(
            f"the counts of {'the markers' if one.number == 0 else f'shard {one.number}'} do not add up,"
            f" {gap:,} keys are unaccounted for: please report this bug"
        )


def _tally(one: ShardResult) -> Tally:
    return Tally.of(one.counts, one.decisions, one.verified_by)


def _added(results: Iterable[ShardResult]) -> Tally:
    total = Tally()
    for one in results:
        total.add(_tally(one))
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
    """One name for all places: most copies have one."""
    first, *more = dict.fromkeys(urls)
    return f"{first} and {len(more)} more" if more else first


def _seconds(parts: Iterable[ShardResult]) -> float:
    """From the first beginning to the last end, by S3's clock; where it told no time, all the work."""
    parts = list(parts)
    began = [(to_datetime(one.began), one.seconds) for one in parts if one.began]
    if not began:
        return sum(one.seconds for one in parts)
    first = min(moment for moment, _ in began)
    return max((moment - first).total_seconds() + seconds for moment, seconds in began)


def not_done(undone: Sequence[Shard], of: int, shown: int = 5) -> str:
    """One line that names the shards without a result, and says what to do."""
    names = ", ".join(shard.label for shard in undone[:shown])
    more = f" and {len(undone) - shown} more" if len(undone) > shown else ""
    are = "is" if len(undone) == 1 else "are"
    return (
        f"{len(undone)} of {of} shards {are} not done: {names}{more}; their logs say why."
        " Clear the failed copy tasks with their downstream: each does only what is left"
    )
