"""One flat prefix in shards, with a fixed window in each; the number of shards and the window come from the row."""

from __future__ import annotations

import os
from datetime import datetime, timezone

from airflow.sdk import DAG

from s3_crosscopy.airflow import S3CrossAccountCopyTaskGroup

with DAG(
    dag_id="copy_shards",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    is_paused_upon_creation=False,
):
    S3CrossAccountCopyTaskGroup(
        group_id="copy_shards",
        source="s3://raw/lake/",
        dest="s3://landing/lake/",
        shards=int(os.environ["BENCH_SHARDS"]),
        max_concurrency=int(os.environ["BENCH_WINDOW"]),
        aws_conn_id="aws_copier",
        copy_last="off",
    )
