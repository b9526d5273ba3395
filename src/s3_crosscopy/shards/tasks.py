"""The tasks of a copy by several runs: copy one shard, publish the keys of `copy_last`, summarise the results.

Knows nothing of where the tasks run: each gets and returns values of small JSON.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from s3_crosscopy.api.copying import run_copy
from s3_crosscopy.api.inputs import errors_naming, report_files, report_place
from s3_crosscopy.api.result_errors import judge
from s3_crosscopy.api.resuming import NO_PERSISTENCE, Persistence
from s3_crosscopy.api.run_request import RunRequest, RunScope
from s3_crosscopy.core.spec import CopySpec, resolve_spec
from s3_crosscopy.core.state.deferred_ranges import coarsened
from s3_crosscopy.errors import InvalidInput, PermanentFailure
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.run_record import BY_PYTHON, RunInfo
from s3_crosscopy.model.run_scope import KeySubset, RunRole
from s3_crosscopy.shards.index_parts import index_folder, merge_index_of_pair
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


def deletes(spec: CopySpec) -> bool:
    """True if the publish task deletes what only the destination has."""
    return spec.options.extraneous == "delete" and not spec.options.dry_run


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
    run: RunInfo = BY_PYTHON,
) -> dict[str, Any]:
    """Copy a shard, except the keys of `copy_last`, and return its result as JSON.

    `at_once` is the number of shards that run concurrently, among which the request rate is divided. Raises the errors
    of `copy`, but none for a shard without keys.
    """
    spec = spec_of_part(spec_of(shard, options), at_once)
    scope = RunScope((shard.range,), RunRole(KeySubset.DATA, of=at_once), shard.place, shard.keys, index_folder(shard))
    report = run_copy(RunRequest(spec, copier, reader, sink, cancel, persistence, scope=scope, run=run))
    result = result_to_json(shard.number, shard.mark, report)
    return handed_on(result, share(RESULTS, shard.of), spec, copier, shard.place, sink)


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
    run: RunInfo = BY_PYTHON,
) -> dict[str, dict[str, Any]]:
    """Copy the keys of `copy_last` pair by pair, or hold them back if not everything else arrived, and delete.

    Returns the results as JSON, by the number of the pair. `persistence` makes the storage for the state of a pair.
    Raises PermanentFailure if shards have no result, and the errors of `copy`.
    """
    done, undone = match_results(shards, results)
    if undone:
        raise PermanentFailure(not_done(undone, len(shards)))
    began, complete = first_began(done), all(result.whole for result in done)
    published: dict[str, dict[str, Any]] = {}
    intervals = _marker_intervals(shards, done)
    by_pair = _pairs(shards, done)
    for pair, (shard, _) in by_pair.items():
        ranges, spec = coarsened(intervals[pair]), spec_of_part(spec_of(shard, options), 1)
        if not ranges and not deletes(spec):
            continue
        below = place_of_publish(pair, shard.pairs)
        role = RunRole(KeySubset.MARKERS, began, complete)
        scope = RunScope(ranges, role, below, index_folder=index_folder(shard))
        report = run_copy(RunRequest(spec, copier, reader, sink, cancel, persistence(pair), scope=scope, run=run))
        result = result_to_json(PUBLISHED, "", report)
        published[str(pair)] = handed_on(result, share(PUBLISHED_BYTES, len(by_pair)), spec, copier, below, sink)
    return published


def summarise(
    shards: Sequence[Shard],
    results: Sequence[ShardResult],
    published: Mapping[int, ShardResult] | None,
    options: Mapping[str, object],
    copier: Callable[[], S3Clients],
    sink: EventSink | None = None,
    run: RunInfo = BY_PYTHON,
) -> Report:
    """The report of the whole copy, which is also written to the place of the option `report`.

    `published=None`: the publish task has no result. `copier` is called only if a report or an ETag index is written,
    whose warnings `sink` receives. Raises
    PermanentFailure if a result is missing or too much failed, EmptySource, and AccountingError if counts do not add
    up.
    """
    done, undone = match_results(shards, results)
    if undone:
        raise PermanentFailure(not_done(undone, len(shards)))
    by_pair = _pairs(shards, done)
    published = published or {}
    spec = spec_of(shards[0], options)
    if any((held_for_publish(own) or deletes(spec)) and pair not in published for pair, (_, own) in by_pair.items()):
        raise PermanentFailure(PUBLISH_AGAIN)
    run = run._replace(report=report_place(spec))
    whole = _report_of(spec, shards, done, list(published.values()), run)
    if spec.options.report is not None:
        signer = copier()
        for pair, (_, results_of_pair) in by_pair.items():
            shards_of_pair = [shard for shard in shards if shard.pair == pair]
            _write_pair(spec, signer, shards_of_pair, results_of_pair, published.get(pair), run)
        if len(by_pair) > 1:
            _write(spec, signer, "", [place_of_pair(pair, len(by_pair)) for pair in by_pair], whole)
    _merge_indexes(shards, by_pair, published, options, copier, sink)
    judge(spec, whole)
    return whole


def _merge_indexes(
    shards: Sequence[Shard],
    by_pair: Mapping[int, tuple[Shard, list[ShardResult]]],
    published: Mapping[int, ShardResult],
    options: Mapping[str, object],
    copier: Callable[[], S3Clients],
    sink: EventSink | None,
) -> None:
    """Make one ETag index of the parts of each pair, if the copy keeps one."""
    for pair, (first, results) in by_pair.items():
        spec = spec_of(first, options)
        if spec.options.etag_index is not None and not spec.options.dry_run:
            of_pair = [shard for shard in shards if shard.pair == pair]
            merge_index_of_pair(spec, copier(), of_pair, results, published.get(pair), sink)


def _report_of(
    spec: CopySpec,
    shards: Sequence[Shard],
    results: Sequence[ShardResult],
    published: Sequence[ShardResult],
    run: RunInfo,
) -> Report:
    most, dry_run = spec.options.max_failures, spec.options.dry_run
    return whole_report(shards, results, published, max_failures=most, dry_run=dry_run, run=run)


def _write_pair(
    spec: CopySpec,
    signer: S3Clients,
    shards: Sequence[Shard],
    results: Sequence[ShardResult],
    published: ShardResult | None,
    run: RunInfo,
) -> None:
    """Merge the reports of one pair's shards, and of its publish run if there was one."""
    pair, pairs = shards[0].pair, shards[0].pairs
    folder = place_of_pair(pair, pairs)
    parts = [shard.place for shard in shards]
    if published is not None:
        parts.append(place_of_publish(pair, pairs))
    run = run._replace(report=report_place(spec, folder))
    report = _report_of(spec, shards, results, [published] if published is not None else [], run)
    _write(spec, signer, folder, [part.removeprefix(folder) for part in parts], report)


