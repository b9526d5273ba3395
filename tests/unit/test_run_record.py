"""The circumstances of a run as JSON."""

from __future__ import annotations

from s3_crosscopy.model.run_record import AIRFLOW, BY_PYTHON, RunInfo, TaskRun
from s3_crosscopy.model.version import VERSION


def test_times_are_in_utc_and_what_is_not_known_is_left_out() -> None:
    assert RunInfo(started=1_767_225_600.4, ended=1_767_225_612.0).as_dict() == {
        "started": "2026-01-01T00:00:00Z",
        "ended": "2026-01-01T00:00:12Z",
        "by": "Python",
        "version": VERSION,
    }
    assert BY_PYTHON.by == "Python"


def test_a_task_is_named_with_its_try() -> None:
    info = RunInfo(AIRFLOW, TaskRun("dag", "run", "copy", 0, 2), "arn:c", "arn:r", "s3://r/", first_started="2026")
    values = info.as_dict()
    names = ("by", "dag_id", "run_id", "task_id", "map_index", "try_number", "copier", "reader", "report")
    assert [values[name] for name in names] == ["Airflow", "dag", "run", "copy", 0, 2, "arn:c", "arn:r", "s3://r/"]
    assert values["first_started"] == "2026"
