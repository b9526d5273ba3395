"""Shortens the result of a shard to a number of bytes: counts stay, other values as far as they fit."""

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
"""The name under which rare reasons are counted together."""
COUNTED = frozenset({LEFT_TO_PUBLISH, FILTERED_BY_TIME, NO_MATCH.reason, OTHER_SIZE.reason, NO_KEY.reason})
"""The reasons whose counts downstream tasks need."""

LONG = ("failures", "unproven", "samples", "markers")
SHORTENED = {"key": 100, "message": 120, "code": 40, "request_id": 0}
"""Bytes of JSON that are kept of each text of a failure, if not even one failure fits as it is."""
SHORTEST = {"key": 60, "message": 0, "code": 0, "request_id": 0}


def bare(result: Mapping[str, Any], most: int) -> dict[str, Any]:
    """The result without its lists, in at most `most` bytes if possible; rare reasons are counted together."""
    small = {name: value for name, value in result.items() if name not in LONG}
    if result.get("markers"):
        small["markers"] = ANYWHERE
    if "extraneous" in small and json_bytes(small) > most:
        keys, filtered, at_least, _, deletion = small["extraneous"]
        small["extraneous"] = [keys, filtered, at_least, [], deletion]
    reasons: Mapping[str, int] = result.get("decisions", {})
    named = sorted(reasons, key=lambda name: (name not in COUNTED, -reasons[name]))
    while json_bytes(small) > most and named:
        named.pop()
        others = sum(reasons.values()) - sum(reasons[name] for name in named)
        small["decisions"] = {**{name: reasons[name] for name in named}, OTHERS: others}
    if json_bytes(small) > most:
        small.pop("verified_by", None)
        if lost := sum(small.get("etags_not_kept", {}).values()):
            small["etags_not_kept"] = {OTHERS: lost}
    return small


def coarser(result: Mapping[str, Any], most: int) -> dict[str, Any]:
    """The result in at most `most` bytes, with fewer failures, and wider intervals of the markers.

    One failure of the listing check always stays, because the result must not look like a success.
    """
    unproven, failures = result.get("unproven", []), result.get("failures", [])
    first = {"unproven": [_shortened(unproven[0], SHORTEST)]} if unproven else {}
    small = {**bare(result, most - json_bytes(first)), **first}
    if unproven:
        small = _with_first(small, "unproven", unproven, _half(small, most))
    small = _with_first(small, "failures", failures, _half(small, most))
    small = _with_markers(small, result.get("markers", []), most)
    if failures and "failures" not in small:
        small = _with_one(small, failures[0], most)
    whole = {**small, "samples": result.get("samples", {})}
    return whole if whole["samples"] and json_bytes(whole) <= most else small


def _half(small: Mapping[str, Any], most: int) -> int:
    """The limit by which half of the remaining bytes is used."""
    return (json_bytes(small) + most) // 2


def _with_first(small: dict[str, Any], name: str, failures: Sequence[Any], most: int) -> dict[str, Any]:
    """The result with as many of the failures as fit, or with the first one shortened if none fits."""
    for number in range(len(failures), 0, -1):
        for selected in (list(failures[:number]), [_shortened(failures[0])] if number == 1 else []):
            if selected and json_bytes(larger := {**small, name: selected}) <= most:
                return larger
    return small


def _with_one(small: dict[str, Any], failure: Mapping[str, Any], most: int) -> dict[str, Any]:
    """The result with one failure, in the longest form that fits into all remaining bytes."""
    variants = ({**small, "failures": [_shortened(failure, lengths)]} for lengths in (SHORTENED, SHORTEST))
    return next((larger for larger in variants if json_bytes(larger) <= most), small)


def _shortened(failure: Mapping[str, Any], lengths: Mapping[str, int] = SHORTENED) -> dict[str, Any]:
    return {name: _cut(text, lengths[name]) if name in lengths else text for name, text in failure.items()}


def _cut(text: str, most: int) -> str:
    if json_bytes(text) <= most:
        return text
    while text and json_bytes(text) > most:
        text = text[: len(text) * 9 // 10]
    return f"{text}..." if most else ""


def _with_markers(small: dict[str, Any], markers: Sequence[Sequence[Any]], most: int) -> dict[str, Any]:
    """The result with the intervals of the markers joined until they fit, or `ANYWHERE` if not even one fits."""
    if not markers:
        return small
    room = most - json_bytes({**small, "markers": []})
    joined = coarsened([KeyRange(*interval) for interval in markers], room)
    larger = {**small, "markers": [list(interval) for interval in joined]}
    return larger if json_bytes(larger) <= most else small
