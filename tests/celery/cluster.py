"""A real Airflow with the CeleryExecutor on this machine: PostgreSQL, redis, the three services, some workers.

Knows processes and settings; what ran where is asked of the REST API (`api.py`). Every process has a keeper: none
outlives the context, nor this process if it is killed.
"""

from __future__ import annotations

import itertools
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple, TypeAlias

from tests.airflow.airflow_home import AirflowHome, environment, foreign
from tests.celery import postgres, redis
from tests.celery import worker_names as naming
from tests.celery.airflow_api import ENDED, Api
from tests.servers.debian import ensure
from tests.servers.process_group import KeptProcess
from tests.servers.processes import free_port
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
START_TIMEOUT_S = 400.0
# What the worker of a name needs besides what all need.
WorkerEnv: TypeAlias = Callable[[str], Mapping[str, str]]


def _nothing_more(name: str) -> Mapping[str, str]:
    return {}


class Patience(NamedTuple):
    """How long a silent worker counts as alive.

    `heartbeat_s`: Airflow gives its running tasks to others after that; it beats three times as often.
    `visibility_s`: redis gives a message that the worker had not yet begun to others after that. Of a task that still
    runs by then, the second message is dropped when it finds the task running.
    """

    heartbeat_s: int
    visibility_s: int


# The defaults of Airflow and of its Celery provider.
DEFAULT = Patience(300, 86_400)
SHORT = Patience(15, 20)


class Run(NamedTuple):
    """A DAG run."""

    dag_id: str
    run_id: str


class Cluster:
    """Make one with `Cluster.start(...)`."""

    def __init__(self, home: Path, dags: Path, env: Mapping[str, str], concurrency: int, worker_env: WorkerEnv) -> None:
        inherited = {name: value for name, value in os.environ.items() if not foreign(name)}
        self.workers: dict[str, KeptProcess] = {}
        self._home = home
        self._dags = dags
        self._env = {**inherited, **environment(home, dags), **env}
        self._concurrency = concurrency
        self._worker_env = worker_env
        self._port = free_port()
        self._services: list[KeptProcess] = []
        self._numbers = itertools.count(1)
        self.api = Api(f"http://127.0.0.1:{self._port}")

    @classmethod
    @contextmanager
    def start(
        cls,
        home: Path,
        dags: Path,
        *,
        workers: int = 2,
        concurrency: int = 2,
        patience: Patience = DEFAULT,
        env: Mapping[str, str] | None = None,
        worker_env: WorkerEnv = _nothing_more,
    ) -> Iterator[Cluster]:
        """Everything up, the workers `w1`, `w2`, ... ready, with so many tasks at a time in each.

        `home` is an empty directory for logs, `env` what the DAGs and their connections need, `worker_env` what the
        worker of a name needs besides. Raises NotInstalled where PostgreSQL or redis cannot be had, and RuntimeError or
        AssertionError with the logs' ends where something does not come up.
        """
        for software in (postgres.POSTGRES, redis.REDIS):
            ensure(software)
        with ExitStack() as stack:
            database = stack.enter_context(postgres.running(home))
            broker = stack.enter_context(redis.running(home))
            cluster = cls(home, dags, env or {}, concurrency, worker_env)
            stack.callback(cluster._end)
            cluster._env |= _settings(database, broker, patience, cluster._port)
            # They need no database, so that they come up while it is made.
            for _ in range(workers):
                cluster._start_worker()
            cluster._start_services()
            yield cluster

    def start_worker(self) -> str:
        """One worker more, which takes tasks when this returns; its name, which no other had."""
        name = self._start_worker()
        self._wait_for_workers()
        return name

    def kill_worker(self, name: str) -> None:
        """kill -9 of a worker and of all that its tasks started."""
        self.workers.pop(name).kill()

    def trigger(self, dag_id: str, conf: Mapping[str, object] | None = None) -> Run:
        """Begin a run as soon as the DAG is known."""
        wait_until(lambda: self.api.has_dag(dag_id), START_TIMEOUT_S, lambda: self._told(f"no DAG {dag_id}"))
        return Run(dag_id, self.api.trigger(dag_id, dict(conf or {})))

    def wait_for_the_end(self, run: Run, timeout_s: float) -> str:
        """The run's last state."""
        wait_until(lambda: self.api.state(*run) in ENDED, timeout_s, lambda: self._told(f"{run} did not end"))
        return self.api.state(*run)

    def _start_services(self) -> None:
        ended = AirflowHome(self._home, self._dags).run("db", "migrate", env=self._env)
        assert ended.exit_code == 0, ended.output
        self._services = [
            self._airflow("api-server", "--host", "127.0.0.1", "--port", str(self._port)),
            self._airflow("scheduler"),
            # Finds the DAGs, and says which task instance a missed heartbeat was of.
            self._airflow("dag-processor"),
        ]
        wait_until(self.api.is_up, START_TIMEOUT_S, lambda: self._told("the API server did not come up"))
        self._wait_for_workers()

    def _start_worker(self) -> str:
        name = f"w{next(self._numbers)}"
        arguments = ("-H", f"{name}@%h", "-c", str(self._concurrency), "--skip-serve-logs")
        named = {naming.VARIABLE: name, "AIRFLOW__CORE__HOSTNAME_CALLABLE": naming.CALLABLE}
        env = {**named, **self._worker_env(name)}
        self.workers[name] = self._airflow("celery", "worker", *arguments, log=f"{name}.log", env=env)
        return name

    def _wait_for_workers(self) -> None:
        def ready() -> bool:
            return all(b" ready." in worker.log.read_bytes() for worker in self.workers.values())

        wait_until(ready, START_TIMEOUT_S, lambda: self._told("a worker did not come up"))

    def _airflow(self, *arguments: str, log: str = "", env: Mapping[str, str] | None = None) -> KeptProcess:
        command = [str(Path(sys.executable).with_name("airflow")), *arguments]
        return KeptProcess(command, self._home / (log or f"{arguments[0]}.log"), {**self._env, **(env or {})})

    def _end(self) -> None:
        # Nothing here outlives the test, so nothing is worth a clean shutdown.
        for process in [*self.workers.values(), *self._services]:
            process.kill()

    def _told(self, reason: str) -> str:
        ends = [f"{log.name}: {log.read_text(errors='replace')[-3000:]}" for log in sorted(self._home.glob("*.log"))]
        return "\n".join([reason, *ends])


def _settings(database: str, broker: str, patience: Patience, port: int) -> dict[str, str]:
    return {
        "PYTHONPATH": str(ROOT),  # for `naming`
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__MAX_ACTIVE_TASKS_PER_DAG": "64",
        "AIRFLOW__CELERY__BROKER_URL": f"{broker}/0",
        "AIRFLOW__CELERY__RESULT_BACKEND": f"{broker}/1",
        # Sends as many messages from the scheduler itself as it does with a pool of processes, on two cores.
        "AIRFLOW__CELERY__SYNC_PARALLELISM": "1",
        # A second is little on a machine that is also starting the rest.
        "AIRFLOW__CELERY__OPERATION_TIMEOUT": "30",
        "AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT": str(patience.visibility_s),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": database,
        "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": str(patience.heartbeat_s),
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": str(min(5, patience.heartbeat_s // 3)),
    }
