"""Which walk a key range gets: one object, the keys of a manifest, or both listings."""

from __future__ import annotations

from collections.abc import Callable

from s3_crosscopy.core.concurrency_window import threads_for
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.engine.listing.key_lookup import KeyLookup
from s3_crosscopy.engine.listing.pair_source import KeysBetween, PairSource
from s3_crosscopy.engine.listing.range_scan import RangeScan
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.ports import S3


class ScanFactory:
    """Makes walks. `manifest=None`: the source is listed."""

    def __init__(self, spec: CopySpec, source: S3, dest: S3, manifest: KeysBetween | None) -> None:
        self._spec = spec
        self._source = source
        self._dest = dest
        self._manifest = manifest

    @property
    def by_key(self) -> bool:
        """Whether the keys are named, and nothing is listed."""
        return self._spec.single or self._manifest is not None

    def walk(self, key_range: KeyRange, *, look: bool, wanted: Callable[[str], bool] | None = None) -> PairSource:
        """The walk over a range; `look`: at the destination too. Of a manifest only `wanted` keys are asked for."""
        spec = self._spec
        if spec.single:
            one = iter([spec.source_prefix])
            return KeyLookup(spec, one, self._source, self._dest, head_dest=look, ahead=1, whole=True)
        if self._manifest is not None:
            named = self._manifest(key_range.after, key_range.end)
            named = filter(wanted, named) if wanted is not None else named
            ahead = 2 * threads_for(spec.options.max_concurrency)
            return KeyLookup(spec, named, self._source, self._dest, head_dest=look, ahead=ahead)
        return RangeScan(spec, key_range, list_dest=look)
