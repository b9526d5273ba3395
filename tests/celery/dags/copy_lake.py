"""The copy of a lake in sixteen shards, between the two buckets of the tests' S3."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from airflow.sdk import DAG

from s3_crosscopy.airflow import S3CrossAccountCopyTaskGroup
from s3_crosscopy.engine import checkpointer as saving

# Ten seconds are longer than a whole shard.
saving.EVERY_S = 0.3

with DAG(
    dag_id="copy_lake",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    is_paused_upon_creation=False,
):
    S3CrossAccountCopyTaskGroup(
        group_id="copy_lake",
        pairs=[("s3://raw/lake/", "s3://landing/lake/")],
        shards=16,
        aws_conn_id="aws_copier",
        copy_last=["*/_SUCCESS"],
        task_kwargs={"retries": 3, "retry_delay": timedelta(0)},
    )
