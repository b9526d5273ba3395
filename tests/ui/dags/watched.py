"""What the page is looked at with: a copy, one of two hundred mapped instances, and a DAG that copies nothing."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG

from s3_crosscopy.airflow import S3CrossAccountCopyOperator

ARGUMENTS = json.loads(os.environ.get("WATCHED_COPY", "{}"))
SHARDS = 200


def begin(_: Any) -> None:
    from s3_crosscopy.engine import checkpointer as saving

    # The page is waited for: ten seconds are long.
    saving.EVERY_S = 1.0


with DAG("watched", schedule=None):
    S3CrossAccountCopyOperator(
        task_id="copy",
        aws_conn_id="aws_copier",
        retries=2,
        retry_delay=timedelta(seconds=1),
        pre_execute=begin,
        **{"source": "s3://lake/events/", "dest": "s3://landing/copied/", **ARGUMENTS},
    )

with DAG("mapped", schedule=None):
    S3CrossAccountCopyOperator.partial(
        task_id="copy", aws_conn_id="aws_copier", source="s3://lake/events/", retries=2
    ).expand(dest=[f"s3://landing/copied/{number:03}/" for number in range(SHARDS)])

with DAG("idle", schedule=None):
    EmptyOperator(task_id="nothing")
