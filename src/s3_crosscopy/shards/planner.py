"""Plans the shards of one copy: examines the access, and samples the key space with few LISTs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from s3_crosscopy.access.preflight import MODES, OFF, look_first
from s3_crosscopy.adapters.boto.service_check import check_services
from s3_crosscopy.adapters.sinks import LoggingSink
from s3_crosscopy.api.inputs import errors_naming, open_side, report_store
from s3_crosscopy.api.transport import open_transport
from s3_crosscopy.api.versioning_check import check_versioning
from s3_crosscopy.core.keyspace.estimator import Cut, KeySpace
from s3_crosscopy.core.pair_overlap import check_pairs
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.engine.interruptible import Stop
from s3_crosscopy.engine.listing.sampler import survey
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.operations import Side
from s3_crosscopy.shards.apportion import allot
from s3_crosscopy.shards.pairs import NO_SINCE
from s3_crosscopy.shards.shard import Shard, place_of_pair

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.adapters.boto.s3 import BotoS3
    from s3_crosscopy.ports import EventSink

LISTS_A_SHARD = 20
"""Sampling LISTs per shard: 2 % of the thousand that list a shard of a million keys."""

LEAST_LISTS = 1280
"""So many sampling LISTs are allowed with few shards too: they cost 0.6 US cents, and 8 seconds if 16 run at once."""

FIRST_LISTS = 20
"""Sampling LISTs of each pair by which the pairs' sizes are compared, before most of the LISTs are spent."""

AT_ONCE = 16
LISTS_A_SECOND = 10
"""LISTs that one connection makes per second, 100 ms each. A rate limit divided by it gives the concurrency."""

NO_MANIFEST = (
    "manifest: a task group divides key ranges, and a manifest names single keys;"
    " map S3CrossAccountCopyOperator over several manifests instead: .partial(...).expand(manifest=[...])"
)


class ShardPlan(NamedTuple):
    """The shards of all pairs, and the number of LISTs that were used to find them."""

    shards: list[Shard]
    requests: int


class _Open(NamedTuple):
    """A pair with the clients of its two sides. `space=None`: the source is one object, and nothing is sampled."""

    spec: CopySpec
    source: BotoS3
    dest: BotoS3
    space: KeySpace | None


def plan_shards(
    pairs: Sequence[tuple[str, str]],
    specs: Sequence[CopySpec],
    copier: S3Clients,
    reader: S3Clients | None = None,
    *,
    shards: int,
    most: int,
    preflight: object = OFF,
    sink: EventSink | None = None,
    cancel: threading.Event | None = None,
) -> ShardPlan:
    """Plan about `shards` shards of about equal size over all pairs: at least one for each, and at most `most`.

    `specs` are those of the `pairs`. `preflight` ("off", "light" or "full") examines the access of each pair. A report
    is started, so that the report of an earlier copy is not taken for this one's.

    Raises InvalidInput for pairs that cannot be planned, PermanentFailure and RetryableFailure for errors of S3.
    """
    _check(specs, shards, most)
    mode = parse.Choice(*MODES)("preflight", preflight)
    sink = sink or LoggingSink(logging.getLogger("s3_crosscopy"))
    check_services(copier, reader)
    stop = Stop.of(cancel)
    opened = []
    for spec in specs:
        stop.check()
        dest = open_side(copier, spec.dest, Side.DEST, spec)
        source = open_side(reader or copier, spec.source, Side.SOURCE, spec)
        look_first(mode, spec, copier, reader, source, dest, sink)
        check_versioning(spec, dest)
        opened.append(_Open(spec, source, dest, None if spec.single else KeySpace(spec.source_prefix)))
    stop.check()
    report_store(specs[0], copier)
    for number in range(1, len(specs) + 1) if len(specs) > 1 else ():
        report_store(specs[0], copier, below=place_of_pair(number, len(specs)))
    stop.check()
    cuts = _cut(opened, shards, stop)
    stop.check()
    requests = sum(pair.space.requests for pair in opened if pair.space is not None)
    return ShardPlan(_numbered(pairs, opened, cuts), requests)


def _check(specs: Sequence[CopySpec], shards: int, most: int) -> None:
    if any(spec.options.since is not None for spec in specs):
        raise InvalidInput(NO_SINCE)
    if any(spec.options.manifest is not None for spec in specs):
        raise InvalidInput(NO_MANIFEST)
    name, number = ("shards", shards) if shards >= len(specs) else ("pairs", len(specs))
    if number > most:
        raise InvalidInput(
            f"{name}: {number:,} are more than the {most:,} tasks that Airflow maps at most;"
            " give fewer, or raise [core] max_map_length"
        )
    check_pairs(specs)


def _cut(opened: Sequence[_Open], shards: int, cancel: threading.Event | None) -> list[list[Cut]]:
    """The ranges of each pair. Shards are divided among the pairs by sizes that a few LISTs of each pair estimate."""
    prefixes = [pair for pair in opened if pair.space is not None]
    budget = max(LEAST_LISTS, LISTS_A_SHARD * shards)
    if len(prefixes) > 1:
        for pair in prefixes:
            _sample(pair, min(FIRST_LISTS, budget // len(opened)), shards, cancel)
    rest = max(len(prefixes), shards - (len(opened) - len(prefixes)))
    sizes = [pair.space.keys for pair in prefixes if pair.space is not None]
    shares = iter(allot(sizes, rest) if len(prefixes) > 1 else [rest])
    cuts = []
    for pair in opened:
        if pair.space is None:
            cuts.append([Cut(KeyRange(), 1)])
            continue
        share = next(shares)
        if share > 1:
            _sample(pair, budget * share // rest - pair.space.requests, share, cancel)
        cuts.append(pair.space.cut(share))
    return cuts


def _sample(pair: _Open, most_requests: int, shards: int, cancel: threading.Event | None) -> None:
    spec, space = pair.spec, pair.space
    assert space is not None, "one object is not sampled"
    rate = spec.options.max_requests_per_second
    # Each LIST depends on the results of those before it, so more at once than there are shards would be wasted.
    at_once = min(AT_ONCE, spec.options.concurrency, max(4, shards))
    if rate is not None:
        at_once = max(1, min(at_once, int(rate / LISTS_A_SECOND)))
    with errors_naming("source"), open_transport(spec, pair.source, pair.dest) as (transport, _):
        survey(
            transport, spec.source, space, most_requests=most_requests, shards=shards, at_once=at_once, cancel=cancel
        )


def _numbered(pairs: Sequence[tuple[str, str]], opened: Sequence[_Open], cuts: Sequence[list[Cut]]) -> list[Shard]:
    of = sum(map(len, cuts))
    shards: list[Shard] = []
    for number, (places, pair, pair_cuts) in enumerate(zip(pairs, opened, cuts, strict=True), start=1):
        for cut in pair_cuts:
            single = pair.spec.single
            shards.append(Shard(len(shards) + 1, of, number, len(pairs), *places, cut.range, cut.keys, single))
    return shards
