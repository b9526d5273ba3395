"""What a worker's tasks give as their host, in place of the one machine that all workers share."""

from __future__ import annotations

import os

VARIABLE = "CLUSTER_WORKER"
CALLABLE = f"{__name__}.worker_name"


def worker_name() -> str:
    """Airflow's `[core] hostname_callable`."""
    return os.environ.get(VARIABLE, "")
