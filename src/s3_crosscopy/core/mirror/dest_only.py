"""Decides which keys that only the destination has are extraneous: the run's filters protect the others."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from math import inf

from s3_crosscopy.core.decide.filters import make_choice
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.run_scope import KeySubset

TAIL_PAGES = 10
"""Pages of the destination that a run lists behind the last source keys of its ranges: many sources may share one
destination, and the look must not cost more than the copy."""

ITSELF = "the prefix itself"
"""The reason why the marker `p/` of a destination `p/` is not extraneous: a console makes it, not a copy."""

Protected = Callable[[Listed], str]
"""The reason why an object that only the destination has is not extraneous, "" if it is. Its key is the source's."""


def make_protected(spec: CopySpec) -> Protected:
    """Return the test for objects that the filters leave out. Times are no part of it: a copy has another one."""
    timeless = dataclasses.replace(spec.options, modified_after=None, modified_before=None)
    filtered = make_choice(spec._replace(options=timeless))

    def protected(listed: Listed) -> str:
        if listed.key == spec.source_prefix:
            return ITSELF
        decision = None if filtered is None else filtered(listed)
        return "" if decision is None else decision.reason

    return protected


def as_source(spec: CopySpec, listed: Listed) -> Listed:
    """Return an object of the destination under the source key that it would be the copy of."""
    return listed._replace(key=spec.source_prefix + listed.key[len(spec.dest_prefix) :])


def tail_pages(spec: CopySpec, part: KeySubset) -> float | None:
    """Return how many pages the main phase lists behind the last source keys of its ranges; None: it does not look.

    A run that deletes lists both sides again at its end, and counts then. A run for `MARKERS` is not the first to look.
    """
    wish = spec.options.extraneous
    if wish == "keep" or part is KeySubset.MARKERS:
        return None
    if wish == "report":
        return TAIL_PAGES
    return inf if wish == "count" or spec.options.dry_run else 0


def lists_to_count(spec: CopySpec) -> bool:
    """Return True if the destination is listed even if no decision needs it."""
    wish = spec.options.extraneous
    return wish == "count" or (wish == "delete" and spec.options.dry_run)
