"""The peers in Python, a process each: `python -m bench.python_peers NAME ENDPOINT` copies all keys of the front."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading

CONCURRENCY = 64


def threads(endpoint: str) -> int:
    """What one writes without a tool: a paginator and threads around copy_object. No skip, no retry, no proof."""
    import boto3
    from botocore.config import Config

    session = boto3.Session("key", "secret", region_name="us-east-1")
    client = session.client("s3", endpoint_url=endpoint, config=Config(max_pool_connections=CONCURRENCY))
    pages = client.get_paginator("list_objects_v2").paginate(Bucket="src", Prefix="data/")
    keys: queue.SimpleQueue[str] = queue.SimpleQueue()
    for page in pages:
        for row in page.get("Contents", ()):
            keys.put(row["Key"])
    number = keys.qsize()

    def work() -> None:
        while True:
            try:
                key = keys.get_nowait()
            except queue.Empty:
                return
            client.copy_object(Bucket="dst", Key=f"in/{key}", CopySource={"Bucket": "src", "Key": key})

    workers = [threading.Thread(target=work) for _ in range(CONCURRENCY)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return number


def operator(endpoint: str) -> int:
    """Airflow's own operator, executed without a scheduler: import, hook, its serial loop."""
    extra = {"region_name": "us-east-1", "endpoint_url": endpoint}
    os.environ["AIRFLOW_CONN_AWS_DEFAULT"] = json.dumps(
        {"conn_type": "aws", "login": "key", "password": "secret", "extra": extra}
    )
    from airflow.providers.amazon.aws.operators.s3 import S3CopyPrefixOperator

    # The default sends ACL: private, which a bucket of another account refuses.
    task = S3CopyPrefixOperator(
        task_id="copy", source_bucket_prefix="s3://src/data/", dest_bucket_prefix="s3://dst/in/", acl_policy="no-acl"
    )
    task.execute({})
    return 0


CLIENTS = {"threads": threads, "operator": operator}

if __name__ == "__main__":
    print(CLIENTS[sys.argv[1]](sys.argv[2]))
