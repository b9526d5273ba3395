"""The page of the data that a run writes: the rows of a report and the summary."""

from __future__ import annotations

import gzip
from collections.abc import Mapping

from docs.writers.table import code, page, table

from s3_crosscopy.model.report import FIRST_FAILURES, Report
from s3_crosscopy.model.report_row import NUMBERS, ReportRow
from s3_crosscopy.model.run_record import AIRFLOW, RunInfo, TaskRun
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.report.jsonl import to_lines

HEAD = """\
The rows of a [report](copy-rules.md#reports), JSON lines or Parquet, have these fields. A JSON line leaves out a
text that is empty and a time that is not known; Parquet has all columns.
"""

FIELDS: Mapping[str, str] = {
    "key": "the source key",
    "dest_key": "where the copy is, or would be",
    "outcome": "a name of the [counts](outcomes.md#counts)",
    "reason": "[why](outcomes.md)",
    "size": "bytes of the source object",
    "etag": "the source's ETag, as it was listed",
    "verified_by": "how the copy was [verified](outcomes.md#verification)",
    "call": "of a failure: the API operation",
    "code": "of a failure: S3's error code",
    "message": "of a failure: S3's message",
    "request_id": "of a failure: for AWS's support",
    "at_s": "when the object was done, in seconds of the run's own time",
    "took_s": "seconds from its first request until it was done",
    "marker": "version id of the delete marker of a key that was deleted",
}

SUMMARY: Mapping[str, str] = {
    "ok": "every object was tried, and no more failed than `max_failures` allows",
    "source": "where from",
    "dest": "where to",
    "dry_run": "nothing was written",
    "run": "[when the run was and who made it](#when-and-who)",
    **dict.fromkeys(("listed", *Tally.OUTCOMES), "objects; the first is the sum of the others"),
    "bytes": "of the copied objects; in a dry run, of those that would be copied",
    "decisions": "objects by [reason](outcomes.md#decisions)",
    "compared_by": "objects of equal size by what showed if they changed: `etag`, `checksum`, `time`, `index`"
    " or `since`",
    "verified_by": "copies by how they were [verified](outcomes.md#verification)",
    "etags_kept": "copies with their source's ETag; null without `preserve_etag`",
    "etags_not_kept": "the others, by [reason](outcomes.md#etags-that-are-not-kept); null without `preserve_etag`",
    "throttled": "requests that S3 throttled",
    "seconds": "wall time, earlier attempts of the run included",
    "objects_per_second": "copied objects by seconds",
    "failures": f"the first {FIRST_FAILURES} failed keys, each with reason, call, code, message and request id",
    "since": "[how far the run looked](only-new.md), and what the short way had missed; null without `since`",
    "extraneous": "[keys that only the destination has](mirror.md); null if the run did not look for them",
    "checked": 'how many objects `verification="listing"` compared; null without it',
    "unproven": f"the first {FIRST_FAILURES} of those that were not as they should be",
    "stopped": "why the run ended early, or empty",
    "denial": "what the doctor found after access was denied, or empty",
    "debug": "for debugging: `longest_stay_s`, the longest time in seconds without a look at the connections",
    "plan": "what the copy would do and cost; only for a dry run",
}

RUN: Mapping[str, str] = {
    "started": "start of this attempt: ISO 8601, in UTC",
    "ended": "its end",
    "first_started": "start of the first attempt by S3's clock, if this one resumed it",
    "by": "`Airflow`, `s3-crosscopy` (the command), or `Python`; `copy(caller=...)` gives another name",
    "dag_id": "the DAG",
    "run_id": "the DAG run",
    "task_id": "the task",
    "map_index": "the index of a mapped task, -1 for any other",
    "try_number": "the try, from 1",
    "copier": "who signed the copies: the ARN if the preflight knows it, else the connection or the profile",
    "reader": "who read the source, in the same way",
    "report": "where the report is",
    "version": "the version of s3-crosscopy",
}

WHEN_AND_WHO = """\
## When and who

`run` in the summary has these fields; those that mean nothing for a run are left out. The summary of a task group has
the start of its first shard, the end of its last one, and the try of the summary task.
"""

_ROW = ReportRow("events/a.json", "events/a.json", "copied", "new", 1048576, "d41d8cd98f00b204e9800998ecf8427e", "etag")


def report_rows_page() -> str:
    """The page docs/report-rows.md."""
    line = gzip.decompress(to_lines([_ROW._replace(at_s=1.25, took_s=0.031)])).decode()
    fields = ((code(name), NUMBERS.get(name, str).__name__, FIELDS[name]) for name in ReportRow._fields)
    task = TaskRun("dag", "run", "task")
    run = RunInfo(AIRFLOW, task, "copier", "reader", "report", first_started="2026").as_dict()
    names = (*Report("", "", Tally().as_dict(), {}, {}, 0, 0.0).as_dict(), "plan")
    return page(
        "Report rows and summary",
        HEAD,
        table(("field", "type", "holds"), fields),
        f"One line:\n\n```json\n{line}```\n",
        "## Summary\n\nWhat the task returns (its XCom), `--json` prints and `summary.json` holds:\n",
        table(("field", "holds"), ((code(name), SUMMARY[name]) for name in names)),
        WHEN_AND_WHO,
        table(("field", "holds"), ((code(name), RUN[name]) for name in run)),
    )
