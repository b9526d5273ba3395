"""Values that the checks of a self-test share: both sides, the arguments of `copy()`, the objects that were written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from s3_crosscopy.api.copying import copy
from s3_crosscopy.errors import CopyFailed, CrossCopyError
from s3_crosscopy.model.report import Report
from s3_crosscopy.selftest.bucket_checks import BucketState
from s3_crosscopy.selftest.object_specs import ObjectSpec
from s3_crosscopy.selftest.own_prefix import OwnPrefix
from s3_crosscopy.selftest.seen_object import SeenObject
from s3_crosscopy.selftest.verdicts import Check, CheckRow, SelftestVerdict

OBJECTS = "objects/"
"""Folder of the objects of `object_specs`, below the source's prefix."""


class Silent:
    """An event sink that shows nothing."""

    def emit(self, event: object) -> None:
        """Do nothing."""


@dataclass
class Bench:
    """The two sides and what is known so far.

    source: the principal that reads the source. writer: the one that writes there. dest: the one that signs copies.
    access: the arguments of `copy()` that name principals and servers. written: the objects at the source as they were
    read back. rows: the results. skip: names of checks that the user leaves out.
    """

    source: OwnPrefix
    writer: OwnPrefix
    dest: OwnPrefix
    source_state: BucketState
    dest_state: BucketState
    access: Mapping[str, Any]
    specs: tuple[ObjectSpec, ...]
    kms_key_id: str | None = None
    skip: frozenset[str] = frozenset()
    written: dict[str, SeenObject] = field(default_factory=dict)
    rows: list[CheckRow] = field(default_factory=list)

    def judge(self, check: Check, seen: str) -> bool:
        """Add the row of a check that was tried; returns True if it is as expected."""
        row = check.judged(seen)
        self.rows.append(row)
        return row.verdict is SelftestVerdict.OK

    def leave_out(self, checks: Iterable[Check], why: str) -> None:
        """Add the rows of checks that were not tried."""
        self.rows += [check.not_tried(why) for check in checks]

    def copy(self, source: str, dest: str, **options: Any) -> Report | CrossCopyError:
        """Copy below the two prefixes; returns the report, or the error if there is none."""
        access = {**self.access, "sink": Silent(), **options}
        return result_of(partial(copy, self.source.url + source, self.dest.url + dest, **access))


def result_of(run: Callable[[], Report]) -> Report | CrossCopyError:
    """Run a copy; returns its report, or the error if there is none."""
    try:
        return run()
    except CopyFailed as error:
        return error.report or error
    except CrossCopyError as error:
        return error


def outcome_of(result: Report | CrossCopyError) -> str:
    """Return a run's counts that are not zero, or its error, as a text without keys."""
    if isinstance(result, CrossCopyError):
        return f"{type(result).__name__}: {str(result).partition(chr(10))[0]}"
    names = ("copied", "skipped", "failed", "held_back", "missing", "not_attempted")
    counts = [f"{result.counts[name]} {name}" for name in names if result.counts.get(name)]
    if result.failures:
        reasons = sorted({f"{failure.call} {failure.code}" for failure in result.failures})
        counts.append(f"({', '.join(reasons)})")
    return " ".join(counts) or "nothing"
