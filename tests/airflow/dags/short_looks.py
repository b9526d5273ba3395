"""A copy of what is new, whose state Airflow keeps with its asset."""

from __future__ import annotations

import os

from airflow.sdk import DAG, Asset

from s3_crosscopy.airflow import S3CrossAccountCopyOperator

with DAG("short_looks", schedule=None):
    S3CrossAccountCopyOperator(
        task_id="copy",
        source=os.environ.get("SHORT_LOOKS_SOURCE", "s3://src/p/"),
        dest=os.environ.get("SHORT_LOOKS_DEST", "s3://dst/q/"),
        aws_conn_id="aws_dst",
        source_aws_conn_id="aws_src",
        since="key",
        outlets=[Asset("short_looks", uri="s3://short-looks/q/")],
    )