def _pairs(shards: Sequence[Shard], results: Sequence[ShardResult]) -> dict[int, tuple[Shard, list[ShardResult]]]:
    """The first shard and all results of each pair, by the number of the pair."""
    by_pair: dict[int, tuple[Shard, list[ShardResult]]] = {}
    for shard, result in zip(shards, results, strict=True):
        by_pair.setdefault(shard.pair, (shard, []))[1].append(result)
    return by_pair


def _marker_intervals(shards: Sequence[Shard], results: Sequence[ShardResult]) -> dict[int, list[KeyRange]]:
    """The intervals with keys of `copy_last`, by pair; the whole range of a shard whose result does not know them."""
    intervals: dict[int, list[KeyRange]] = {}
    for shard, result in zip(shards, results, strict=True):
        own = (shard.range,) if result.markers is None else result.markers
        intervals.setdefault(shard.pair, []).extend(own)
    return intervals


def _write(spec: CopySpec, signer: S3Clients, folder: str, parts: Sequence[str], report: Report) -> None:
    from s3_crosscopy.report.merge import merge

    files = report_files(spec, signer, folder)
    if files is None:
        raise InvalidInput("report: is missing, although it was set when the shards were planned")
    with errors_naming("report"):
        merge(files, parts, spec.options.report_format, report)


def read_results(
    values: Sequence[object], shards: Sequence[Shard], options: Mapping[str, object], copier: Callable[[], S3Clients]
) -> list[ShardResult]:
    """Read the results that the copy tasks returned. `copier` is called only to read a file beside a report."""
    by_mark = {shard.mark: shard for shard in shards}
    results = []
    for value in values:
        shard = by_mark.get(str(value.get("mark"))) if isinstance(value, Mapping) else None
        whole = value if shard is None else whole_of(value, spec_of(shard, options), copier, shard.place)
        results += [from_json(whole)] if value is not None else []
    return results


def read_published(
    values: object, shards: Sequence[Shard], options: Mapping[str, object], copier: Callable[[], S3Clients]
) -> dict[int, ShardResult] | None:
    """Read the results that the publish task returned, by the number of the pair; None if it returned none."""
    if not isinstance(values, Mapping):
        return None
    of_pair = {str(shard.pair): shard for shard in shards}
    results = {}
    for pair, value in values.items():
        shard = of_pair.get(pair)
        below = place_of_publish(shard.pair, shard.pairs) if shard is not None else ""
        whole = value if shard is None else whole_of(value, spec_of(shard, options), copier, below)
        results[int(pair)] = from_json(whole)
    return results
