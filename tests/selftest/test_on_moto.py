"""The whole self-test on moto: it differs from S3 exactly where the table says so, and leaves nothing behind."""

from __future__ import annotations

import json

import pytest

from s3_crosscopy.selftest.fact_table import FACTS
from tests.selftest.conftest import Lab
from tests.selftest.expected_differences import MOTO

KEY = "arn:aws:kms:us-east-1:222222222222:key/12345678-1234-1234-1234-123456789012"


@pytest.mark.slow
def test_it_finds_the_known_differences_and_no_others_and_leaves_nothing_behind(lab: Lab) -> None:
    lab.version_on()
    before = lab.content()

    ended = lab.run("--yes", "--kms-key-id", KEY)

    assert lab.content() == before
    result = json.loads((lab.path / "selftest.json").read_text())
    rows = {row["id"]: row for row in result["rows"]}
    assert len(rows) == len(result["rows"]), "an id stands twice"
    differs = {name: row["seen"] for name, row in rows.items() if row["verdict"] == "differs"}
    assert sorted(differs.keys() ^ MOTO.keys()) == []
    assert [name for name, seen in differs.items() if not seen.startswith(MOTO[name])] == []
    assert [name for name, row in rows.items() if row["verdict"] == "not tried"] == ["request.copy.large"]
    assert {row["fact"] for row in result["rows"]} == FACTS.keys()
    assert (result["left"], result["stopped"]) == ([], "")
    assert ended.code == 1
    text = json.dumps(result)
    assert [word for word in (*lab.buckets, "222222222222", "12345678-1234") if word in text] == []
