"""What is timed, each as a process of its own: `python -m bench.clients NAME ENDPOINT` copies all keys of the front."""

from __future__ import annotations

import queue
import sys
import threading

CONCURRENCY = 64


def ours(endpoint: str) -> int:
    import boto3

    import s3_crosscopy
    from s3_crosscopy.adapters.sinks import NullSink

    session = boto3.Session("key", "secret", region_name="us-east-1")
    report = s3_crosscopy.copy(
        "s3://src/data/", "s3://dst/in/", session=session, endpoint_url=endpoint, sink=NullSink(),
        max_concurrency=CONCURRENCY,
    )  # fmt: skip
    return report.counts["copied"]


def plain_boto3(endpoint: str) -> int:
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

    threads = [threading.Thread(target=work) for _ in range(CONCURRENCY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return number


CLIENTS = {"s3-crosscopy": ours, "plain boto3": plain_boto3}

if __name__ == "__main__":
    print(CLIENTS[sys.argv[1]](sys.argv[2]))
