"""The DAG of the demo: one task copies a prefix between two accounts, another one uses its summary."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, task

from s3_crosscopy.airflow import S3CrossAccountCopyOperator

with DAG("copy_between_two_accounts", schedule=None) as dag:
    copy_events = S3CrossAccountCopyOperator(
        task_id="copy_events",
        source="s3://acme-raw/events/",
        dest="s3://analytics-landing/copied/events/",
        aws_conn_id="aws_analytics",
        source_aws_conn_id="aws_raw",
        batch_size=500,
        # Low, so that the one object of 11 MiB goes in parts, and cut as its source was, so that its ETag stays.
        # (On S3 part_size may be left out: the source's own layout is found. moto does not tell it.)
        multipart_threshold="8MiB",
        part_size="5MiB",
        retries=1,
        retry_delay=timedelta(seconds=1),
    )

    @task
    def keep_summary(summary: dict[str, Any]) -> None:
        """What the copy task returned, where the demo finds it."""
        Path(os.environ["DEMO_SUMMARY"]).write_text(json.dumps(summary), encoding="utf-8")

    keep_summary(copy_events.output)
