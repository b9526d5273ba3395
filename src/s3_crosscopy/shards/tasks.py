"""One copy by several runs: what each does is planned here, and what they did becomes one report.

Knows nothing of where the runs are: each gets a value and gives a value, both JSON that is small by `plan.handing`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from s3_crosscopy.api.copying import run_copy
from s3_crosscopy.api.inputs import report_files, told_as
from s3_crosscopy.api.result_errors import judge
from s3_crosscopy.api.resuming import NO_PERSISTENCE, Persistence
from s3_crosscopy.api.run_request import RunRequest, RunScope
from s3_crosscopy.core.spec import CopySpec, resolve_spec
from s3_crosscopy.core.state.deferred_ranges import coarsened
from s3_crosscopy.errors import InvalidInput, PermanentFailure
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.run_scope import KeySubset, RunRole
from s3_crosscopy.shards.merge_results import first_began, held_for_publish, match_results, not_done, whole_report
from s3_crosscopy.shards.pairs import spec_of_part
from s3_crosscopy.shards.plan_values import PUBLISHED as PUBLISHED_BYTES
from s3_crosscopy.shards.plan_values import RESULTS, share
from s3_crosscopy.shards.result import PUBLISHED, ShardResult, from_json, result_to_json
from s3_crosscopy.shards.result_file import handed_on, whole_of
from s3_crosscopy.shards.shard import Shard, place_of_pair, place_of_publish

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.model.report import Report
    from s3_crosscopy.ports import EventSink

PUBLISH_AGAIN = "the publish task is not done, its log says why; clear it with its downstream"


def spec_of(shard: Shard, options: Mapping[str, object]) -> CopySpec:
    """The spec of a shard's pair, as the plan resolved it."""
    return resolve_spec(shard.source, shard.dest, options)


def copy_shard(
    shard: Shard,
    options: Mapping[str, object],
    copier: S3Clients,
    reader: S3Clients | None = None,
    *,
    at_once: int,
    sink: EventSink | None = None,
    cancel: threading.Event | None = None,
    persistence: Persistence = NO_PERSISTENCE,
) -> dict[str, Any]:
    """Copy a shard, all but the keys that go last; its result as JSON. `at_once`: so many shards run at a time.

    Raises what `copy` does, but nothing for a shard without keys.
    """
    spec = spec_of_part(spec_of(shard, options), at_once)
    scope = RunScope((shard.range,), RunRole(KeySubset.DATA, of=at_once), shard.place, shard.keys)
    report = run_copy(RunRequest(spec, copier, reader, sink, cancel, persistence, scope=scope))
    said = result_to_json(shard.number, shard.mark, report)
    return handed_on(said, share(RESULTS, shard.of), spec, copier, shard.place, sink)


def publish(
    shards: Sequence[Shard],
    results: Sequence[ShardResult],
    options: Mapping[str, object],
    copier: S3Clients,
    reader: S3Clients | None = None,
    *,
    sink: EventSink | None = None,
    cancel: threading.Event | None = None,
    persistence: Callable[[int], Persistence] = lambda pair: NO_PERSISTENCE,
) -> dict[str, dict[str, Any]]:
    """Copy the keys that go last, pair by pair, or hold them back if not everything else arrived; JSON by pair.

    `persistence` says where what is left of a pair is kept. Raises PermanentFailure where shards have no result, and
    what
    `copy` does.
    """
    done, undone = match_results(shards, results)
    if undone:
        raise PermanentFailure(not_done(undone, len(shards)))
    began, complete = first_began(done), all(one.whole for one in done)
    told: dict[str, dict[str, Any]] = {}
    lie = _where_markers_lie(shards, done)
    by_pair = _pairs(shards, done)
    for pair, (shard, _) in by_pair.items():
        ranges = coarsened(lie[pair])
        if not ranges:
            continue
        below = place_of_publish(pair, shard.pairs)
        scope = RunScope(ranges, RunRole(KeySubset.MARKERS, began, complete), below)
        spec = spec_of_part(spec_of(shard, options), 1)
        report = run_copy(RunRequest(spec, copier, reader, sink, cancel, persistence(pair), scope=scope))
        said = result_to_json(PUBLISHED, "", report)
        told[str(pair)] = handed_on(said, share(PUBLISHED_BYTES, len(by_pair)), spec, copier, below, sink)
    return told


