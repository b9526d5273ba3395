"""Decides how far a run looks back: only at what is new since the last complete run, or at everything."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Final, NamedTuple

from s3_crosscopy.core.timestamps import to_datetime
from s3_crosscopy.model.options import CopyOptions
from s3_crosscopy.model.since_state import LastSuccess

SKEW_S: Final = 900
"""Seconds by which clocks may differ: S3 refuses a request whose time is further away from its own."""

EARLIEST: Final = "0001-01-01T00:00:00"
NOTHING_KEPT = "no complete run is kept"
OTHER_ARGUMENTS = "the last complete run had other arguments"
IN_THE_FUTURE = "the last complete run is in the future"
DAMAGED = "what is kept {}"
NOT_REPLACED = "; remove it, or name another place: it is not replaced"
FULL_IS_DUE = "everything was last looked at {} ago"


class Look(NamedTuple):
    """The look of a run. The default is that of a run without the option `since`.

    short: looks only at what is new. why: the reason for a full look with that option.
    before: pairs whose two objects are older were proven by the last complete run, "" if none were.
    start: keys before it were, "" if none were. A full look has both too if it can count what the short way missed.
    full_began: start of the last full look, "" if this is one.
    damaged: what is kept cannot be read, may be of something else, and is not replaced.
    """

    short: bool = False
    why: str = ""
    before: str = ""
    start: str = ""
    full_began: str = ""
    damaged: bool = False

    @property
    def name(self) -> str:
        """A text that differs for two looks that must not share a checkpoint, "" for a full one."""
        return f"{self.before} {self.start}" if self.short else ""


FULL: Final = Look()


def decide_look(state: LastSuccess | None, mark: str, now: float, options: CopyOptions) -> Look:
    """Return the look of a run.

    state: the last complete run, None if none is kept. mark: the fingerprint of this run's arguments.
    now: seconds since 1970, by this machine's clock.
    """
    if state is None:
        return Look(why=NOTHING_KEPT)
    if state.fingerprint != mark:
        return Look(why=OTHER_ARGUMENTS)
    since_s, full_s = age_s(state.began, now), age_s(state.full_began, now)
    if since_s < -SKEW_S or full_s < -SKEW_S:
        return Look(why=IN_THE_FUTURE)
    before = earlier(state.began, options.overlap) if compares_by_head(options) else ""
    if full_s >= options.full_every:
        return Look(False, FULL_IS_DUE.format(days_text(full_s)), before, state.start)
    return Look(True, "", before, state.start, state.full_began)


def damaged_look(problem: str, *, owned: bool) -> Look:
    """Return the look of a run whose state cannot be read; `problem` continues "what is kept".

    owned: nothing else can be in its place, so that it is replaced.
    """
    return Look(why=DAMAGED.format(problem) + ("" if owned else NOT_REPLACED), damaged=not owned)


def compares_by_head(options: CopyOptions) -> bool:
    """Return True if HEADs decide about pairs whose ETags differ."""
    return options.overwrite == "if_changed" and options.compare in ("auto", "checksum")


def age_s(time: str, now: float) -> float:
    """Return the seconds between one of S3's times and `now`."""
    return now - to_datetime(time).replace(tzinfo=timezone.utc).timestamp()


def earlier(time: str, seconds: int) -> str:
    """Return the time so many seconds earlier, in whole seconds; the earliest time of all if there is none."""
    try:
        return (to_datetime(time) - timedelta(seconds=seconds)).isoformat()
    except OverflowError:
        return EARLIEST


def days_text(seconds: float) -> str:
    """Return a duration as days or hours."""
    return f"{seconds / 86_400:.1f} days" if seconds >= 86_400 else f"{seconds / 3600:.1f} hours"
