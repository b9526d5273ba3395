"""What a dry run found: objects and bytes by decision, sizes, storage classes, parts, and the requests of the copy.

All of it is sums over few names, so that ten million objects take no more memory than ten.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from s3_crosscopy.model.operations import Side

_UNITS = (("KiB", 2**10), ("MiB", 2**20), ("GiB", 2**30), ("TiB", 2**40))
SIZE_ROWS: Final = tuple((f"{digits} {unit}", digits * each) for unit, each in _UNITS for digits in (1, 10, 100))
"""Where one row of the histogram of sizes ends and the next begins: powers of ten of the binary units."""
_BOUNDS = [bound for _, bound in SIZE_ROWS]


class Sum(NamedTuple):
    """So many objects of so many bytes together."""

    objects: int = 0
    bytes: int = 0

    def plus(self, size: int) -> Sum:
        """With one more object."""
        return Sum(self.objects + 1, self.bytes + size)


class SizeClass(NamedTuple):
    """Requests that have one price: S3's name of the call, who is asked, and the storage class that it is billed as."""

    call: str
    side: Side
    storage_class: str


def size_row(size: int) -> int:
    """The row of the histogram of sizes that an object belongs to."""
    return bisect_right(_BOUNDS, size)


def size_label(row: int) -> str:
    """What a row of the histogram holds, for people."""
    # S3 has no object above 48.8 TiB, so that the last bound is never reached.
    return f"below {SIZE_ROWS[row][0]}"


@dataclass(frozen=True)
class DryRunStats:
    """What a dry run decided. `decisions` is outcome -> reason -> sum; its outcomes are those of `Tally`.

    The rest is about what would be copied: `sizes` by row of the histogram, `classes` by source storage class,
    `restored` objects of an archive class that can be read for a while, objects copied `in_parts` and the number of
    `parts`, at most so many if `parts_unsure` (the source's own layout shows to the copy only). `requests` are those
    that each object costs; `by_key`: each was asked for, and nothing listed.
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
        """Everything that would be copied."""
        return total(self.decisions.get("would_copy", {}).values())

    @property
    def archived(self) -> Sum:
        """What cannot be read before it is restored, and would be copied otherwise."""
        return total(reasons["archived"] for reasons in self.decisions.values() if "archived" in reasons)

    @property
    def too_long(self) -> Sum:
        """The objects that would have a longer key at the destination than S3 allows, and be copied otherwise."""
        return total(reasons["key too long"] for reasons in self.decisions.values() if "key too long" in reasons)

    def as_dict(self) -> dict[str, Any]:
        """JSON; the requests are told by the plan."""
        return {
            "decisions": {
                outcome: {reason: one._asdict() for reason, one in sorted(reasons.items())}
                for outcome, reasons in sorted(self.decisions.items())
            },
            "to_copy": self.to_copy._asdict(),
            "sizes": {size_label(row): one._asdict() for row, one in sorted(self.sizes.items())},
            "storage_classes": {name: one._asdict() for name, one in sorted(self.classes.items())},
            "archived": self.archived._asdict(),
            "too_long": self.too_long._asdict(),
            "restored": self.restored._asdict(),
            "in_parts": {**self.in_parts._asdict(), "parts": self.parts, "at_most": self.parts_unsure},
        }


def total(sums: Iterable[Sum]) -> Sum:
    """All of them together."""
    objects = size = 0
    for one in sums:
        objects += one.objects
        size += one.bytes
    return Sum(objects, size)
