"""A task for each connection whose id is in the environment; all of them fail."""

from __future__ import annotations

import os
from datetime import datetime, timezone

from airflow.sdk import DAG

from s3_crosscopy.airflow import S3CrossAccountCopyOperator

with DAG("malformed", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=timezone.utc)) as dag:
    for conn_id in filter(None, os.environ.get("MALFORMED", "").split(",")):
        S3CrossAccountCopyOperator(
            task_id=conn_id, source="s3://aaa/in/", dest="s3://bbb/out/", aws_conn_id=conn_id, preflight="off"
        )
