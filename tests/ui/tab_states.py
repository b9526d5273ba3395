"""Every state of a copy that the tab tells apart, as what a task leaves in Airflow's database."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from s3_crosscopy.model.outcomes import Failure, Reason
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.run_record import AIRFLOW, RunInfo
from s3_crosscopy.model.tally import Tally
from tests.airflow.versions import STORES_TASK_STATE, WAITING_FOR_A_PERSON
from tests.ui.seeded_database import DEST, REPORT, RUN, SOURCE, left, stored

Statements = Iterator[tuple[object, ...]]
DENIED = (
    "the copier arn:aws:iam::222222222222:role/copier may not list s3://lake/events/ (s3:ListBucket, AccessDenied):"
    " the bucket policy of lake does not allow it"
)
WOULD_COPY = {"would_copy": 6_000, "bytes": 4_200_000_000}
PLAN = {
    "requests": [{"call": "CopyObject", "number": 6_000}, {"call": "ListObjectsV2", "number": 14}],
    "cost": {"amount": 0.03007, "bound": "at most", "currency": "USD"},
    "duration": {"seconds": 95.0, "requests_per_second": 64},
}


class TabState(NamedTuple):
    """A state: where the tab is (`browser_steps.AT`), the headline, words of the page, and the rows of the database.

    `stored_only`: it needs the task state store.
    """

    where: str
    headline: str
    words: tuple[str, ...]
    rows: Callable[[], Statements]
    stored_only: bool = False


def summary(copied: int, *, skipped: int = 0, failed: int = 0, **fields: Any) -> dict[str, Any]:
    counts = {**Tally().as_dict(), "listed": copied + skipped + failed, "copied": copied, "skipped": skipped}
    counts |= {"failed": failed, "bytes": copied * 700_000, **fields.pop("counts", {})}
    failures = tuple(
        Failure(
            f"events/day=0{at}/part-{at:05}.parquet", Reason.DENIED, "CopyObject", "AccessDenied", "Access Denied", "id"
        )
        for at in range(min(failed, 20))
    )
    verified = {"etag": copied - copied // 50, "checksum": copied // 50}
    run = RunInfo(AIRFLOW, report=REPORT)
    report = Report(SOURCE, DEST, counts, {"missing": copied}, verified, 3, 95.0, failures, run=run, **fields)
    return report.as_dict()


def one(state: str | None, **what: Any) -> Callable[[], Statements]:
    return lambda: left("watched", state, **what)


def kept(state: str, **what: Any) -> Callable[[], Statements]:
    return lambda: left("watched", state, kept=stored(6_000, **what))


NO_LIVE = "No progress is stored yet" if STORES_TASK_STATE else "Progress while a copy runs needs Airflow 3.3"
TWELVE = ("delete from task_instance where dag_id = 'mapped' and run_id = ? and map_index >= 12", RUN)
"""Of the two hundred instances twelve are enough here."""


def three_of_twelve() -> Statements:
    """Mapped over prefixes whose keys nobody has counted; three are done."""
    yield TWELVE
    for at in range(12):
        state = "success" if at < 3 else "running" if at < 6 else None
        places: dict[str, Any] = {"source": f"s3://lake/day={at:02}/", "dest": f"s3://landing/copied/{at:03}/"}
        done = {**summary(500), **places} if state == "success" else None
        running = stored(300, **places) if state == "running" else None
        yield from left("mapped", state, map_index=at, returned=done, kept=running)


def some_failed() -> Statements:
    yield TWELVE
    for at in range(12):
        end: Mapping[str, Any] | None = None
        if at in (2, 5, 7):
            end = {
                "why": DENIED if at != 5 else "stopped by request; a retry resumes from the last state",
                "summary": None,
            }
        state = "failed" if end else "success" if at < 9 else "skipped" if at < 11 else "upstream_failed"
        places: dict[str, Any] = {"source": f"s3://lake/day={at:02}/", "dest": f"s3://landing/copied/{at:03}/"}
        done = {**summary(500), **places} if state == "success" else None
        yield from left("mapped", state, map_index=at, returned=done, end=end)


STATES: dict[str, TabState] = {
    "waiting": TabState("task", "Waiting to start", (), one("queued")),
    "running without figures": TabState("task", "Copying", ("no figures yet", NO_LIVE), one("running")),
    "running without a total": TabState(
        "task", "Copying", ("6,900 objects", "not known"), kept("running", skipped=900), stored_only=True
    ),
    "running": TabState(
        "task",
        "Copying",
        ("6,010 of 10,000 objects", "6,000 copies verified"),
        kept(
            "running", failed=10, total_keys=10_000, failures=[["events/a.parquet", "denied"]], verified={"etag": 6_000}
        ),
        stored_only=True,
    ),
    "approval": TabState("task", "Waiting for approval", ("Answer the question",), one(WAITING_FOR_A_PERSON)),
    "next try": TabState(
        "task",
        "Waiting for its next try",
        ("stopped by request",),
        one("up_for_retry", end={"why": "stopped by request"}),
    ),
    "failed": TabState(
        "task",
        "Failed",
        ("134 of 6,134 objects were not copied", "Last 5 of 134 failed objects"),
        one("failed", end={"why": "134 of 6,134 objects were not copied", "summary": summary(6_000, failed=134)}),
    ),
    "failed before copying": TabState("task", "Failed", (DENIED, "no figures"), one("failed", end={"why": DENIED})),
    "killed": TabState("task", "Failed", ("The task's log tells why", "no figures"), one("failed")),
    "done": TabState(
        "task",
        "Done",
        ("All 6,000 copies verified", "5,880 by ETag, 120 by checksum"),
        one("success", returned=summary(6_000, skipped=900, checked=6_900)),
    ),
    "done with failed": TabState(
        "task",
        "Done with 134 failed",
        ("6,000 copies verified",),
        one("success", returned=summary(6_000, failed=134, max_failures=200)),
    ),
    "dry run": TabState(
        "task",
        "Dry run done: nothing was copied",
        ("6,000 objects of 6,900 would be copied", "6,014", "at most 0.03 USD"),
        one(
            "success",
            returned={
                **summary(0, skipped=900, dry_run=True, counts={"would_copy": 6_000, "bytes": 4_200_000_000}),
                "plan": PLAN,
            },
        ),
    ),
    "skipped": TabState(
        "task", "Skipped", ("nothing to copy",), one("skipped", end={"why": f"{SOURCE} has nothing to copy"})
    ),
    "not run": TabState("task", "Not run", (), one("upstream_failed")),
    "mapped without totals": TabState("mapped run", "Copying", ("3 of 12 tasks ended",), three_of_twelve),
    "mapped with failures": TabState(
        "mapped run", "Failed", (DENIED, "and 1 more", "stopped by request", "2 skipped"), some_failed
    ),
    "no copy": TabState("other run", "", ("This DAG run has no S3 copy task.",), lambda: iter(())),
}
SEEN = {name: state for name, state in STATES.items() if STORES_TASK_STATE or not state.stored_only}
