"""Decides about an object by the HEADs of both sides, also if the destination's was refused."""

from __future__ import annotations

from s3_crosscopy.core.decide.comparison import COPIED_EARLIER, SAME_CHECKSUM, SAME_ETAG, decide_by_facts
from s3_crosscopy.core.error_codes import not_found
from s3_crosscopy.core.timestamps import is_since
from s3_crosscopy.model.objects import Facts
from s3_crosscopy.model.outcomes import Action, Decision, Reason

DEST_MISSING = Decision(Action.COPY, "destination missing")
DEST_DENIED = Decision(Action.COPY, "destination denied")


def decide_by_heads(source: Facts, dest: Facts, run_start: str) -> Decision:
    """Decide by the HEADs of both sides.

    run_start: start of a resumed run, or "". An equal copy that is not older was made by an earlier attempt of it.
    """
    decision = decide_by_facts(source, dest)
    is_equal = decision in (SAME_ETAG, SAME_CHECKSUM)
    return COPIED_EARLIER if is_equal and run_start and is_since(dest.modified, run_start) else decision


def decide_by_refusal(reason: Reason) -> Decision | None:
    """Decide by the error of the destination's HEAD, or return None if it says nothing about the object.

    A destination that may not be read is copied to, which is always right.
    """
    if reason is Reason.DENIED:
        return DEST_DENIED
    return DEST_MISSING if not_found(reason) else None
