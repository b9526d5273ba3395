"""A few mapped tasks that copy nothing: each says that it began, waits for the run's gate, and tells its worker.

The run's conf: `began`, a folder for a file of each task, and `gate`, the file that lets them go on.
"""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from airflow.sdk import DAG, get_current_context, task

TASKS = 6
"""More than there are slots."""
POLL_S = 0.05

with DAG(
    dag_id="gated",
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    is_paused_upon_creation=False,
):

    @task(retries=2, retry_delay=timedelta(0))
    def work(number: int) -> str:
        conf = get_current_context()["dag_run"].conf or {}
        Path(conf["began"], str(number)).touch()
        while not Path(conf["gate"]).exists():
            time.sleep(POLL_S)
        return os.environ["CLUSTER_WORKER"]

    @task
    def count(workers: Any) -> dict[str, int]:
        told: list[str] = list(workers)
        return {worker: told.count(worker) for worker in sorted(set(told))}

    count(work.expand(number=list(range(TASKS))))
