"""Decides about a pair of objects: what is out of scope, what the table says, and what cannot be copied."""

from __future__ import annotations

from collections.abc import Callable

from s3_crosscopy.core.decide.comparison import (
    COPIED_EARLIER,
    GONE,
    NO_KEY,
    TOO_LONG,
    UNCLEAR,
    Decide,
    archived,
    make_decide,
    make_indexed,
)
from s3_crosscopy.core.decide.filters import make_choice
from s3_crosscopy.core.decide.listing_comparison import ListingComparison
from s3_crosscopy.core.decide.refusals import make_too_long
from s3_crosscopy.core.since.look import FULL, Look
from s3_crosscopy.core.since.proven import make_since
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.timestamps import may_be_since
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.outcomes import Action, Decision

SourceRule = Callable[[Listed], "Decision | None"]
"""A rule that looks at the source object only; None where it says nothing."""


def make_out_of_scope(spec: CopySpec) -> SourceRule:
    """The decision for a source object that is out of scope, whatever the destination has; None for one in scope."""
    filtered = make_choice(spec)
    # The marker `p/` of a prefix that is copied onto the root of a bucket would have no name there.
    rootless = spec.source_prefix if spec.dest_prefix == "" else None

    def out_of_scope(source: Listed) -> Decision | None:
        if source.storage_class == "":
            return GONE
        if source.key == rootless:
            return NO_KEY
        return None if filtered is None else filtered(source)

    return out_of_scope


def make_uncopyable(spec: CopySpec) -> SourceRule:
    """The decision for a source object that cannot be copied; None for one that can."""
    wish, too_long = spec.options.archived, make_too_long(spec)

    def uncopyable(source: Listed) -> Decision | None:
        decision = archived(source, wish)
        if decision is None and too_long is not None and too_long(source.key):
            return TOO_LONG
        return decision

    return uncopyable


def make_choose(spec: CopySpec, began: str, comparison: ListingComparison | None = None, look: Look = FULL) -> Decide:
    """Return the rule that decides about a pair. `began` is the start of a resumed run, "" for a first attempt.

    comparison: decides about different ETags if the option `compare` leaves it the choice; None to ask about all.
    look: which pairs need no comparison.
    """
    out_of_scope, uncopyable = make_out_of_scope(spec), make_uncopyable(spec)
    # Called for every object: almost always a look at the storage class is enough.
    looks_closer = make_choice(spec) is not None or spec.dest_prefix == ""
    by_table = make_since(make_decide(spec.options.overwrite, spec.options.compare), look)
    if spec.options.etag_index is not None:
        by_table = make_indexed(by_table)
    skip = Action.SKIP
    without_heads = comparison if spec.options.compare == "auto" else None

    def choose(source: Listed, dest: Listed | None) -> Decision:
        if (looks_closer or source.storage_class == "") and (out := out_of_scope(source)) is not None:
            return out
        decision = by_table(source, dest)
        if decision is UNCLEAR:
            if without_heads is not None and dest is not None:
                decision = without_heads.decide(source, dest)
            if decision is UNCLEAR:
                return decision  # HEADs of archived objects compare them too.
        if decision.action is not skip:
            return uncopyable(source) or decision
        if began and dest is not None and source.etag == dest.etag and may_be_since(dest.modified, began):
            # Whatever compares the two, only an equal ETag tells that an earlier attempt made the copy.
            return COPIED_EARLIER
        return decision

    return choose
