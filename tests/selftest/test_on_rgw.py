"""The whole self-test on a Ceph RGW, in one account: it cannot copy parts between accounts by a bucket's policy."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from s3_crosscopy.cli.main import main
from tests.cli.shell import write_profiles
from tests.selftest.expected_differences import RGW, RGW_LEFT_OUT

if TYPE_CHECKING:
    from tests.servers.rgw import RgwServer


@pytest.mark.slow
def test_it_finds_the_known_differences_and_no_others_and_leaves_nothing_behind(
    rgw: RgwServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_profiles(tmp_path, {"b": rgw.dst}, monkeypatch)
    bucket, client = f"selftest-{uuid.uuid4().hex}", rgw.client(rgw.dst)
    client.create_bucket(Bucket=bucket)
    out = tmp_path / "selftest.json"
    skip = [word for name in RGW_LEFT_OUT for word in ("--skip", name)]

    main(
        ["selftest", f"s3://{bucket}/a/", f"s3://{bucket}/b/", "--profile", "b", "--endpoint-url", rgw.endpoint_url,
         "--yes", "--out", str(out), *skip]
    )  # fmt: skip

    result = json.loads(out.read_text())
    rows = {row["id"]: row for row in result["rows"]}
    assert (result["left"], result["stopped"]) == ([], "")
    assert "Contents" not in client.list_objects_v2(Bucket=bucket)
    differs = {name: row["seen"] for name, row in rows.items() if row["verdict"] == "differs"}
    assert sorted(differs.keys() ^ RGW.keys()) == []
    assert [(name, seen) for name, seen in differs.items() if not seen.startswith(RGW[name])] == []
