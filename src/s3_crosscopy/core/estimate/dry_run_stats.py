"""Collects the statistics of a dry run: the outcome of each object is recorded once, and stored only as a sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from s3_crosscopy.core.decide.comparison import archived
from s3_crosscopy.core.estimate.request_count import of_asking, of_comparing, of_object, parts_of
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.transfer.etag_preservation import make_in_parts
from s3_crosscopy.core.transfer.header_choice import make_needs_head
from s3_crosscopy.model.dry_run import DryRunStats, SizeClass, Sum, size_row
from s3_crosscopy.model.objects import Listed

Name = TypeVar("Name", bound=Hashable)


class DryRunStatsCollector:
    """Sums of outcomes. `enter` is called for every object, and `would_copy` as well for those to be copied.

    by_key: the run looks up each key instead of listing: for a single object, or the keys of a manifest.
    """

    def __init__(self, spec: CopySpec, *, by_key: bool) -> None:
        self._spec = spec
        self._is_in_parts = make_in_parts(spec.options)
        self._needs_head = make_needs_head(spec)
        self.by_key = by_key
        # Objects and bytes, by (outcome, reason), and those to be copied by (storage class, asked, row of the
        # histogram). Lists, because creating a Sum for every object would take a fifth of a dry run's time.
        self._ended: dict[tuple[str, str], list[int]] = {}
        self._copies: dict[tuple[str, bool, int], list[int]] = {}
        # All small objects of a class need the same requests: counting each would take half of a dry run's time.
        self._large: Counter[tuple[str, bool]] = Counter()
        self._restored = self._in_parts = Sum()
        self._parts = 0
        self._parts_unsure = False
        self._requests: Counter[SizeClass] = Counter()

    def enter(self, outcome: str, reason: str, source: Listed) -> None:
        """Record the outcome of an object."""
        self.enter_alike(outcome, reason, 1, source.size)
        if self.by_key:
            self._count(of_asking(self._spec, source))

    def enter_alike(self, outcome: str, reason: str, objects: int, size: int) -> None:
        """Record the same outcome for several objects of `size` bytes together, none of which was looked up by key."""
        _add(self._ended, (outcome, reason), objects, size)

    def comparing(self, source: Listed) -> None:
        """Record two HEADs that check if an object changed."""
        self._count(of_comparing(self._spec.options, source))

    def would_copy(self, source: Listed, *, asked: bool) -> None:
        """Record an object to be copied; `asked`: the result of its HEAD is known already."""
        self.would_copy_all((source,), asked=asked)

    def would_copy_all(self, objects: Iterable[Listed], *, asked: bool) -> None:
        """Record objects to be copied."""
        copies, threshold, needs_head = self._copies, self._spec.options.multipart_threshold, self._needs_head
        asked = asked or needs_head is False
        any_size = self._spec.options.preserve_etag
        for source in objects:
            key, size, _, _, storage_class, restored, _ = source
            no_head = asked if isinstance(needs_head, bool) else asked or not needs_head(key)
            if restored or any_size or size >= threshold:
                self._look_closer(source, asked=no_head)
            name = (storage_class, no_head, size_row(size))
            cell = copies.get(name)
            if cell is None:
                cell = copies[name] = [0, 0]
            cell[0] += 1
            cell[1] += size

    def _look_closer(self, source: Listed, *, asked: bool) -> None:
        options, size = self._spec.options, source.size
        if source.restored and archived(source._replace(restored=False), options.archived) is not None:
            self._restored = self._restored.plus(size)
        if self._is_in_parts(source):
            parts, sure = parts_of(options, source)
            self._in_parts = self._in_parts.plus(size)
            self._parts += parts
            self._parts_unsure |= not sure
            self._large[source.storage_class, asked] += 1
            self._count(of_object(options, source, asked=asked))

    def taken(self) -> DryRunStats:
        """Return the statistics."""
        requests = Counter(self._requests)
        by_class = self._totals(lambda storage_class, asked, _row: (storage_class, asked))
        for (storage_class, asked), copies in by_class.items():
            small = copies.objects - self._large[storage_class, asked]
            for kind, number in of_object(self._spec.options, Listed("", 0, "", "", storage_class), asked=asked):
                requests[kind] += number * small
        decisions: dict[str, dict[str, Sum]] = {}
        for (outcome, reason), cell in self._ended.items():
            decisions.setdefault(outcome, {})[reason] = Sum(*cell)
        return DryRunStats(
            decisions=decisions,
            sizes=self._totals(lambda _storage_class, _asked, row: row),
            classes=self._totals(lambda storage_class, _asked, _row: storage_class),
            restored=self._restored,
            in_parts=self._in_parts,
            parts=self._parts,
            parts_unsure=self._parts_unsure,
            requests=dict(requests),
            by_key=self.by_key,
        )

    def _totals(self, name_of: Callable[[str, bool, int], Name]) -> dict[Name, Sum]:
        """Return the sums of objects to be copied, grouped by `name_of(storage_class, asked, row)`."""
        totals: dict[Name, list[int]] = {}
        for name, (objects, size) in self._copies.items():
            _add(totals, name_of(*name), objects, size)
        return {name: Sum(*cell) for name, cell in totals.items()}

    def _count(self, requests: Iterable[tuple[SizeClass, int]]) -> None:
        for kind, number in requests:
            self._requests[kind] += number


def _add(cells: dict[Name, list[int]], name: Name, objects: int, size: int) -> None:
    cell = cells.get(name)
    if cell is None:
        cell = cells[name] = [0, 0]
    cell[0] += objects
    cell[1] += size
