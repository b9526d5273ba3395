"""What is left of a run: the value that resuming, splitting and mapping shards share, and its small JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.option_parsers import show
from s3_crosscopy.model.packed_ranges import pack, unpack
from s3_crosscopy.model.report_row import MOST_SECONDS

MOST_COUNT = 2**64
"""Of anything that is counted, bytes included: S3 as a whole holds less."""

FORMAT = 2
MAX_JSON_BYTES = 48 * 1024
"""Airflow's state store refuses values above 64 KB; the rest is for what Airflow wraps around it."""
ROOM = 8 * 2**20
"""Of the JSON of a checkpoint in a file: some hundred thousand single keys that are far apart."""
PLAIN_RANGES, PLAIN_BYTES = 64, 8 * 1024
"""So many key ranges of so many bytes are written for people to read; more are packed."""


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


class Beside(NamedTuple):
    """A file that holds what of a state does not fit; its content is exactly that with this SHA-256, in hex.

    `why` says what is wrong with it, where it was looked for: "is not there".
    """

    name: str
    sha256: str
    bytes: int
    why: str = "is not looked for here"


class CheckpointState(NamedTuple):
    """The remaining intervals, and the counts of everything outside them.

    A key is either in `remaining` or in `counts`, never in both. `counts`, `reasons` and `verified` are those of
    `model.tally`. `uploads` are open in `dest_bucket`, whose guards an abort needs too. `began` is the run's epoch by
    S3's own clock ("" before the first answer), `seconds` the time that the attempts so far took, `segments` how many
    report segments hold the rows of `counts`. `finished`: nothing is left to resume. `checking`: the closing check
    had begun (None: it had not). `progress` is for people alone. With `beside`, which is for those alone who keep
    states, `remaining` is there, and all of `uploads`.
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
    beside: Beside | None = None


def to_json(state: CheckpointState, saved_at: float) -> dict[str, Any]:
    """The state as JSON values; `saved_at` is in seconds since 1970 and only tells how old it is."""
    return {
        "format": FORMAT,
        "saved_at": round(saved_at, 3),
        **state._asdict(),
        "remaining": ranges_to_json(state.remaining),
        "dest_bucket": list(state.dest_bucket),
        "uploads": [list(one) for one in state.uploads],
        "checking": state.checking and [ranges_to_json(state.checking.left), state.checking.compared],
        "beside": list(state.beside[:3]) if state.beside is not None else None,
    }


def from_json(kept: object) -> tuple[CheckpointState, float]:
    """The state and when it was saved. Raises ValueError, one line, for what no `to_json` of this format wrote."""
    if not isinstance(kept, Mapping) or kept.get("format") != FORMAT:
        raise ValueError("is no checkpoint of this version of s3-crosscopy")
    try:
        fields = {name: _typed(kept[name], kind) for name, kind in _KINDS.items()}
        fields["remaining"] = ranges_of(fields["remaining"])
        fields["dest_bucket"] = Bucket(*fields["dest_bucket"])
        fields["uploads"] = uploads_of(fields["uploads"])
        fields["checking"] = _checking(fields["checking"])
        fields["beside"] = _beside(*fields["beside"]) if fields["beside"] is not None else None
        state = CheckpointState(**fields)
        _check(state)
        return state, float(_typed(kept["saved_at"], (int, float)))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"is a damaged checkpoint ({error})") from error


_KINDS: Mapping[str, Any] = {
    "fingerprint": str,
    "remaining": (list, str),
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
    "beside": (list, type(None)),
}


def _checking(value: Any) -> Checking | None:
    if value is None:
        return None
    left, compared = value
    _count(compared)
    return Checking(ranges_of(_typed(left, (list, str))), compared)


def ranges_to_json(ranges: tuple[KeyRange, ...]) -> list[list[str | None]] | str:
    """Key ranges as a list, as long as that is short, or packed."""
    plain = len(ranges) <= PLAIN_RANGES and sum(map(range_bytes, ranges)) <= PLAIN_BYTES
    return [list(one) for one in ranges] if plain else pack(ranges)


def ranges_of(kept: list[Any] | str) -> tuple[KeyRange, ...]:
    """The key ranges that `ranges_to_json` made this of. Raises ValueError or TypeError for what it is not."""
    if isinstance(kept, str):
        return unpack(kept)
    ranges = tuple(KeyRange(after, end) for after, end in map(_list, kept))
    for one in ranges:
        _text(one.after)
        _text("" if one.end is None else one.end)
    return ranges


def uploads_of(kept: list[Any]) -> tuple[OpenUpload, ...]:
    """The uploads that were written as lists. Raises ValueError or TypeError for what is none."""
    uploads = tuple(OpenUpload(*one) for one in map(_list, kept))
    for upload in uploads:
        for text in upload[:3]:
            _text(text)
        _count(upload.part_bytes)
    return uploads


def _beside(name: Any, sha256: Any, size: Any) -> Beside:
    _text(name)
    _text(sha256)
    _count(size)
    return Beside(name, sha256, size)


def _typed(value: Any, kind: Any) -> Any:
    """JSON that was edited, or cut, must not pass for "nothing is left"."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{show(value)} is of another type")
    return value


def _list(value: object) -> list[Any]:
    checked: list[Any] = _typed(value, list)
    return checked


def _check(state: CheckpointState) -> None:
    name, owner, requester_pays = state.dest_bucket
    _text(name)
    _text("" if owner is None else owner)
    _typed(requester_pays, bool)
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


def fits(state: CheckpointState, room: int = MAX_JSON_BYTES) -> bool:
    """Whether the state has no more than so many bytes of JSON."""
    return len(json.dumps(to_json(state, 0.0)).encode()) <= room


def fitted(state: CheckpointState, room: int = MAX_JSON_BYTES) -> CheckpointState:
    """The state without what it has to lose to fit: first what is for people alone, then the youngest uploads.

    `remaining` fits by itself (`plan.left`), and so do the counts.
    """
    if fits(state, room):
        return state
    state = state._replace(progress=None)
    few, many = 0, len(state.uploads)
    while few < many:
        middle = (few + many + 1) // 2
        few, many = (middle, many) if fits(state._replace(uploads=state.uploads[:middle]), room) else (few, middle - 1)
    return state._replace(uploads=state.uploads[:few])
