"""Forks each `airflow` command from one process that has imported Airflow, which is most of what a command takes.

`python warm_commands.py PORT`: connects there, reads one JSON object a line (`arguments`, `environment`, `log`), and
answers with the exit code of each command. The other settings that Airflow reads while it is imported are this
process's.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
ROOT = str(Path(__file__).parents[2])


def main(port: int) -> int:
    sys.path[0] = ROOT
    _make_clients()
    del sys.path[0]
    with socket.create_connection(("127.0.0.1", port)) as connection, connection.makefile("rw") as lines:
        _import_airflow()
        for line in lines:
            pid = os.fork()
            if not pid:
                return _run(**json.loads(line))
            lines.write(f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n")
            lines.flush()
    return 0


def _import_airflow() -> None:
    """What `airflow dags test` and a copy import, the API that tasks talk to, and what is read once in a process."""
    import airflow.cli.commands.dag_command
    import airflow.providers.amazon.aws.hooks.s3
    import airflow.sdk.execution_time.task_runner  # noqa: F401
    import alembic.context  # noqa: F401
    from airflow.sdk.execution_time.supervisor import in_process_api_server
    from sqlalchemy.orm import configure_mappers

    import s3_crosscopy.airflow.task_group
    import s3_crosscopy.api.copying  # noqa: F401

    configure_mappers()

    # The API's versions, which are otherwise made at its first request.
    initialize = getattr(in_process_api_server().app, "_cadwyn_initialize", None)
    if initialize is not None:
        initialize()


def _make_clients() -> None:
    """Let the descriptions of the services be parsed once, not in each task."""
    import boto3

    from tests.servers.service_models import share_service_models

    share_service_models()
    for service in ("s3", "sts"):
        boto3.Session("key", "secret", region_name="us-east-1").client(service)


def _run(arguments: list[str], environment: dict[str, str], log: str) -> int:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    with open(log, "wb") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["airflow", *arguments]

    from airflow import settings
    from airflow.__main__ import main as airflow

    settings.configure_vars()  # type: ignore[no-untyped-call]  # the folder of DAGS
    airflow()  # type: ignore[no-untyped-call]
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
