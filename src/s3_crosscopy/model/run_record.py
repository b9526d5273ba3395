"""The circumstances of a run, for its summary and its page: its time, its caller, its principals, its version."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Final, NamedTuple

from s3_crosscopy.model.version import VERSION

PYTHON: Final = "Python"
COMMAND: Final = "s3-crosscopy"
AIRFLOW: Final = "Airflow"


class TaskRun(NamedTuple):
    """One try of a task of Airflow. map_index: -1 for a task that is not mapped. try_number: from 1."""

    dag_id: str
    run_id: str
    task_id: str
    map_index: int = -1
    try_number: int = 1


class RunInfo(NamedTuple):
    """The circumstances of one run. Contains no secrets.

    by: the caller, such as `Airflow`, `s3-crosscopy` (the command) or `Python`. task: its try of a task, else None.
    copier, reader: the principals that signed the copies and read the source, as ARN if the preflight has named it,
      else as the connection or profile. report: place of the report, "" if there is none.
    started, ended: seconds since 1970, of this attempt. first_started: start of the first attempt by S3's clock, "" if
      this is the first one.
    """

    by: str = PYTHON
    task: TaskRun | None = None
    copier: str = ""
    reader: str = ""
    report: str = ""
    started: float = 0.0
    ended: float = 0.0
    first_started: str = ""
    version: str = VERSION

    def as_dict(self) -> dict[str, Any]:
        """Return small JSON; times are ISO 8601 in UTC. A text that is empty is left out."""
        values = {
            "started": iso_utc(self.started),
            "ended": iso_utc(self.ended),
            "first_started": self.first_started,
            "by": self.by,
            **(self.task._asdict() if self.task is not None else {}),
            "copier": self.copier,
            "reader": self.reader,
            "report": self.report,
            "version": self.version,
        }
        return {name: value for name, value in values.items() if value not in ("", None)}


BY_PYTHON: Final = RunInfo()


def iso_utc(seconds: float) -> str:
    """Return a time in seconds since 1970 as `2026-01-31T12:00:00Z`."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
