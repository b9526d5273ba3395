"""The parts of a checkpoint about keys that only the destination has: counts, and the progress of the deletes."""

from __future__ import annotations

from typing import Any, NamedTuple

from s3_crosscopy.model.checkpoint_values import check_count, check_text, list_of, ranges_of, ranges_to_json, typed
from s3_crosscopy.model.objects import KeyRange


class Looked(NamedTuple):
    """Progress of the look for extraneous keys.

    left: ranges of source keys that are not looked at. keys, filtered, at_least: of the others, as in `Extraneous`.
    """

    left: tuple[KeyRange, ...]
    keys: int
    filtered: int
    at_least: bool


class Deleting(NamedTuple):
    """Progress of a delete phase whose candidates were judged: nothing but these is ever deleted.

    began: start of the phase in S3's time. mark: names the files of candidates.
    files: number of these files in each group; the groups are deleted one after the other.
    keys, filtered: all candidates, kept ones too, and the keys that a filter protects.
    committed: number of files whose candidates all have their outcome. deleted, kept: outcomes in these.
    """

    began: str
    mark: str
    files: tuple[int, ...]
    keys: int
    filtered: int
    committed: int = 0
    deleted: int = 0
    kept: int = 0


def looked_to_json(looked: Looked | None) -> list[Any] | None:
    """Return JSON values."""
    return None if looked is None else [ranges_to_json(looked.left), *looked[1:]]


def looked_of(kept: list[Any] | None) -> Looked | None:
    """Parse the result of `looked_to_json`. Raises ValueError or TypeError for anything else."""
    if kept is None:
        return None
    left, keys, filtered, at_least = kept
    check_count(keys)
    check_count(filtered)
    return Looked(ranges_of(typed(left, (list, str))), keys, filtered, typed(at_least, bool))


def deleting_to_json(deleting: Deleting | None) -> list[Any] | None:
    """Return JSON values."""
    return None if deleting is None else [*deleting[:2], list(deleting.files), *deleting[3:]]


def deleting_of(kept: list[Any] | None) -> Deleting | None:
    """Parse the result of `deleting_to_json`. Raises ValueError or TypeError for anything else."""
    if kept is None:
        return None
    began, mark, files, *counts = kept
    check_text(began)
    check_text(mark)
    for number in (*list_of(files), *counts):
        check_count(number)
    deleting = Deleting(began, mark, tuple(files), *counts)
    if deleting.committed > sum(deleting.files) or deleting.deleted + deleting.kept > deleting.keys:
        raise ValueError("more candidates have an outcome than were judged")
    return deleting
