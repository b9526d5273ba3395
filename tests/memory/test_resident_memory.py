"""Memory depends on the window and the batches, not on how many keys there are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from bench.canned_server import ensure_nginx, front

CHILD = Path(__file__).with_name("copy_process.py")
FEW, MANY = 10_000, int(os.environ.get("MEMORY_KEYS", "300000"))
"""`make soak` takes a million."""
MOST_GROWTH_KIB = 20_000
"""12,000 are of the window and the batches; an empty string for each of 300,000 keys would be 14,000 more."""
# So many that a million fit too, on a slow machine.
TIMEOUT_S = 500.0

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def nginx() -> None:
    """The canned listing needs nginx with Lua; CI has to have it, elsewhere somebody may not be root."""
    try:
        ensure_nginx()
    except (SystemExit, OSError, subprocess.CalledProcessError) as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no canned listing: {error}")


def measured(keys: int, folder: Path, arguments: Mapping[str, object]) -> dict[str, Any]:
    """What a child says about a copy of so many keys."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    with front(keys, cpu=0) as endpoint_url:
        given = {"endpoint_url": endpoint_url, "checkpoint": str(folder / f"{keys}.json"), **arguments}
        ended = subprocess.run(
            [sys.executable, str(CHILD), json.dumps(given)],
            env={**clean, "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/nonexistent"},
            capture_output=True,
            text=True,
            check=False,
            timeout=TIMEOUT_S,
        )
    assert ended.returncode == 0, ended.stderr
    said: dict[str, Any] = json.loads(ended.stdout)
    return said


@pytest.mark.parametrize(
    ("arguments", "outcome"),
    [
        pytest.param({"dest": "s3://empty/data/", "dry_run": True}, "would_copy", id="every key would be copied"),
        pytest.param({"dest": "s3://full/data/"}, "skipped", id="every key is there already"),
    ],
)
def test_many_keys_take_no_more_memory_than_ten_thousand(
    arguments: dict[str, object], outcome: str, tmp_path: Path
) -> None:
    both = {"source": "s3://src/data/", **arguments}
    few, many = (measured(keys, tmp_path, both) for keys in (FEW, MANY))

    assert (few["counts"]["listed"], few["counts"][outcome]) == (FEW, FEW)
    assert (many["counts"]["listed"], many["counts"][outcome]) == (MANY, MANY)
    growth = many["peak_kib"] - few["peak_kib"]
    assert growth < MOST_GROWTH_KIB, f"{few['peak_kib']:,} KiB became {many['peak_kib']:,} KiB"
