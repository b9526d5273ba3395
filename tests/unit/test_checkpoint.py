"""The state as JSON: what is written is read again, and nothing else is taken for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from tests.unit.state_strategies import STATE, states

from s3_crosscopy.model.checkpoint import (
    FORMAT,
    MAX_JSON_BYTES,
    Beside,
    Checking,
    CheckpointState,
    OpenUpload,
    fits,
    fitted,
    from_json,
    to_json,
)
from s3_crosscopy.model.objects import KeyRange

SAVED_AT = 1_800_000_000.123


@given(states)
def test_a_state_is_the_same_after_json_whatever_its_keys(state: CheckpointState) -> None:
    assert from_json(json.loads(json.dumps(to_json(state, SAVED_AT)))) == (state, SAVED_AT)


@given(states)
def test_a_state_is_the_same_after_json_that_does_not_escape(state: CheckpointState) -> None:
    text = json.dumps(to_json(state, SAVED_AT), ensure_ascii=False).encode()

    assert from_json(json.loads(text)) == (state, SAVED_AT)


def test_ranges_and_uploads_are_values_again() -> None:
    state, _ = from_json(to_json(STATE, SAVED_AT))

    assert [type(one) for one in state.remaining] == [KeyRange, KeyRange]
    assert [type(one) for one in state.uploads] == [OpenUpload]
    assert state.remaining[1].end is None
    assert isinstance(state.checking, Checking)
    assert [type(one) for one in state.checking.left] == [KeyRange, KeyRange]


@pytest.mark.parametrize(
    "kept",
    [
        None,
        7,
        "text",
        [],
        {},
        {"format": FORMAT + 1},
        {**to_json(STATE, 0), "format": str(FORMAT)},
        [to_json(STATE, 0)],
    ],
    ids=repr,
)
def test_what_is_of_another_kind_or_version_is_no_checkpoint(kept: object) -> None:
    with pytest.raises(ValueError, match=r"^is no checkpoint of this version of s3-crosscopy$"):
        from_json(kept)


@pytest.mark.parametrize("name", [*CheckpointState._fields, "saved_at"])
def test_a_checkpoint_that_lacks_a_field_is_damaged(name: str) -> None:
    kept = to_json(STATE, SAVED_AT)
    del kept[name]

    with pytest.raises(ValueError, match=rf"^is a damaged checkpoint \('{name}'\)$"):
        from_json(kept)


DAMAGED: list[dict[str, Any]] = [
    {"remaining": None},
    {"remaining": 3},
    {"remaining": [["a"]]},
    {"remaining": [["a", "b", "c"]]},
    {"remaining": [None]},
    {"uploads": None},
    {"uploads": [["key", "id", "etag"]]},
    {"uploads": [["key", "id", "etag", 1, 2]]},
    {"uploads": [7]},
    {"saved_at": None},
    {"saved_at": "yesterday"},
    {"saved_at": [1]},
    {"saved_at": 10**400},
    {"remaining": {}},
    {"remaining": ["ab"]},
    {"remaining": [[1, None]]},
    {"remaining": [["a", 7]]},
    {"remaining": [[None, None]]},
    {"uploads": {}},
    {"uploads": ["four"]},
    {"uploads": [["key", None, "etag", 1]]},
    {"uploads": [[7, "id", "etag", 1]]},
    {"uploads": [["key", "id", "etag", "1"]]},
    {"counts": []},
    {"counts": {"listed": "3"}},
    {"reasons": {"new": None}},
    {"verified": {"etag": 1.5}},
    {"fingerprint": None},
    {"dest_bucket": 7},
    {"dest_bucket": "dst"},
    {"dest_bucket": []},
    {"dest_bucket": [None, None, False]},
    {"dest_bucket": ["dst", 222222222222, False]},
    {"dest_bucket": ["dst", None, 1]},
    {"began": None},
    {"seconds": "1"},
    {"throttled": None},
    {"segments": "2"},
    {"finished": 0},
    {"finished": "false"},
    {"checking": 7},
    {"checking": []},
    {"checking": [[["a", "b"]]]},
    {"checking": [[["a"]], 1]},
    {"checking": [[[7, "b"]], 1]},
    {"checking": [["ab"], 1]},
    {"checking": [{}, 1]},
    {"checking": [[], "1"]},
    {"checking": [[], -1]},
    {"checking": [[["\ud800", None]], 1]},
    {"progress": []},
    {"counts": {"listed": True}},
    {"counts": {"listed": -5}},
    {"counts": {"listed": 10**400}},
    {"seconds": float("inf")},
    {"seconds": -1},
    {"throttled": -1},
    {"segments": -1},
    {"uploads": [["key", "id", "etag", -1]]},
    {"remaining": [["\ud800", None]]},
    {"dest_bucket": ["dst", "\ud800", False]},
    {"fingerprint": ["x" * 10_000]},
    {"remaining": "ab"},
    {"beside": "left-1.json"},
    {"beside": ["left-1.json", "d"]},
    {"beside": ["left-1.json", "d", 1, "why"]},
    {"beside": ["left-1.json", "d", -1]},
    {"beside": ["left-1.json", None, 1]},
    {"looked": {}},
    {"looked": [[], 1, 2]},
    {"looked": [[], 1, 2, 0]},
    {"looked": [[], -1, 2, False]},
    {"looked": [[["a"]], 1, 2, False]},
    {"deleting": {}},
    {"deleting": ["began", "mark"]},
    {"deleting": ["began", "mark", 3, 1, 0]},
    {"deleting": ["began", "mark", [-1], 1, 0]},
    {"deleting": ["began", None, [1], 1, 0]},
    {"deleting": ["began", "mark", [1], 1, 0, 2, 0, 0]},
    {"deleting": ["began", "mark", [1], 1, 0, 1, 1, 1]},
]


@pytest.mark.parametrize("change", DAMAGED, ids=repr)
def test_a_field_of_another_shape_is_damage_told_in_one_line(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^is a damaged checkpoint ") as raised:
        from_json({**to_json(STATE, SAVED_AT), **change})

    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 300


def of_size(wanted: int) -> CheckpointState:
    """A state whose JSON has so many bytes."""
    return STATE._replace(began="x" * (wanted - len(json.dumps(to_json(STATE._replace(began=""), 0.0)))))


def test_a_state_fits_up_to_the_limit_and_not_one_byte_above() -> None:
    assert fits(of_size(MAX_JSON_BYTES))
    assert not fits(of_size(MAX_JSON_BYTES + 1))


def test_a_few_short_ranges_are_written_for_people_and_more_are_packed() -> None:
    few = tuple(KeyRange(f"p/{number:02d}", f"p/{number:02d}x") for number in range(64))
    more = (*few, KeyRange("q", None))
    long = tuple(KeyRange(letter * 1000, letter * 1001) for letter in "abcdef")
    assert to_json(STATE._replace(remaining=few), 0)["remaining"][:1] == [["p/00", "p/00x"]]
    for packed in (more, long):
        kept = to_json(STATE._replace(remaining=packed), SAVED_AT)
        assert isinstance(kept["remaining"], str)
        assert from_json(kept) == (STATE._replace(remaining=packed), SAVED_AT)


def uploads(number: int) -> tuple[OpenUpload, ...]:
    return tuple(OpenUpload(f"q/{one:05d}", f"{one:0128d}", "e" * 32, 5) for one in range(number))


def test_a_state_that_fits_loses_nothing() -> None:
    state = of_size(MAX_JSON_BYTES)
    assert fitted(state) is state


def test_a_state_that_is_too_large_loses_what_is_for_people_first() -> None:
    state = of_size(MAX_JSON_BYTES + 1)
    assert fitted(state) == state._replace(progress=None)


@pytest.mark.parametrize("many", [300, 5000])
def test_a_state_with_too_many_uploads_keeps_the_first_ones_that_fit(many: int) -> None:
    state = STATE._replace(uploads=uploads(many))
    less = fitted(state)
    number = len(less.uploads)
    assert less == state._replace(progress=None, uploads=state.uploads[:number])
    assert fits(less)
    assert not fits(less._replace(uploads=state.uploads[: number + 1]))
    assert fitted(state, 2 * MAX_JSON_BYTES).uploads[: number + 1] == state.uploads[: number + 1]


def test_a_file_beside_is_named_by_its_digest() -> None:
    state = STATE._replace(beside=Beside("left-1.json", "d" * 64, 70_000))
    assert from_json(to_json(state, SAVED_AT)) == (state, SAVED_AT)
