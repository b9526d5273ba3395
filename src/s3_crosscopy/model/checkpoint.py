"""State of a run from which a later attempt resumes, and its JSON format."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from s3_crosscopy.model.checkpoint_values import check_count, check_text, list_of, ranges_of, ranges_to_json, typed
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.mirror_state import (
    Deleting,
    Looked,
    deleting_of,
    deleting_to_json,
    looked_of,
    looked_to_json,
)
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.option_parsers import show
from s3_crosscopy.model.report_row import MOST_SECONDS
from s3_crosscopy.model.tally import NONE

FORMAT = 4
MAX_JSON_BYTES = 48 * 1024
"""Limit of a checkpoint's JSON in Airflow, whose state store refuses values above 64 KB; it needs the rest itself."""
ROOM = 8 * 2**20
"""Limit of a checkpoint's JSON in a file: some hundred thousand single keys that are far apart."""


class OpenUpload(NamedTuple):
    """An incomplete multipart upload, with all that is needed to resume or to abort it.

    etag: the source's when the upload started; a changed source requires a new upload.
    """

    dest_key: str
    upload_id: str
    etag: str
    part_bytes: int


class Checking(NamedTuple):
    """Progress of the listing check. left: ranges that remain to be compared. compared: pairs compared outside them."""

    left: tuple[KeyRange, ...]
    compared: int


class Beside(NamedTuple):
    """A file beside the report that holds what does not fit the checkpoint.

    sha256: of its content, in hex. why: the reason why it cannot be used, such as "is not there".
    """

    name: str
    sha256: str
    bytes: int
    why: str = "is not looked for here"


class CheckpointState(NamedTuple):
    """The remaining ranges of a run, and the counts of all keys outside them. A key is never in both.

    counts, reasons, verified, etags_not_kept: as in `model.tally`.
    uploads: incomplete uploads in `dest_bucket`, whose expected owner is needed to abort them.
    began: start of the run in S3's time, "" before the first response. seconds: duration of all attempts so far.
    segments: number of report segments with the rows of `counts`.
    finished: nothing remains to resume. checking: progress of the listing check, None if it has not started.
    progress: for display only. beside: file with the true `remaining` and `uploads`; set by checkpoint stores only.
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
    etags_not_kept: Mapping[str, int] = NONE
    looked: Looked | None = None
    deleting: Deleting | None = None


def to_json(state: CheckpointState, saved_at: float) -> dict[str, Any]:
    """Return the state as JSON values. `saved_at`: seconds since 1970, used only for the age of the state."""
    return {
        "format": FORMAT,
        "saved_at": round(saved_at, 3),
        **state._asdict(),
        "remaining": ranges_to_json(state.remaining),
        "dest_bucket": list(state.dest_bucket),
        "uploads": [list(upload) for upload in state.uploads],
        "checking": state.checking and [ranges_to_json(state.checking.left), state.checking.compared],
        "beside": list(state.beside[:3]) if state.beside is not None else None,
        "looked": looked_to_json(state.looked),
        "deleting": deleting_to_json(state.deleting),
    }


def from_json(kept: object) -> tuple[CheckpointState, float]:
    """Return the state and the time of its save. Raises ValueError, one line, for anything else than this format."""
    if not isinstance(kept, Mapping) or kept.get("format") != FORMAT:
        raise ValueError("is no checkpoint of this version of s3-crosscopy")
    try:
        fields = {name: typed(kept[name], kind) for name, kind in _KINDS.items()}
        fields["remaining"] = ranges_of(fields["remaining"])
        fields["dest_bucket"] = Bucket(*fields["dest_bucket"])
        fields["uploads"] = uploads_of(fields["uploads"])
        fields["checking"] = _checking(fields["checking"])
        fields["looked"] = looked_of(fields["looked"])
        fields["deleting"] = deleting_of(fields["deleting"])
        fields["beside"] = _beside(*fields["beside"]) if fields["beside"] is not None else None
        state = CheckpointState(**fields)
        _check(state)
        return state, float(typed(kept["saved_at"], (int, float)))
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
    "etags_not_kept": dict,
    "looked": (list, type(None)),
    "deleting": (list, type(None)),
}


def _checking(value: Any) -> Checking | None:
    if value is None:
        return None
    left, compared = value
    check_count(compared)
    return Checking(ranges_of(typed(left, (list, str))), compared)


def uploads_of(kept: list[Any]) -> tuple[OpenUpload, ...]:
    """Parse uploads written as lists. Raises ValueError or TypeError for anything else."""
    uploads = tuple(OpenUpload(*values) for values in map(list_of, kept))
    for upload in uploads:
        for text in upload[:3]:
            check_text(text)
        check_count(upload.part_bytes)
    return uploads


def _beside(name: Any, sha256: Any, size: Any) -> Beside:
    check_text(name)
    check_text(sha256)
    check_count(size)
    return Beside(name, sha256, size)


def _check(state: CheckpointState) -> None:
    name, owner, requester_pays = state.dest_bucket
    check_text(name)
    check_text("" if owner is None else owner)
    typed(requester_pays, bool)
    for counts in (state.counts, state.reasons, state.verified, state.etags_not_kept):
        for number in counts.values():
            check_count(number)
    check_count(state.throttled)
    check_count(state.segments)
    if not 0 <= state.seconds <= MOST_SECONDS:
        raise ValueError(f"{show(state.seconds)} is no time that a run took")


def fits(state: CheckpointState, room: int = MAX_JSON_BYTES) -> bool:
    """Return True if the state has at most `room` bytes of JSON."""
    return len(json.dumps(to_json(state, 0.0)).encode()) <= room


def fitted(state: CheckpointState, room: int = MAX_JSON_BYTES) -> CheckpointState:
    """Return the state reduced to `room` bytes of JSON: first without `progress`, then without the newest uploads.

    `remaining` always fits (`core.state.remaining`), and so do the counts.
    """
    if fits(state, room):
        return state
    state = state._replace(progress=None)
    few, many = 0, len(state.uploads)
    while few < many:
        middle = (few + many + 1) // 2
        few, many = (middle, many) if fits(state._replace(uploads=state.uploads[:middle]), room) else (few, middle - 1)
    return state._replace(uploads=state.uploads[:few])
