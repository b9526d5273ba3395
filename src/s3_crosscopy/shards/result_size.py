"""What a shard did in few bytes: its counts always, of the rest as much as there is room for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from s3_crosscopy.core.decide.comparison import NO_KEY
from s3_crosscopy.core.decide.filters import NO_MATCH, OTHER_SIZE
from s3_crosscopy.core.state.deferred_ranges import coarsened
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import FILTERED_BY_TIME
from s3_crosscopy.model.run_scope import LEFT_TO_PUBLISH
from s3_crosscopy.shards.plan_values import json_bytes
from s3_crosscopy.shards.result import ANYWHERE

OTHERS = "other reasons"
"""Under this name the rare reasons are counted together."""
COUNTED = frozenset({LEFT_TO_PUBLISH, FILTERED_BY_TIME, NO_MATCH.reason, OTHER_SIZE.reason, NO_KEY.reason})
"""The reasons whose counts say something to the tasks that follow."""

LONG = ("failures", "unproven", "samples", "markers")
SHORTENED = {"key": 100, "message": 120, "code": 40, "request_id": 0}
"""How many bytes of the JSON of a failure's texts are kept, where not even one has room as it is."""
SHORTEST = {"key": 60, "message": 0, "code": 0, "request_id": 0}


def bare(said: Mapping[str, Any], most: int) -> dict[str, Any]:
    """The result without its lists, in at most so many bytes: rare reasons are counted together."""
    small = {name: value for name, value in said.items() if name not in LONG}
    if said.get("markers"):
        small["markers"] = ANYWHERE
    reasons: Mapping[str, int] = said.get("decisions", {})
    persistence = sorted(reasons, key=lambda name: (name not in COUNTED, -reasons[name]))
    while json_bytes(small) > most and persistence:
        persistence.pop()
        others = sum(reasons.values()) - sum(reasons[name] for name in persistence)
        small["decisions"] = {**{name: reasons[name] for name in persistence}, OTHERS: others}
    if json_bytes(small) > most:
        small.pop("verified_by", None)
    return small


def coarser(said: Mapping[str, Any], most: int) -> dict[str, Any]:
    """The result in at most so many bytes: fewer failures are named, and markers lie in wider intervals.

    One failure stays of what the closing check did not find, however little room there is: it is no success.
    """
    unproven, failures = said.get("unproven", []), said.get("failures", [])
    first = {"unproven": [_shortened(unproven[0], SHORTEST)]} if unproven else {}
    small = {**bare(said, most - json_bytes(first)), **first}
    if unproven:
        small = _with_first(small, "unproven", unproven, _half(small, most))
    small = _with_first(small, "failures", failures, _half(small, most))
    small = _with_markers(small, said.get("markers", []), most)
    if failures and "failures" not in small:
        small = _with_one(small, failures[0], most)
    whole = {**small, "samples": said.get("samples", {})}
    return whole if whole["samples"] and json_bytes(whole) <= most else small


def _half(small: Mapping[str, Any], most: int) -> int:
    """So many bytes when half of what is left is used."""
    return (json_bytes(small) + most) // 2


def _with_first(small: dict[str, Any], name: str, failures: Sequence[Any], most: int) -> dict[str, Any]:
    """With so many of the failures as have room, and the first one shortened if none has."""
    for number in range(len(failures), 0, -1):
        for some in (list(failures[:number]), [_shortened(failures[0])] if number == 1 else []):
            if some and json_bytes(more := {**small, name: some}) <= most:
                return more
    return small


def _with_one(small: dict[str, Any], failure: Mapping[str, Any], most: int) -> dict[str, Any]:
    """With one failure, in the longest form that has room in all that is left."""
    ways = ({**small, "failures": [_shortened(failure, lengths)]} for lengths in (SHORTENED, SHORTEST))
    return next((more for more in ways if json_bytes(more) <= most), small)


def _shortened(failure: Mapping[str, Any], lengths: Mapping[str, int] = SHORTENED) -> dict[str, Any]:
    return {name: _cut(text, lengths[name]) if name in lengths else text for name, text in failure.items()}


def _cut(text: str, most: int) -> str:
    if json_bytes(text) <= most:
        return text
    while text and json_bytes(text) > most:
        text = text[: len(text) * 9 // 10]
    return f"{text}..." if most else ""


def _with_markers(small: dict[str, Any], markers: Sequence[Sequence[Any]], most: int) -> dict[str, Any]:
    """With the intervals joined until they have room; anywhere in the shard's range if one has none."""
    if not markers:
        return small
    room = most - json_bytes({**small, "markers": []})
    fewer = {**small, "markers": [list(one) for one in coarsened([KeyRange(*one) for one in markers], room)]}
    return fewer if json_bytes(fewer) <= most else small
