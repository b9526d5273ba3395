"""Copies to look at in the tab "S3 copy": held back to a few requests a second, so that there is time to look."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG

from s3_crosscopy.airflow import S3CrossAccountCopyOperator

SOURCE, DEST = "s3://acme-raw/events/", "s3://analytics-landing/watched"
DAYS = [f"dt=2026-11-{day:02}" for day in range(1, 13)]

COMMON = {
    "aws_conn_id": "aws_analytics",
    "source_aws_conn_id": "aws_raw",
    "overwrite": "always",
    "multipart_threshold": "8MiB",
    "part_size": "5MiB",
    "batch_size": 100,
    "retries": 2,
    "retry_delay": timedelta(seconds=2),
}

with DAG("watch_a_copy", schedule=None, doc_md=__doc__, tags=["s3", "example"]):
    S3CrossAccountCopyOperator(
        task_id="copy_events",
        source=SOURCE,
        dest=f"{DEST}/all/",
        report="s3://analytics-landing/reports/{{ run_id }}/",
        max_requests_per_second=30,
        **COMMON,
    )

with DAG("watch_a_mapped_copy", schedule=None, doc_md=__doc__, tags=["s3", "example"]):
    S3CrossAccountCopyOperator.partial(
        task_id="copy_a_day", max_requests_per_second=10, max_active_tis_per_dagrun=3, **COMMON
    ).expand_kwargs([{"source": f"{SOURCE}{day}/", "dest": f"{DEST}/days/{day}/"} for day in DAYS])
