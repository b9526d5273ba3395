"""The cluster that the scale-out is tested on is a real one: two workers share the tasks, and one takes over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.celery.airflow_api import COUNTS
from tests.celery.cluster import Cluster, Run
from tests.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.airflow, pytest.mark.xdist_group("celery")]

TASKS = 6
SLOTS = 4
TIMEOUT_S = 400.0


class Gated:
    """A run of `gated` whose tasks wait for the gate."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self._began = folder / "began"
        self._began.mkdir()
        self._gate = folder / "gate"
        self._cluster = cluster
        self.run: Run = cluster.trigger("gated", {"began": str(self._began), "gate": str(self._gate)})

    def wait_until_every_slot_is_taken(self) -> None:
        wait_until(lambda: len(list(self._began.iterdir())) >= SLOTS, TIMEOUT_S, lambda: "the slots are not taken")

    def end(self) -> dict[str, int]:
        """Open the gate; how many tasks each worker ended."""
        self._gate.touch()
        assert self._cluster.wait_for_the_end(self.run, TIMEOUT_S) == "success"
        counts: dict[str, int] = self._cluster.api.result(*self.run, "count")
        return counts


def test_more_tasks_than_slots_are_shared_by_two_workers(
    cluster: Cluster, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    gated = Gated(cluster, tmp_path)
    gated.wait_until_every_slot_is_taken()

    counts = gated.end()

    record_property(COUNTS, counts)
    assert counts.keys() == cluster.workers.keys()
    assert sum(counts.values()) == TASKS
    tries = [one for one in cluster.api.tries(*gated.run) if one.task_id == "work"]
    assert {worker: [one.worker for one in tries].count(worker) for worker in counts} == counts


def test_the_tasks_of_a_killed_worker_come_back_on_the_other(
    cluster: Cluster, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    survivor, killed = cluster.workers
    gated = Gated(cluster, tmp_path)
    gated.wait_until_every_slot_is_taken()
    begun = {one.map_index for one in cluster.api.tries(*gated.run) if one.worker == killed}

    cluster.kill_worker(killed)
    counts = gated.end()

    record_property(COUNTS, counts)
    assert len(begun) == SLOTS // 2
    assert counts == {survivor: TASKS}
    tries = [one for one in cluster.api.tries(*gated.run) if one.task_id == "work"]
    assert {(one.map_index, one.number) for one in tries if one.worker == killed} == {(index, 1) for index in begun}
    assert {(one.map_index, one.state) for one in tries if one.worker == survivor and one.number == 2} == {
        (index, "success") for index in begun
    }
