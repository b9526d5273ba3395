"""Copies that keep an ETag index at a place that a template names: one by an operator, one in shards."""

from __future__ import annotations

from typing import Any

from airflow.sdk import DAG, Param

from s3_crosscopy.airflow import S3CrossAccountCopyOperator, S3CrossAccountCopyTaskGroup

PARAMS = {name: Param(f"s3://{name}/p/", type="string") for name in ("source", "dest", "indexes")}
# The preflight HEADs an object.
WHO: dict[str, Any] = {"aws_conn_id": "aws_dst", "source_aws_conn_id": "aws_src", "preflight": "off"}
PLACE = "{{ params.indexes }}/{{ dag.dag_id }}/"

with DAG("indexed", schedule=None, params=PARAMS):
    S3CrossAccountCopyOperator(
        task_id="copy", source="{{ params.source }}", dest="{{ params.dest }}", etag_index=PLACE, **WHO
    )

with DAG("indexed_shards", schedule=None, params=PARAMS):
    S3CrossAccountCopyTaskGroup(
        "lake", pairs=[("{{ params.source }}", "{{ params.dest }}")], shards=2, etag_index=PLACE, **WHO
    )
