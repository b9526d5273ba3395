"""The whole decision about a pair, as one function: what is not meant, what the table says, what cannot be copied."""

from __future__ import annotations

from s3_crosscopy.core.decide.comparison import COPIED_EARLIER, GONE, NO_KEY, TOO_LONG, Decide, archived, make_decide
from s3_crosscopy.core.decide.filters import make_choice
from s3_crosscopy.core.decide.refusals import make_too_long
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.timestamps import since
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.outcomes import Action, Decision


def make_choose(spec: CopySpec, began: str) -> Decide:
    """What to do with a source object, given what the destination has; `began` is a resumed run's epoch, or ""."""
    options = spec.options
    why_not = make_choice(spec)
    by_table = make_decide(options.overwrite, options.compare)
    # The marker `p/` of a prefix that is copied onto the root of a bucket would have no name there.
    rootless = spec.source_prefix if spec.dest_prefix == "" else None
    too_long = make_too_long(spec)
    skip = Action.SKIP

    def choose(source: Listed, dest: Listed | None) -> Decision:
        if source.storage_class == "":
            return GONE
        if source.key == rootless:
            return NO_KEY
        if why_not is not None and (reason := why_not(source)) is not None:
            return reason
        decision = by_table(source, dest)
        if decision.action is not skip:
            refused = archived(source, options.archived)
            if refused is None and too_long is not None and too_long(source.key):
                return TOO_LONG
            return refused or decision
        if began and dest is not None and source.etag == dest.etag and since(dest.modified, began):
            # Whatever compares the two, only an equal ETag tells that an earlier attempt made the copy.
            return COPIED_EARLIER
        return decision

    return choose
