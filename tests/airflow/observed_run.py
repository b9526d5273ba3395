"""The DAGs of `dags/observed.py`, and what everybody heard of their run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from tests.airflow.airflow_home import AirflowHome
from tests.airflow.connection_env import role_connection
from tests.airflow.metric_receivers import Collector, Sent, Statsd
from tests.airflow.versions import DAGS_TEST_IS_TRUE
from tests.servers.moto import DST_ACCOUNT_ID, SRC_ACCOUNT_ID, MotoServer
from tests.ui.airflow_site import Site
from tests.waiting import wait_until

DAGS = Path(__file__).with_name("dags")
KEYS = 10
BYTES = sum(range(KEYS))
RUN_TIMEOUT_S = 400.0
RUN = "observed"
COLD_BYTES = 5
SOURCE, DEST = "s3://src-observed", "s3://dst-observed"


def world(moto: MotoServer) -> dict[str, str]:
    """Fill the source; the variables that the DAGs need."""
    source, dest = moto.client(moto.src), moto.client(moto.dst)
    source.create_bucket(Bucket=SOURCE.removeprefix("s3://"))
    dest.create_bucket(Bucket=DEST.removeprefix("s3://"))
    bucket = {"Bucket": SOURCE.removeprefix("s3://")}
    for number in range(KEYS):
        source.put_object(**bucket, Key=f"p/{number}", Body=b"x" * number)
    source.put_object(**bucket, Key="cold/thawed", Body=b"x" * COLD_BYTES)
    source.put_object(**bucket, Key="cold/frozen", Body=b"x", StorageClass="GLACIER")
    return {
        "AIRFLOW_CONN_AWS_SRC": role_connection(moto.endpoint_url, SRC_ACCOUNT_ID),
        "AIRFLOW_CONN_AWS_DST": role_connection(moto.endpoint_url, DST_ACCOUNT_ID),
        "OBSERVED_SOURCE": SOURCE,
        "OBSERVED_DEST": DEST,
    }


class Observed(NamedTuple):
    """One run of the DAG `observed`: what StatsD got, the lineage events, and the asset events."""

    metrics: list[Sent]
    lineage: list[dict[str, Any]]
    assets: dict[str, Any]

    def lineage_of(self, task: str, event_type: str) -> list[dict[str, Any]]:
        """The events of a task's instances."""
        name = f"observed.{task}"
        return [one for one in self.lineage if (one["job"]["name"], one["eventType"]) == (name, event_type)]


def observe(home: AirflowHome, site: Callable[[], Site], env: Mapping[str, str], folder: Path) -> Observed:
    """Let Airflow run the DAG: in `home`, or by the scheduler of a site where `dags test` is not what workers do."""
    lineage = folder / "lineage.jsonl"
    with Statsd.listening() as statsd:
        told = {
            "AIRFLOW__METRICS__STATSD_ON": "True",
            "AIRFLOW__METRICS__STATSD_HOST": "127.0.0.1",
            "AIRFLOW__METRICS__STATSD_PORT": str(statsd.port),
            # Of plain StatsD's lines tags are no part.
            "AIRFLOW__METRICS__STATSD_INFLUXDB_ENABLED": "True",
            # UDP loses what a slow reader has no room for.
            "AIRFLOW__METRICS__METRICS_ALLOW_LIST": "s3_crosscopy",
            "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(
                {"type": "file", "log_file_path": str(lineage), "append": True}
            ),
        }
        if DAGS_TEST_IS_TRUE:
            home.run("dags", "test", "observed", env={"AIRFLOW__CORE__DAGS_FOLDER": str(DAGS), **env, **told})
        else:
            home = site().airflow
            # The assets of its tasks have their names from the environment, and must be known before they run.
            site().reserialize(env)
            with _scheduled(site(), "observed", {**env, **told}):
                pass
    events = [json.loads(line) for line in lineage.read_text().splitlines()]
    rows = home.sql("select a.name, e.extra from asset_event e join asset a on a.id = e.asset_id")
    return Observed(statsd.sent(), events, {name: json.loads(extra) for name, extra in rows})


class Served(NamedTuple):
    """One run of the DAG `observed_slowly` by a scheduler: what a collector got, and the log by Airflow's log API."""

    metrics: list[Sent]
    log: list[dict[str, Any]]


def serve(site: Site, env: Mapping[str, str]) -> Served:
    """Let a scheduler run the DAG, its task in a process of its own, and ask for its log."""
    with Collector.listening() as collector:
        told = {
            "AIRFLOW__METRICS__OTEL_ON": "True",
            "AIRFLOW__METRICS__OTEL_HOST": "127.0.0.1",
            "AIRFLOW__METRICS__OTEL_PORT": str(collector.port),
        }
        with _scheduled(site, "observed_slowly", {**env, **told}):
            # The run's state is known before the task's process has ended, which tells the rest only then.
            wait_until(lambda: _has_ended(collector.sent()), RUN_TIMEOUT_S, lambda: f"no metrics\n{site.logs()}")
            wait_until(lambda: "Done in " in str(_log(site)), RUN_TIMEOUT_S, lambda: f"no log\n{site.logs()}")
            return Served(collector.sent(), _log(site))


@contextmanager
def _scheduled(site: Site, dag_id: str, env: Mapping[str, str]) -> Iterator[None]:
    """A DAG has run to its end; its scheduler still runs."""
    with site.scheduler(env):
        site.trigger(dag_id, RUN, site.login("admin"))
        site.wait_for_the_end(RUN_TIMEOUT_S)
        yield


def _has_ended(sent: Iterable[Sent]) -> bool:
    return any(metric.name == "runs" for metric in sent)


def _log(site: Site) -> list[dict[str, Any]]:
    path = f"/api/v2/dags/observed_slowly/dagRuns/{RUN}/taskInstances/copy/logs/1"
    log: list[dict[str, Any]] = site.get(path, site.login("admin")).json()["content"]
    return log


def total(sent: Iterable[Sent], name: str, **tags: str) -> float:
    """What a counter came to, over all that was sent with these tags."""
    return sum(one.value for one in sent if one.name == name and tags.items() <= one.tags.items())
