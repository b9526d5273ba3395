"""One cluster and one S3 for all tests of this folder; a test that kills a worker costs the next one a new one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.airflow.connection_env import key_connection
from tests.celery import postgres, redis
from tests.celery.airflow_api import COUNTS
from tests.celery.cluster import SHORT, Cluster
from tests.celery.http_server import serving
from tests.celery.memory_s3_server import Lake
from tests.servers.debian import ensure_or_skip

HERE = Path(__file__).parent
WORKERS = 2
SHARDS, OBJECTS = (16, 50_000) if "SCALE_OUT_LARGE" in os.environ else (6, 6_000)
"""Of the lake. A shard has a thousand keys at least."""
LATENCY_S = 0.02
"""Of each answer: S3 has some, and without it a shard is over in half a second."""


@pytest.fixture(scope="package")
def _served_lake() -> Iterator[tuple[Lake, str]]:
    lake = Lake("raw", "landing")
    with serving(lake.answer, LATENCY_S) as endpoint_url:
        yield lake, endpoint_url


@pytest.fixture(scope="package")  # not of the session: it takes CPU from all tests after it
def _running_cluster(_served_lake: tuple[Lake, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    ensure_or_skip(postgres.POSTGRES)
    ensure_or_skip(redis.REDIS)
    endpoint_url = _served_lake[1]

    def connection(worker: str) -> Mapping[str, str]:
        """A key of each worker's own, by which the S3 tells them apart."""
        keys = {**json.loads(key_connection(endpoint_url)), "login": worker}
        return {"AIRFLOW_CONN_AWS_COPIER": json.dumps(keys)}

    home = tmp_path_factory.mktemp("celery")
    with Cluster.start(
        home,
        HERE / "dags",
        workers=WORKERS,
        patience=SHORT,
        env={"LAKE_SHARDS": str(SHARDS)},
        worker_env=connection,
    ) as cluster:
        yield cluster


@pytest.fixture
def cluster(_running_cluster: Cluster) -> Cluster:
    """Airflow with two Celery workers of two slots each."""
    while len(_running_cluster.workers) < WORKERS:
        _running_cluster.start_worker()
    return _running_cluster


@pytest.fixture
def lake(_served_lake: tuple[Lake, str]) -> Lake:
    """An S3 with the buckets `raw` and `landing`, the latter empty; a worker's name is its access key."""
    lake = _served_lake[0]
    lake.begin_anew("landing")
    return lake


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the tests told by `record_property(COUNTS, ...)`."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == COUNTS:
                terminalreporter.write_line(f"{report.nodeid.partition('::')[2]}: {value}")
