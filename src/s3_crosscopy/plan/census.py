"""Takes the census of a dry run: every object's end is entered once, and kept only as a sum."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from s3_crosscopy.model.census import Census, Kind, Sum, size_row
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.plan.decide import archived
from s3_crosscopy.plan.requests import of_asking, of_comparing, of_object, parts_of
from s3_crosscopy.plan.resolve import Spec


class CensusTaker:
    """The sums so far. `enter` is called for every object, `would_copy` beside it for those to be copied.

    `by_key`: the run asks for each key instead of listing: for one object, and for those of a manifest.
    """

    def __init__(self, spec: Spec, *, by_key: bool) -> None:
        self._spec = spec
        self._by_key = by_key
        self._decisions: dict[str, dict[str, Sum]] = defaultdict(dict)
        self._sizes: dict[int, Sum] = {}
        self._classes: dict[str, Sum] = {}
        self._restored = self._in_parts = Sum()
        self._parts = 0
        self._parts_unsure = False
        self._requests: Counter[Kind] = Counter()
        # All small objects of a class cost the same requests: to ask each time would take half of a dry run.
        self._small: Counter[tuple[str, bool]] = Counter()

    def enter(self, outcome: str, reason: str, source: Listed) -> None:
        """An object came to its end."""
        reasons = self._decisions[outcome]
        reasons[reason] = reasons.get(reason, Sum()).plus(source.size)
        if self._by_key:
            self._count(of_asking(self._spec, source))

    def comparing(self, source: Listed) -> None:
        """Two HEADs are asked whether an object changed."""
        self._count(of_comparing(self._spec.options, source))

    def would_copy(self, source: Listed, *, asked: bool) -> None:
        """An object would be copied; `asked`: its facts are known already."""
        options, size, storage_class = self._spec.options, source.size, source.storage_class
        row = size_row(size)
        self._sizes[row] = self._sizes.get(row, Sum()).plus(size)
        self._classes[storage_class] = self._classes.get(storage_class, Sum()).plus(size)
        if source.restored and archived(source._replace(restored=False), options.archived) is not None:
            self._restored = self._restored.plus(size)
        if size >= options.multipart_threshold:
            parts, sure = parts_of(options, source)
            self._in_parts = self._in_parts.plus(size)
            self._parts += parts
            self._parts_unsure |= not sure
            self._count(of_object(options, source, asked=asked))
        else:
            self._small[storage_class, asked] += 1

    def taken(self) -> Census:
        """The census."""
        requests = Counter(self._requests)
        for (storage_class, asked), objects in self._small.items():
            for kind, number in of_object(self._spec.options, Listed("", 0, "", "", storage_class), asked=asked):
                requests[kind] += number * objects
        return Census(
            decisions={outcome: dict(reasons) for outcome, reasons in self._decisions.items()},
            sizes=dict(self._sizes),
            classes=dict(self._classes),
            restored=self._restored,
            in_parts=self._in_parts,
            parts=self._parts,
            parts_unsure=self._parts_unsure,
            requests=dict(requests),
            by_key=self._by_key,
        )

    def _count(self, requests: Iterable[tuple[Kind, int]]) -> None:
        for kind, number in requests:
            self._requests[kind] += number
