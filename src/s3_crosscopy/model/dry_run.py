"""Statistics of a dry run: objects and bytes by decision, size and storage class, parts, and requests of the copy.

All are sums over few names, so that ten million objects take no more memory than ten.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from s3_crosscopy.model.operations import Side

_UNITS = (("KiB", 2**10), ("MiB", 2**20), ("GiB", 2**30), ("TiB", 2**40))
SIZE_ROWS: Final = tuple((f"{digits} {unit}", digits * bytes_) for unit, bytes_ in _UNITS for digits in (1, 10, 100))
"""Upper bounds of the rows of the histogram of sizes: 1, 10 and 100 of each binary unit."""
_BOUNDS = [bound for _, bound in SIZE_ROWS]


class Sum(NamedTuple):
    """Number of objects, and their bytes together."""

    objects: int = 0
    bytes: int = 0

    def plus(self, size: int) -> Sum:
        """Return the sum with one more object of `size` bytes."""
        return Sum(self.objects + 1, self.bytes + size)


class SizeClass(NamedTuple):
    """Kind of requests with one price: API operation, side, and the storage class that it is billed as."""

    call: str
    side: Side
    storage_class: str


def size_row(size: int) -> int:
    """Return the row of the histogram of sizes for an object."""
    return bisect_right(_BOUNDS, size)


def size_label(row: int) -> str:
    """Return the label of a row of the histogram."""
    # S3 has no object above 48.8 TiB, which is below the last bound.
    return f"below {SIZE_ROWS[row][0]}"


@dataclass(frozen=True)
class DryRunStats:
    """Statistics of a dry run. decisions: outcome -> reason -> sum; the outcomes are those of `Tally`.

    All others are of the objects to be copied:
    sizes: by row of the histogram. classes: by source storage class. restored: archived ones that can be read for now.
    in_parts: those copied in parts. parts: number of their parts, a maximum if `parts_unsure`, because only the copy
      sees the source's part sizes.
    requests: number of requests for objects, by kind. by_key: True if each key was looked up, and nothing listed.
    """

    decisions: Mapping[str, Mapping[str, Sum]]
    sizes: Mapping[int, Sum]
    classes: Mapping[str, Sum]
    restored: Sum
    in_parts: Sum
    parts: int
    parts_unsure: bool
    requests: Mapping[SizeClass, int]
    by_key: bool

    @property
    def to_copy(self) -> Sum:
        """All objects to be copied."""
        return total(self.decisions.get("would_copy", {}).values())

    @property
    def archived(self) -> Sum:
        """Objects that must be restored first, and would be copied otherwise."""
        return total(reasons["archived"] for reasons in self.decisions.values() if "archived" in reasons)

    @property
    def too_long(self) -> Sum:
        """Objects whose destination key would be longer than S3 allows, and that would be copied otherwise."""
        return total(reasons["key too long"] for reasons in self.decisions.values() if "key too long" in reasons)

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values, without the requests, which are in the plan."""
        return {
            "decisions": {
                outcome: {reason: objects._asdict() for reason, objects in sorted(reasons.items())}
                for outcome, reasons in sorted(self.decisions.items())
            },
            "to_copy": self.to_copy._asdict(),
            "sizes": {size_label(row): objects._asdict() for row, objects in sorted(self.sizes.items())},
            "storage_classes": {name: objects._asdict() for name, objects in sorted(self.classes.items())},
            "archived": self.archived._asdict(),
            "too_long": self.too_long._asdict(),
            "restored": self.restored._asdict(),
            "in_parts": {**self.in_parts._asdict(), "parts": self.parts, "at_most": self.parts_unsure},
        }


def total(sums: Iterable[Sum]) -> Sum:
    """Return the sum of all sums."""
    objects = size = 0
    for part in sums:
        objects += part.objects
        size += part.bytes
    return Sum(objects, size)
