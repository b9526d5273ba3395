"""A task that tells its process id, so that the test can kill it; what it copies is in $KILLED_COPY (JSON)."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from airflow.sdk import DAG

from s3_crosscopy.airflow import S3CrossAccountCopyOperator

NOTHING = '{"pid_file": "", "arguments": {"source": "s3://src/p/", "dest": "s3://dst/q/"}}'
GIVEN = json.loads(os.environ.get("KILLED_COPY", NOTHING))


def begin(_: Any) -> None:
    from s3_crosscopy.engine import checkpointer as saving

    # Ten seconds are longer than the whole copy.
    saving.EVERY_S = 0.3
    Path(GIVEN["pid_file"]).write_text(str(os.getpid()))


with DAG(
    dag_id="killed_copy",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    is_paused_upon_creation=False,
):
    S3CrossAccountCopyOperator(
        task_id="copy",
        aws_conn_id="aws_copier",
        retries=5,
        retry_delay=timedelta(0),
        pre_execute=begin,
        **GIVEN["arguments"],
    )
