"""Copy a lake between two AWS accounts by all of Airflow's workers.

The keys are cut into shards of about equal size; each is a task of its own, with its own retries. `_SUCCESS` markers
are copied only when all shards are whole. A shard that failed is cleared with its downstream, and runs alone.

Two connections: `aws_analytics` signs every copy, `aws_raw` lists at the source. Where from and to, and in how many
shards, can be set when the DAG is triggered.
"""

from __future__ import annotations

from datetime import datetime, timezone

from airflow.sdk import DAG, Param

from s3_crosscopy.airflow import S3CrossAccountCopyTaskGroup

with DAG(
    dag_id="copy_lake_sharded",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    params={
        "source": Param("s3://acme-raw/lake/", type="string"),
        "dest": Param("s3://analytics-landing/lake/", type="string"),
        "shards": Param(64, type="integer", minimum=1),
    },
    doc_md=__doc__,
    tags=["s3", "example"],
):
    S3CrossAccountCopyTaskGroup(
        group_id="copy_lake",
        pairs=[("{{ params.source }}", "{{ params.dest }}")],
        shards="{{ params.shards }}",
        aws_conn_id="aws_analytics",  # signs every copy: must read the source and write the destination
        source_aws_conn_id="aws_raw",  # optional: lists, HEADs and reads tags at the source
        copy_last=["*/_SUCCESS"],
        max_requests_per_second=4000,  # of all shards together
        task_kwargs={"max_active_tis_per_dagrun": 8},  # and a pool, a queue, retries ...
    )
