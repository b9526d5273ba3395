"""What a report keeps of open uploads is read back as it was, and nothing else is taken for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.states import states

from s3_crosscopy.model.checkpoint import OpenUpload
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.unfinished import Unfinished, from_json, to_json

ONE = Unfinished(Bucket("dst", "222222222222"), (OpenUpload("q/large", "upload-1", "e" * 32, 8 * 2**20),))


@given(st.builds(lambda state: Unfinished(state.dest_bucket, state.uploads), states))
def test_uploads_are_the_same_after_json(one: Unfinished) -> None:
    assert from_json(json.loads(json.dumps(to_json(one)))) == one


def test_people_find_bucket_key_and_upload_id() -> None:
    kept = to_json(ONE)

    assert kept["bucket"]["name"] == "dst"
    assert [(one["dest_key"], one["upload_id"]) for one in kept["uploads"]] == [("q/large", "upload-1")]


@pytest.mark.parametrize(
    "kept",
    [
        [],
        {},
        {**to_json(ONE), "format": 2},
        {**to_json(ONE), "bucket": None},
        {**to_json(ONE), "bucket": {"name": "dst", "account": "1"}},
        {**to_json(ONE), "bucket": {**ONE.bucket._asdict(), "name": 7}},
        {**to_json(ONE), "uploads": ["upload-1"]},
        {**to_json(ONE), "uploads": [{"dest_key": "q/large"}]},
        {**to_json(ONE), "uploads": [{**ONE.uploads[0]._asdict(), "upload_id": None}]},
    ],
    ids=repr,
)
def test_anything_else_names_no_upload(kept: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_json(kept)
