"""kill -9 of a real Airflow task, three times in one run: each retry goes on from the task state store."""

from __future__ import annotations

import json
import os
import random
import signal
import uuid
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from s3_crosscopy.airflow.checkpoint_store import KEY
from s3_crosscopy.model.checkpoint import CheckpointState, from_json
from tests.airflow.connection_env import key_connection
from tests.kill.harness import LEAST_REQUESTS, OPTIONS, Killed, Run, seed, wait_until_saved
from tests.kill.kill_proxy import Moment
from tests.servers.moto import MotoServer
from tests.servers.stub_server import StubServer
from tests.ui.airflow_site import Site

pytestmark = [pytest.mark.slow, pytest.mark.airflow, pytest.mark.xdist_group("airflow")]

KILLS = 3
TIMEOUT_S = 400.0


def test_a_task_killed_three_times_is_retried_and_ends_whole(
    airflow_site: Site, moto: MotoServer, stub: StubServer, tmp_path: Path
) -> None:
    name = uuid.uuid4().hex[:12]
    run = Run(moto, stub, seed(moto, f"src-{name}"), f"dst-{name}", tmp_path)
    dice = random.Random(3)
    pid_file = tmp_path / "pid"
    killed_pids = {""}  # also what is read while the file is written

    def another_task_runs() -> bool:
        return pid_file.read_text() not in killed_pids

    moments = [
        Moment(number, dice.random() < 0.5, ready=another_task_runs)
        for number in sorted(dice.sample(range(1, LEAST_REQUESTS), KILLS))
    ]
    given = {
        "pid_file": str(pid_file),
        "arguments": {"source": f"s3://{run.source.bucket}/p/", "dest": f"s3://{run.dest}/q/", **OPTIONS},
    }
    env = {"KILLED_COPY": json.dumps(given), "AIRFLOW_CONN_AWS_COPIER": key_connection(stub.endpoint_url)}

    def something_is_settled() -> bool:
        state = kept(airflow_site)
        return state is not None and state.counts["listed"] > 0

    # Else a fast task may be killed three times before its first save. The count may have passed this moment before the
    # third task began: then it is that task's first copy, because nothing is settled while its preflight waits.
    moments[-1] = moments[-1]._replace(operation="CopyObject", wait=partial(wait_until_saved, something_is_settled))

    def kill() -> None:
        pid = pid_file.read_text()
        killed_pids.add(pid)
        with suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
        # What the dead task may still write reaches the store as a newer state, of which more must be true.
        run.killed.append(Killed(run.wire.attempt, kept(airflow_site)))
        run.wire.attempt += 1
        run.wire.moment = next(left, None)

    left = iter(moments)
    run.wire.kill = kill
    run.wire.attempt = 1
    run.wire.moment = next(left)
    with airflow_site.scheduler(env):
        airflow_site.trigger("killed_copy", "killed", airflow_site.login("admin"))
        assert airflow_site.wait_for_the_end(TIMEOUT_S) == "success"

    assert airflow_site.airflow.last_task() == ("success", KILLS + 1)
    assert len(run.killed) == KILLS
    before = run.killed[-1].state
    assert before is not None
    assert before.counts["listed"] > 0
    run.counts = airflow_site.airflow.last_result()
    run.must_be_complete()
    run.must_not_have_copied_twice()
    state = kept(airflow_site)
    assert state is not None
    assert state.finished


def kept(site: Site) -> CheckpointState | None:
    """What the task state store holds for the task."""
    rows = site.sql("select value from task_state_store where key = ?", KEY)
    return from_json(json.loads(rows[0][0]))[0] if rows else None
