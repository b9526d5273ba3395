"""What a report keeps of open uploads is read back as it was, and nothing else is taken for it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.state_strategies import states

from s3_crosscopy.model.checkpoint import OpenUpload
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.open_uploads import OpenUploads, from_json, lie_below, to_json

ONE = OpenUploads(Bucket("dst", "222222222222"), (OpenUpload("q/large", "upload-1", "e" * 32, 8 * 2**20),))


@given(st.builds(lambda state: OpenUploads(state.dest_bucket, state.uploads), states))
def test_uploads_are_the_same_after_json(one: OpenUploads) -> None:
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
        {**to_json(ONE), "uploads": [{**ONE.uploads[0]._asdict(), "part_bytes": -1}]},
        {**to_json(ONE), "uploads": [{**ONE.uploads[0]._asdict(), "part_bytes": True}]},
        {**to_json(ONE), "bucket": {**ONE.bucket._asdict(), "requester_pays": 1}},
    ],
    ids=repr,
)
def test_anything_else_names_no_upload(kept: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_json(kept)


@pytest.mark.parametrize(
    ("dest", "below"),
    [
        ("s3://dst/q/", True),
        ("s3://dst/", True),
        ("s3://dst/q/large", True),
        ("s3://dst/q", False),
        ("s3://dst/r/", False),
        ("s3://dst2/q/", False),
        ("s3://", False),
        ("", False),
    ],
)
def test_uploads_lie_below_the_destination_that_a_report_names_or_not(dest: str, below: bool) -> None:
    assert lie_below(ONE, dest) is below
