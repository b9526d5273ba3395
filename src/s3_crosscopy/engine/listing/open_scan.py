"""Opens the pair source of a key range: one object, the keys of a manifest, or both listings."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from s3_crosscopy.core.concurrency_window import threads_for
from s3_crosscopy.engine.listing.index_join import IndexReader, index_join
from s3_crosscopy.engine.listing.key_lookup import KeyLookup
from s3_crosscopy.engine.listing.pair_source import PairSource
from s3_crosscopy.engine.listing.range_scan import RangeScan
from s3_crosscopy.engine.listing.tail_budget import TailBudget
from s3_crosscopy.engine.run_config import Ports, RunConfig
from s3_crosscopy.model.objects import KeyRange, Listed


def open_scan(
    config: RunConfig,
    ports: Ports,
    key_range: KeyRange,
    *,
    list_dest: bool,
    wanted: Callable[[str], bool] | None = None,
    index: IndexReader | None = None,
    tail: TailBudget | None = None,
) -> PairSource:
    """Open a scan of one range.

    `list_dest`: the destination is listed, or asked for each key, too. `wanted`: only these keys of a manifest are
    looked up, None for all; a listing ignores it. `index`: joined to the listings of both sides. `tail`: as in
    `RangeScan`.
    """
    spec = config.spec
    if spec.single:
        only_key = iter([spec.source_prefix])
        return KeyLookup(spec, ports, only_key, head_dest=list_dest, ahead=1, whole=True)
    if ports.manifest is not None:
        keys = ports.manifest(key_range.after, key_range.end)
        keys = filter(wanted, keys) if wanted is not None else keys
        ahead = 2 * threads_for(spec.options.max_concurrency)
        return KeyLookup(spec, ports, keys, head_dest=list_dest, ahead=ahead)
    return RangeScan(spec, key_range, list_dest=list_dest, index=index_join(index, key_range), tail=tail)


def seeing(
    make: Callable[[KeyRange], PairSource], see: Callable[[Sequence[Listed], str], None]
) -> Callable[[KeyRange], PairSource]:
    """Return `make` with scans that show each page of the source to `see`, with the time of S3's answer."""

    def opened(key_range: KeyRange) -> PairSource:
        scan = make(key_range)
        assert isinstance(scan, RangeScan), "keys that are looked up are in no pages"
        scan.see = see
        return scan

    return opened
