"""The row about scale-out: the same sharded copy by one Celery worker and by two, from its first copy to its last.

Each worker has one slot and each shard a fixed window, over a server with a fixed latency: what one worker does in a
second is known beforehand, and nothing but what Airflow puts between two shards can be lost. Airflow's own services
share the machine's cores with the workers, so that the row leaves none of them pinned.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.airflow.connection_env import key_connection
from tests.celery.cluster import Cluster
from tests.celery.http_server import serving
from tests.celery.memory_s3_server import Lake
from tests.servers.debian import NotInstalled

from bench.cases.case import Measured, figure
from bench.figures import spread
from bench.runner import Bench
from bench.timing import Failed

DAGS = Path(__file__).parents[1] / "dags"
SHARDS, QUICK_SHARDS, OBJECTS_A_SHARD, WINDOW = 24, 4, 1_000, 16
"""A shard is a page at least. At the latency below it takes 6 s, several times what a task costs to begin."""
LATENCY_S = 0.1
RUN_LIMIT_S = 400.0


def two_workers(bench: Bench) -> Measured:
    """How many times as fast two workers are as one, and what share of the copies each did."""
    took: dict[int, list[float]] = {1: [], 2: []}
    shares: list[float] = []
    lake = Lake("raw", "landing")
    shards = QUICK_SHARDS if bench.quick else SHARDS
    number = shards * OBJECTS_A_SHARD
    for each in range(number):
        lake.buckets["raw"].put(f"lake/part-{each:07d}.parquet", b"1")
    try:
        with _all_cores(), serving(lake.answer, LATENCY_S) as endpoint, _cluster(endpoint, shards) as cluster:
            for workers in (1, 2):
                if workers > 1:
                    cluster.start_worker()
                for each in range(bench.rounds(2)):
                    bench.tell(f"{number:,} objects in {shards} shards, {workers} Celery workers, round {each + 1}")
                    took[workers].append(_copy_s(cluster, lake, number))
                    done = Counter(one.client for one in lake.copied)
                    bench.tell(f"copies by worker: {dict(done)}")
                    if workers > 1:
                        shares.append(min(done.values()) / number if len(done) > 1 else 0.0)
    except (NotInstalled, RuntimeError, AssertionError) as error:
        raise Failed(str(error).splitlines()[0]) from error
    reached = spread(one / two for one, two in zip(took[1], took[2], strict=True))
    told = (
        figure("one worker: first copy to last", "s", took[1]),
        figure("two workers: first copy to last", "s", took[2]),
        figure("two workers: what the one with less to do copied", "share", shares),
    )
    return Measured({bench.transports[-1]: reached}, told)


def _copy_s(cluster: Cluster, lake: Lake, number: int) -> float:
    """Seconds from the first copy to the last, as the server saw them. Raises Failed."""
    lake.begin_anew("landing")
    run = cluster.trigger("copy_shards")
    state = cluster.wait_for_the_end(run, RUN_LIMIT_S)
    if state != "success" or len(lake.buckets["landing"].objects) != number:
        raise Failed(f"the run ended as {state} with {len(lake.buckets['landing'].objects):,} of {number:,} objects")
    moments = [one.at_s for one in lake.copied]
    return max(moments) - min(moments)


@contextmanager
def _cluster(endpoint: str, shards: int) -> Iterator[Cluster]:
    env = {"BENCH_SHARDS": str(shards), "BENCH_WINDOW": str(WINDOW)}

    def worker_env(name: str) -> dict[str, str]:
        """A key of each worker's own, by which the server tells them apart."""
        keys = {**json.loads(key_connection(endpoint)), "login": name}
        return {"AIRFLOW_CONN_AWS_COPIER": json.dumps(keys)}

    with (
        tempfile.TemporaryDirectory(prefix="s3-bench-celery-") as home,
        Cluster.start(Path(home), DAGS, workers=1, concurrency=1, env=env, worker_env=worker_env) as cluster,
    ):
        yield cluster


@contextmanager
def _all_cores() -> Iterator[None]:
    """Whatever is started in here may run anywhere."""
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        yield
    finally:
        os.sched_setaffinity(0, mine)
