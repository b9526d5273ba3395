"""What metrics, lineage, asset events and logs are looked at with: copies of every end, a group, and a slow copy."""

from __future__ import annotations

import os
from typing import Any

from airflow.sdk import DAG, Asset

from s3_crosscopy.airflow import S3CrossAccountCopyOperator, S3CrossAccountCopyTaskGroup

SOURCE, DEST = os.environ.get("OBSERVED_SOURCE", "s3://src"), os.environ.get("OBSERVED_DEST", "s3://dst")
WHO: dict[str, Any] = {"aws_conn_id": "aws_dst", "source_aws_conn_id": "aws_src"}

with DAG("observed", schedule=None):
    S3CrossAccountCopyOperator(
        task_id="copy",
        source=f"{SOURCE}/p/",
        dest=f"{DEST}/q/",
        batch_size=4,
        report=f"{DEST}/reports/",
        outlets=[Asset(name="copied", uri=f"{DEST}/q/")],
        **WHO,
    )
    S3CrossAccountCopyOperator(
        task_id="rehearse",
        source=f"{SOURCE}/p/",
        dest=f"{DEST}/rehearsed/",
        dry_run=True,
        outlets=[Asset(name="rehearsed", uri=f"{DEST}/rehearsed/")],
        **WHO,
    )
    S3CrossAccountCopyOperator(
        task_id="fail",
        source=f"{SOURCE}/cold/",
        dest=f"{DEST}/thawed/",
        outlets=[Asset(name="thawed", uri=f"{DEST}/thawed/")],
        **WHO,
    )
    S3CrossAccountCopyTaskGroup(
        "lake",
        pairs=[(f"{SOURCE}/p/", f"{DEST}/lake/"), (f"{SOURCE}/p/1", f"{DEST}/one")],
        shards=2,
        copy_last="9",
        task_kwargs={"retries": 0, "outlets": [Asset(name="lake", uri=f"{DEST}/lake/")]},
        **WHO,
    )

with DAG("observed_slowly", schedule=None):
    S3CrossAccountCopyOperator(
        task_id="copy", source=f"{SOURCE}/p/", dest=f"{DEST}/slowly/", max_requests_per_second=2, **WHO
    )
