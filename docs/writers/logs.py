"""The page of log lines: each event as the sink writes it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import get_args

from docs.writers.table import code, page, summary_of, table

from s3_crosscopy.adapters.sinks import as_line
from s3_crosscopy.model import events
from s3_crosscopy.model.extraneous import Deletion, Extraneous
from s3_crosscopy.model.outcomes import Failure, Reason
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.tally import Tally

HEAD = """\
A run reports what it does as events: one for each batch, or one every five seconds, and never one for each object. In
Airflow an event is one line of the task's log, and its fields are fields of the line, both in the log file and in the
log API. In Python events are records of the logger `s3_crosscopy`, with the fields after the message as `name=value`.
The command shows them as a progress bar on a terminal, and as lines with `--verbose` or without a terminal.
`copy(sink=...)` gets the events themselves.

The last line sums up the run: `Done in 12.0 s: 1,200 copied (3.4 GiB), 40 skipped, 0 failed, verified by etag; report
at s3://...`. While the keys are still listed, `estimated_keys` and `eta_s` are estimates: they are made from the pages
that were listed so far, cost no request, and become better as the listing goes on.

Keys and servers' messages come from others. In log lines, errors and pages, each character that would control a
terminal, end a line or change its direction is written as an escape (`\\x1b`, `\\u202e`). `--json`, XCom and the
report's rows keep the key as it is. The user and the query of a URL are left out, and secrets that a run signs with
are shown as `***`.
"""

COUNTS = "the counts below"
_COUNTS = Tally().as_dict()
_EXTRANEOUS = Extraneous(3, deletion=Deletion(2, 0, 1))
_FAILURE = Failure("events/a.json", Reason.DENIED, "CopyObject", "AccessDenied", "Access Denied")

SAMPLES: tuple[events.Event, ...] = (
    events.RunStarted("SOURCE", "DEST", "prefix", "boto3", dry_run=False),
    events.Resumed(1000, 12.0),
    events.Preflighted("light", "arn:aws:iam::222222222222:role/copier", "arn:aws:iam::111111111111:role/reader"),
    events.Warned("(what should be known)"),
    events.KeyFailed(_FAILURE),
    events.PhaseStarted("retry", 3),
    events.Paused("S3 answers 503", 30.0),
    events.WentOn(95.0),
    events.BatchSettled(1, "events/a.json", _COUNTS),
    events.Progress(
        _COUNTS, 5.0, 100.0, 1e6, 64, 0, 64, paused="paused: S3 answers 503", estimated_keys=5000, eta_s=45.0
    ),
    events.RunEnded(Report("SOURCE", "DEST", _COUNTS, {}, {}, 0, 10.0, extraneous=_EXTRANEOUS)),
)
"""One of each kind."""


def logs_page() -> str:
    """The page docs/logs.md."""
    missing = set(get_args(events.Event)) - {type(one) for one in SAMPLES}
    if missing:
        raise AssertionError(f"logs_page needs a sample of {missing}")
    counts = ", ".join(code(name) for name in _COUNTS)
    return page(
        "Log lines",
        HEAD,
        table(("message", "level", "fields", "when"), map(_row, SAMPLES)),
        f"The counts: {counts}. `bytes` are those of the copied objects.\n",
    )


def _row(event: events.Event) -> Sequence[str]:
    level, message, fields = as_line(event)
    names = [code(name) for name in fields if name not in _COUNTS or isinstance(event, events.Resumed)]
    if len(names) < len(fields):
        names.append(COUNTS)
    return code(message), logging.getLevelName(level), ", ".join(names), summary_of(type(event))
