"""The shards of a lake on two real Celery workers copy all of it, and still do when one worker is killed.

Six shards of 6,000 objects, more than the workers take at once; `make soak` has sixteen of 50,000.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from s3_crosscopy.airflow.xcom_values import key_of
from s3_crosscopy.model.input_limits import PLANNED
from s3_crosscopy.model.packed_json import unpack
from s3_crosscopy.shards.plan_values import TOGETHER, unpacked
from tests.celery.airflow_api import COUNTS
from tests.celery.cluster import Cluster, Run
from tests.celery.conftest import OBJECTS, SHARDS
from tests.celery.memory_s3_server import Lake

pytestmark = [pytest.mark.slow, pytest.mark.airflow, pytest.mark.xdist_group("celery")]

DATES = 50
HELD_AFTER = OBJECTS // 10
"""Copies of one worker: its two slots are in their first shards then."""
CLEARED, GONE = 4, 7
TIMEOUT_S = 400.0


@pytest.fixture(scope="module")
def content() -> dict[str, bytes]:
    """Of each of so many dates the files, each with other bytes, and the marker that comes last."""
    each = OBJECTS // DATES
    return {
        f"lake/date=2026-{date // 28 + 1:02d}-{date % 28 + 1:02d}/{name}": f"{date}/{name}".encode()
        for date in range(DATES)
        for name in [*(f"part-{number:05d}.parquet" for number in range(each - 1)), "_SUCCESS"]
    }


@pytest.fixture
def full_lake(lake: Lake, content: dict[str, bytes]) -> Lake:
    for key, body in content.items():
        if key not in lake.buckets["raw"].objects:
            lake.buckets["raw"].put(key, body)
    return lake


def must_be_whole(lake: Lake, content: dict[str, bytes], cluster: Cluster, run: Run) -> None:
    """Everything arrived, once, the markers last, and the summary says so."""
    assert {key: stored.content for key, stored in lake.buckets["landing"].objects.items()} == content
    copied = [copy.key for copy in lake.copied]
    assert [key for key, times in Counter(copied).items() if times > 1] == []
    assert {key.rpartition("/")[2] for key in copied[-DATES:]} == {"_SUCCESS"}
    summary = cluster.api.result(*run, "copy_lake.summary")
    assert summary["ok"]
    assert summary["shards"] == SHARDS
    assert summary["listed"] == OBJECTS
    assert summary["copied"] + summary["skipped"] == OBJECTS


def test_shards_over_two_workers_copy_the_whole_lake(
    cluster: Cluster,
    full_lake: Lake,
    content: dict[str, bytes],
    record_property: Callable[[str, object], None],
    tmp_path: Path,
) -> None:
    run = cluster.trigger("copy_lake", {"began": str(tmp_path)})

    assert cluster.wait_for_the_end(run, TIMEOUT_S) == "success"

    must_be_whole(full_lake, content, cluster, run)
    shards = Counter(one.worker for one in cluster.api.tries(*run) if one.task_id == "copy_lake.copy")
    copies = Counter(copy.client for copy in full_lake.copied)
    record_property(COUNTS, f"shards {dict(shards)}, copies {dict(copies)}")
    assert shards.total() == SHARDS
    assert shards.keys() == copies.keys() == cluster.workers.keys()
    one_shard_cleared_must_run_alone(cluster, full_lake, content, run)


def one_shard_cleared_must_run_alone(cluster: Cluster, lake: Lake, content: dict[str, bytes], run: Run) -> None:
    """A few objects of one shard and a few of another are gone; only the former come back, and the sum is right."""
    packed = cluster.api.result(*run, "copy_lake.plan", key=key_of(CLEARED))
    after, end = unpacked([cast("list[object]", unpack(packed, PLANNED))])[CLEARED % TOGETHER].range
    assert end is not None
    own = [key for key in content if after < key <= end and not key.endswith("_SUCCESS")][:GONE]
    others = [key for key in content if not after < key <= end and not key.endswith("_SUCCESS")][:GONE]
    for key in (*own, *others):
        lake.buckets["landing"].remove(key)
    lake.copied.clear()

    cluster.api.clear(*run, "copy_lake.copy", CLEARED)

    assert cluster.wait_for_the_end(run, TIMEOUT_S) == "success"
    assert sorted(copy.key for copy in lake.copied) == sorted(own)
    summary = cluster.api.result(*run, "copy_lake.summary")
    assert summary["ok"]
    assert summary["listed"] == OBJECTS
    assert summary["copied"] + summary["skipped"] == OBJECTS
    tries = [one for one in cluster.api.tries(*run) if one.task_id == "copy_lake.copy"]
    assert Counter(one.map_index for one in tries) == {index: 2 if index == CLEARED else 1 for index in range(SHARDS)}


def test_the_shards_of_a_worker_killed_in_mid_copy_come_back_on_the_other(
    cluster: Cluster,
    full_lake: Lake,
    content: dict[str, bytes],
    record_property: Callable[[str, object], None],
    tmp_path: Path,
) -> None:
    survivor, killed = cluster.workers
    full_lake.hold(killed, HELD_AFTER)
    run = cluster.trigger("copy_lake", {"began": str(tmp_path)})
    assert full_lake.held.wait(TIMEOUT_S)
    cluster.kill_worker(killed)

    assert cluster.wait_for_the_end(run, TIMEOUT_S) == "success"

    must_be_whole(full_lake, content, cluster, run)
    tries = [one for one in cluster.api.tries(*run) if one.task_id == "copy_lake.copy"]
    record_property(COUNTS, f"copies {dict(Counter(copy.client for copy in full_lake.copied))}")
    lost = {one.map_index for one in tries if one.worker == killed and one.state != "success"}
    assert lost
    assert {one.map_index for one in tries if one.worker == survivor and one.state == "success"} >= lost
    assert {one.map_index for one in tries if one.state == "success"} == set(range(SHARDS))
