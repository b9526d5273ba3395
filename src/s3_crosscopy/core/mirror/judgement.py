"""Judges if keys may be deleted: the run is complete, the bucket has versions, and they are not too many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from s3_crosscopy.model.report import allowed_failures

ENABLED: Final = "Enabled"


class Verdict(NamedTuple):
    """A verdict. `why`: the reason against the deletes, "" if they may begin. `ok`: the run may still be a success."""

    may: bool
    why: str = ""
    ok: bool = True


GO: Final = Verdict(True)
NOTHING: Final = "nothing was deleted"
NOTHING_MORE: Final = "nothing more was deleted"
"""Used instead by a resumed run: an earlier attempt has deleted keys."""


def postponed(why: str) -> Verdict:
    """Return the verdict for a run after which a later one can delete."""
    return Verdict(False, f"{NOTHING}: {why}")


def refused(why: str) -> Verdict:
    """Return the verdict for deletes that were asked for and are too dangerous: the run fails."""
    return Verdict(False, f"{NOTHING}: {why}", ok=False)


class Completeness(NamedTuple):
    """The facts about a run and the others of its copy that decide if its destination can be compared."""

    stopped: str
    counts: Mapping[str, int]
    unproven: bool
    others_complete: bool = True


def judge_run(run: Completeness) -> Verdict:
    """Judge if a run is complete: then what only the destination has is not there because of the run."""
    counts = run.counts
    table = (
        (bool(run.stopped), f"the run stopped early ({run.stopped})"),
        (not run.others_complete, "not every shard is complete"),
        (counts["failed"] > 0, f"{counts['failed']:,} objects failed"),
        (counts["held_back"] > 0, f"{counts['held_back']:,} objects were held back"),
        (counts["not_attempted"] > 0, f"{counts['not_attempted']:,} objects were not attempted"),
        (run.unproven, "the listing at the end did not verify every copy"),
    )
    return next((postponed(why) for holds, why in table if holds), GO)


def judge_versioning(status: str, *, permanent: bool) -> Verdict:
    """Judge by a bucket's versioning if what is deleted can be taken back, unless that is waived."""
    if permanent or status == ENABLED:
        return GO
    return refused(no_versions(status))


def no_versions(status: str) -> str:
    """Return what to do about a bucket without versioning."""
    versioning = f"its versioning is {status}" if status else "it has no versioning"
    return f"the destination's bucket could not give it back ({versioning}); enable versioning, or set permanent_delete"


class Candidates(NamedTuple):
    """The numbers of both listings. `candidates`: of the keys to be deleted. `listed`: of all at the destination."""

    source: int
    listed: int
    candidates: int


def judge_candidates(numbers: Candidates, max_delete: int | str) -> Verdict:
    """Judge the number of candidates, before the first is deleted."""
    if not numbers.source:
        return postponed("the source is empty")
    allowed = allowed_failures(max_delete, numbers.listed)
    if numbers.candidates <= allowed:
        return GO
    share = 100 * numbers.candidates / numbers.listed
    return refused(
        f"{numbers.candidates:,} of {numbers.listed:,} keys at the destination ({share:.1f} %) are more than"
        f" max_delete={max_delete!r} allows ({allowed:,}); look at them, and raise max_delete if they may go"
    )
