"""Copy one day of events from the bucket of one AWS account to that of another.

Two connections, made in Airflow or given as AIRFLOW_CONN_AWS_ANALYTICS and AIRFLOW_CONN_AWS_RAW: the first signs every
copy, so it must read the source and write the destination; the second lists and HEADs at the source.

Source and destination can be set when the DAG is triggered: `--conf '{"source": "s3://...", "dest": "s3://..."}'`.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from airflow.sdk import DAG, Param

from s3_crosscopy.airflow import S3CrossAccountCopyOperator

with DAG(
    dag_id="copy_between_accounts",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    params={
        "source": Param("s3://acme-raw/events/", type="string"),
        "dest": Param("s3://analytics-landing/events/", type="string"),
    },
    doc_md=__doc__,
    tags=["s3", "example"],
):
    S3CrossAccountCopyOperator(
        task_id="copy_events",
        source="{{ params.source }}",
        dest="{{ params.dest }}",
        aws_conn_id="aws_analytics",  # signs every copy: must read the source and write the destination
        source_aws_conn_id="aws_raw",  # optional: lists, HEADs and reads tags at the source
        retries=3,
        retry_delay=timedelta(seconds=5),
        retry_exponential_backoff=True,
    )
