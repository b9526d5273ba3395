"""Copies that ask a person first. Each task's arguments are in the scheduler's environment."""

from __future__ import annotations

import json
import os

from airflow import __version__
from airflow.sdk import DAG

from s3_crosscopy.airflow import S3CrossAccountCopyOperator

# Below Airflow 3.1, where nobody can be asked, `approve` is an import error.
ASKS = tuple(map(int, __version__.split(".")[:2])) >= (3, 1)
COPIES = json.loads(os.environ.get("APPROVED_COPIES", "{}"))

with DAG("approved", schedule=None):
    for name in ("apply", "reject", "timeout", "changed"):
        S3CrossAccountCopyOperator(
            task_id=name,
            aws_conn_id="aws_copier",
            retries=1,
            approve="deletes" if ASKS else None,
            extraneous="delete",
            max_delete="100%",
            **{
                "source": "s3://lake/events/",
                "dest": "s3://landing/copied/",
                "report": "s3://reports/",
                **COPIES.get(name, {}),
            },
        )
