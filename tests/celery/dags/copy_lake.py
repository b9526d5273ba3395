"""The copy of a lake in shards, between the two buckets of the tests' S3. No shard begins before two workers have one.

The run's conf: `began`, a folder for a file of each worker that has a shard. $LAKE_SHARDS says how many shards.
"""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from airflow.sdk import DAG

from s3_crosscopy.airflow import S3CrossAccountCopyTaskGroup
from s3_crosscopy.engine import checkpointer as saving

# Ten seconds are longer than a whole shard.
saving.EVERY_S = 0.1
WORKERS = 2
POLL_S = 0.05


def begin(context: Any) -> None:
    if context["ti"].map_index < 0:
        return
    began = Path(context["dag_run"].conf["began"])
    (began / os.environ["CLUSTER_WORKER"]).touch()
    while len(list(began.iterdir())) < WORKERS:
        time.sleep(POLL_S)


with DAG(
    dag_id="copy_lake",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    is_paused_upon_creation=False,
):
    S3CrossAccountCopyTaskGroup(
        group_id="copy_lake",
        pairs=[("s3://raw/lake/", "s3://landing/lake/")],
        shards=int(os.environ.get("LAKE_SHARDS", "8")),
        aws_conn_id="aws_copier",
        copy_last=["*/_SUCCESS"],
        task_kwargs={"retries": 3, "retry_delay": timedelta(0), "pre_execute": begin},
    )
