"""The world of the pages' examples: their buckets and profiles, on moto."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.servers.accounts import Account
from tests.servers.moto import MotoServer

SOURCE, DEST = "acme-raw", "analytics-landing"
SEEDED = {
    "events/a.json": b"a",
    "events/b//c.json": b"bc",
    "events/_SUCCESS": b"",
    "events/dt=2026-11-23/part-0.json": b"day",
    "events/dt=2026-11-23/_SUCCESS": b"",
    "exports/backup.tar": b"backup",
    "lake/2026/part-0.parquet": b"lake",
    "lake/2026/_SUCCESS": b"",
    "site/index.html": b"<p>",
    "lists/today.jsonl": b'{"key": "events/a.json"}\n{"key": "events/deleted.json"}\n',
}


class World(NamedTuple):
    """`empty()` takes everything out of the destination, `keys()` lists it."""

    moto: MotoServer
    empty: Callable[[], None]
    keys: Callable[[], set[str]]


@pytest.fixture
def world(moto: MotoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The pages' buckets, profiles of their names (`default` owns the destination), and a folder of its own."""
    config = tmp_path / "config"
    named = {"default": moto.dst, "profile raw": moto.src, "profile analytics": moto.dst}
    config.write_text("".join(_profile(name, account, moto) for name, account in named.items()), encoding="utf-8")
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    source, dest = moto.client(moto.src), moto.client(moto.dst)
    source.create_bucket(Bucket=SOURCE)
    dest.create_bucket(Bucket=DEST)
    dest.put_bucket_versioning(Bucket=DEST, VersioningConfiguration={"Status": "Enabled"})
    for key, body in SEEDED.items():
        source.put_object(Bucket=SOURCE, Key=key, Body=body)
    moto.age(SOURCE)
    yield World(moto, lambda: _empty(dest, DEST), lambda: set(_keys(dest, DEST)))
    for s3, bucket in ((source, SOURCE), (dest, DEST)):
        _empty(s3, bucket)
        s3.delete_bucket(Bucket=bucket)


def _keys(s3: Any, bucket: str) -> list[str]:
    return [row["Key"] for row in s3.list_objects_v2(Bucket=bucket).get("Contents", ())]


def _empty(s3: Any, bucket: str) -> None:
    rows = s3.list_object_versions(Bucket=bucket)
    for row in (*rows.get("Versions", ()), *rows.get("DeleteMarkers", ())):
        s3.delete_object(Bucket=bucket, Key=row["Key"], VersionId=row["VersionId"])


def _profile(name: str, account: Account, moto: MotoServer) -> str:
    return f"""[{name}]
aws_access_key_id = {account.access_key}
aws_secret_access_key = {account.secret_key}
aws_session_token = {account.session_token}
region = us-east-1
endpoint_url = {moto.endpoint_url}
"""
