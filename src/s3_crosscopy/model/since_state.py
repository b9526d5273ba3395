"""State of the last complete run, by which the next one looks only at what is new, and its JSON format."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from s3_crosscopy.model.checkpoint_values import check_text, typed
from s3_crosscopy.model.location import MAX_KEY_BYTES
from s3_crosscopy.model.option_parsers import show

FORMAT = "s3-crosscopy since 1"


class LastSuccess(NamedTuple):
    """The last complete run with these arguments. Times are S3's, in the form of `Listed.modified`.

    fingerprint: of the arguments. began: start of that run. full_began: start of the last such run that looked at
    everything.
    start: the first key that a run with since="key" lists, "" for all keys.
    """

    fingerprint: str
    began: str
    full_began: str
    start: str = ""


def since_to_json(state: LastSuccess) -> dict[str, Any]:
    """Return the state as JSON values."""
    return {"format": FORMAT, **state._asdict()}


def since_of(kept: object) -> LastSuccess:
    """Parse the result of `since_to_json`. Raises ValueError, one line, for anything else."""
    if not isinstance(kept, Mapping) or kept.get("format") != FORMAT:
        raise ValueError("is no state of this version of s3-crosscopy")
    try:
        state = LastSuccess(*(typed(kept[name], str) for name in LastSuccess._fields))
        for text in state:
            check_text(text)
        for time in (state.began, state.full_began):
            _check_time(time)
        if len(state.start.encode()) > MAX_KEY_BYTES:
            raise ValueError("its key is longer than S3 allows")
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"is a damaged state ({error})") from error
    return state


def _check_time(text: str) -> None:
    """Raise ValueError for a text that is no time, or that would not compare as one."""
    seconds = text.partition(".")[0].removesuffix("Z")
    if datetime.fromisoformat(seconds).isoformat() != seconds:
        raise ValueError(f"{show(text)} is no time in S3's form")
