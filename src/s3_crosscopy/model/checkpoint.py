"""What is left of a run: the value that resuming, splitting and mapping shards share, and its small JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.parse import show
from s3_crosscopy.model.rows import MOST_SECONDS

MOST_COUNT = 2**64
"""Of anything that is counted, bytes included: S3 as a whole holds less."""

FORMAT = 1
MAX_JSON_BYTES = 48 * 1024
"""Airflow's state store refuses values above 64 KB; the rest is for what Airflow wraps around it."""


class OpenUpload(NamedTuple):
    """A multipart upload that is not complete: enough to go on with it, or to abort exactly it.

    `etag` is the source's when it began: another source needs another upload.
    """

    dest_key: str
    upload_id: str
    etag: str
    part_bytes: int


class Checking(NamedTuple):
    """How far the check at the end came: the intervals `left` to compare, and how many pairs outside were compared."""

    left: tuple[KeyRange, ...]
    compared: int


class CheckpointState(NamedTuple):
    """The remaining intervals, and the counts of everything outside them.

    A key is either in `remaining` or in `counts`, never in both. `counts`, `reasons` and `verified` are those of
    `model.tally`. `uploads` are open in `dest_bucket`, whose guards an abort needs too. `began` is the run's epoch by
    S3's own clock ("" before the first answer), `seconds` the time that the attempts so far took, `segments` how many
    report segments hold the rows of `counts`. `finished`: nothing is left to resume. `checking`: the closing check
    had begun (None: it had not). `progress` is for people alone.
    """

    fingerprint: str
    remaining: tuple[KeyRange, ...]
    counts: Mapping[str, int]
    reasons: Mapping[str, int]
    verified: Mapping[str, int]
    dest_bucket: Bucket = Bucket("")
    uploads: tuple[OpenUpload, ...] = ()
    began: str = ""
    seconds: float = 0.0
    throttled: int = 0
    segments: int = 0
    finished: bool = False
    checking: Checking | None = None
    progress: Mapping[str, Any] | None = None


def to_json(state: CheckpointState, saved_at: float) -> dict[str, Any]:
    """The state as JSON values; `saved_at` is in seconds since 1970 and only tells how old it is."""
    return {
        "format": FORMAT,
        "saved_at": round(saved_at, 3),
        **state._asdict(),
        "remaining": [list(one) for one in state.remaining],
        "dest_bucket": list(state.dest_bucket),
        "uploads": [list(one) for one in state.uploads],
        "checking": state.checking and [[list(one) for one in state.checking.left], state.checking.compared],
    }


def from_json(kept: object) -> tuple[CheckpointState, float]:
    """The state and when it was saved. Raises ValueError, one line, for what no `to_json` of this format wrote."""
    if not isinstance(kept, Mapping) or kept.get("format") != FORMAT:
        raise ValueError("is no checkpoint of this version of s3-crosscopy")
    try:
        fields = {name: _typed(kept[name], kind) for name, kind in _KINDS.items()}
        fields["remaining"] = tuple(KeyRange(after, end) for after, end in map(_list, fields["remaining"]))
        fields["dest_bucket"] = Bucket(*fields["dest_bucket"])
        fields["uploads"] = tuple(OpenUpload(*one) for one in map(_list, fields["uploads"]))
        fields["checking"] = _checking(fields["checking"])
        state = CheckpointState(**fields)
        _check(state)
        return state, float(_typed(kept["saved_at"], (int, float)))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"is a damaged checkpoint ({error})") from error


_KINDS: Mapping[str, Any] = {
    "fingerprint": str,
    "remaining": list,
    "counts": dict,
    "reasons": dict,
    "verified": dict,
    "dest_bucket": list,
    "uploads": list,
    "began": str,
    "seconds": (int, float),
    "throttled": int,
    "segments": int,
    "finished": bool,
    "checking": (list, type(None)),
    "progress": (dict, type(None)),
}


def _checking(value: Any) -> Checking | None:
    if value is None:
        return None
    left, compared = value
    return Checking(tuple(KeyRange(after, end) for after, end in map(_list, _list(left))), compared)


def _typed(value: Any, kind: Any) -> Any:
    """JSON that was edited, or cut, must not pass for "nothing is left"."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{show(value)} is of another type")
    return value


def _list(value: object) -> list[Any]:
    checked: list[Any] = _typed(value, list)
    return checked


def _check(state: CheckpointState) -> None:
    checking = state.checking or Checking((), 0)
    _count(checking.compared)
    for one in (*state.remaining, *checking.left):
        _text(one.after)
        _text("" if one.end is None else one.end)
    name, owner, requester_pays = state.dest_bucket
    _text(name)
    _text("" if owner is None else owner)
    _typed(requester_pays, bool)
    for upload in state.uploads:
        for text in upload[:3]:
            _text(text)
        _count(upload.part_bytes)
    for counts in (state.counts, state.reasons, state.verified):
        for number in counts.values():
            _count(number)
    _count(state.throttled)
    _count(state.segments)
    if not 0 <= state.seconds <= MOST_SECONDS:
        raise ValueError(f"{show(state.seconds)} is no time that a run took")


def _text(value: Any) -> None:
    """One that S3 can hold: JSON can also write what UTF-8 cannot."""
    _typed(value, str).encode()


def _count(value: Any) -> None:
    if not 0 <= _typed(value, int) <= MOST_COUNT:
        raise ValueError(f"{show(value)} is no count")


def range_bytes(one: KeyRange) -> int:
    """What one of `remaining` takes of the JSON, its separator included."""
    return len(json.dumps(one)) + 2


def fits(state: CheckpointState) -> bool:
    """Whether the state is small enough for every store.

    One that is not is not saved: the one before stays valid, and a retry does more than it would have to. `remaining`
    alone is never too large (`plan.left`).
    """
    return len(json.dumps(to_json(state, 0.0)).encode()) <= MAX_JSON_BYTES
