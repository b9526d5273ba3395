"""The list of an ETag index as JSON: a round trip, and one line for anything else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from s3_crosscopy.model import etag_index
from s3_crosscopy.model.etag_index import IndexList, IndexPair, IndexSegment, NewerFormat, from_json, to_json
from s3_crosscopy.model.input_limits import Limit

SEGMENT = IndexSegment(f"segments/{'a' * 16}-000001.etags", "a", "ü", 4000, 230_000, "b" * 64)
PENDING = SEGMENT._replace(name="unfinished/pending-1.etags")
PAIR = IndexPair("s3://src/p/", "s3://dst/q/", "src", "dst", ("", "http://here"), "auto")
LIST = IndexList(PAIR, "2026-01-01T00:00:00Z", (SEGMENT, SEGMENT), PENDING, (SEGMENT.name,))


@pytest.mark.parametrize("index", [LIST, LIST._replace(pending=None, segments=())])
def test_a_list_comes_back(index: IndexList) -> None:
    assert from_json(json.loads(json.dumps(to_json(index)))) == index


def test_the_pending_rows_of_a_shard_are_in_its_folder() -> None:
    pending = PENDING._replace(name="parts/shard-0001/unfinished/pending-2.etags")
    assert from_json(to_json(LIST._replace(pending=pending))).pending == pending


@pytest.mark.parametrize("raw", [None, [], {}, {"kind": etag_index.KIND}, {"kind": "other", "format": 1}])
def test_something_else_is_no_index(raw: object) -> None:
    with pytest.raises(ValueError, match="is no ETag index"):
        from_json(raw)


def test_a_later_format_is_told_apart() -> None:
    with pytest.raises(NewerFormat, match="is of a later version"):
        from_json({**to_json(LIST), "format": etag_index.FORMAT + 1})


@pytest.mark.parametrize(("number", "why"), [(0, "nothing writes"), (-1, "no ETag index"), (True, "no ETag index")])
def test_a_format_that_never_was_is_refused(number: object, why: str) -> None:
    with pytest.raises(ValueError, match=why) as raised:
        from_json({**to_json(LIST), "format": number})
    assert not isinstance(raised.value, NewerFormat)


def changed(position: int, value: object) -> list[object]:
    fields: list[object] = list(SEGMENT)
    fields[position] = value
    return fields


@pytest.mark.parametrize(
    "change",
    [
        {"segments": 5},
        {"segments": [[]]},
        {"segments": [changed(0, "../secret")]},
        {"segments": [changed(0, f"parts/../{'a' * 32}.etags")]},
        {"segments": [changed(1, 5)]},
        {"segments": [changed(1, "ÿ")]},
        {"segments": [changed(2, "z" * 2000)]},
        {"segments": [changed(3, True)]},
        {"segments": [changed(4, -1)]},
        {"segments": [changed(5, "b")]},
        {"pending": {}},
        {"unneeded": None},
        {"unneeded": ["etags.json"]},
        {"unneeded": [["x"]]},
        {"run": None},
        {"pair": {}},
        {"pair": {**PAIR._asdict(), "servers": [1]}},
    ],
)
def test_a_damaged_list_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="is damaged"):
        from_json({**to_json(LIST), **change})


def test_a_list_without_a_part_is_refused() -> None:
    raw = to_json(LIST)
    del raw["pending"]
    with pytest.raises(ValueError, match="is damaged"):
        from_json(raw)


def test_a_list_of_very_many_segments_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(etag_index, "ETAG_SEGMENTS", Limit("an ETag index", 1, "segments", ""))
    with pytest.raises(ValueError, match="more than 1 segments"):
        from_json(to_json(LIST))