def summarise(
    shards: Sequence[Shard],
    results: Sequence[ShardResult],
    published: Mapping[int, ShardResult] | None,
    options: Mapping[str, object],
    copier: Callable[[], S3Clients],
) -> Report:
    """The report of the whole copy, also written where the option `report` says.

    `published=None`: the publish task has no result. `copier` is asked for only to write. Raises PermanentFailure where
    a result is missing or too much failed, EmptySource, and AccountingError where counts do not add up.
    """
    done, undone = match_results(shards, results)
    if undone:
        raise PermanentFailure(not_done(undone, len(shards)))
    by_pair = _pairs(shards, done)
    published = published or {}
    if any(held_for_publish(own) and pair not in published for pair, (_, own) in by_pair.items()):
        raise PermanentFailure(PUBLISH_AGAIN)
    spec = spec_of(shards[0], options)

    def report_of(some: Sequence[Shard], own: Sequence[ShardResult], last: Sequence[ShardResult]) -> Report:
        return whole_report(some, own, last, max_failures=spec.options.max_failures, dry_run=spec.options.dry_run)

    whole = report_of(shards, done, list(published.values()))
    if spec.options.report is not None:
        signer = copier()
        for pair, (shard, own) in by_pair.items():
            some = [one for one in shards if one.pair == pair]
            last = [published[pair]] if pair in published else []
            folder = place_of_pair(pair, shard.pairs)
            publish = [place_of_publish(pair, shard.pairs)] if last else []
            places = [*(one.place for one in some), *publish]
            _write(spec, signer, folder, [one.removeprefix(folder) for one in places], report_of(some, own, last))
        if len(by_pair) > 1:
            _write(spec, signer, "", [place_of_pair(pair, len(by_pair)) for pair in by_pair], whole)
    judge(spec, whole)
    return whole


def _pairs(shards: Sequence[Shard], results: Sequence[ShardResult]) -> dict[int, tuple[Shard, list[ShardResult]]]:
    """By pair: its first shard, and the results of all of them."""
    by_pair: dict[int, tuple[Shard, list[ShardResult]]] = {}
    for shard, result in zip(shards, results, strict=True):
        by_pair.setdefault(shard.pair, (shard, []))[1].append(result)
    return by_pair


def _where_markers_lie(shards: Sequence[Shard], results: Sequence[ShardResult]) -> dict[int, list[KeyRange]]:
    """By pair; the whole range of a shard that does not tell where in it."""
    lie: dict[int, list[KeyRange]] = {}
    for shard, result in zip(shards, results, strict=True):
        own = (shard.range,) if result.markers is None else result.markers
        lie.setdefault(shard.pair, []).extend(own)
    return lie


def _write(spec: CopySpec, signer: S3Clients, folder: str, parts: Sequence[str], report: Report) -> None:
    from s3_crosscopy.report.merge import merge

    files = report_files(spec, signer, folder)
    if files is None:
        raise InvalidInput("report: is missing, although one was asked for when the shards were planned")
    with told_as("report"):
        merge(files, parts, spec.options.report_format, report)


def read_results(
    said: Sequence[object], shards: Sequence[Shard], options: Mapping[str, object], copier: Callable[[], S3Clients]
) -> list[ShardResult]:
    """The results of the shards that have one; `copier` is asked for only to read what lies beside a report."""
    by_mark = {shard.mark: shard for shard in shards}
    found = []
    for one in said:
        shard = by_mark.get(str(one.get("mark"))) if isinstance(one, Mapping) else None
        whole = one if shard is None else whole_of(one, spec_of(shard, options), copier, shard.place)
        found += [from_json(whole)] if one is not None else []
    return found


def read_published(
    said: object, shards: Sequence[Shard], options: Mapping[str, object], copier: Callable[[], S3Clients]
) -> dict[int, ShardResult] | None:
    """The results of the publish task by pair; None if it has none."""
    if not isinstance(said, Mapping):
        return None
    of_pair = {str(shard.pair): shard for shard in shards}
    found = {}
    for pair, one in said.items():
        shard = of_pair.get(pair)
        below = place_of_publish(shard.pair, shard.pairs) if shard is not None else ""
        whole = one if shard is None else whole_of(one, spec_of(shard, options), copier, below)
        found[int(pair)] = from_json(whole)
    return found
