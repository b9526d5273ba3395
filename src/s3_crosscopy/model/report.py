"""The report of a run, as one value: returned by `copy()`, stored in XCom and printed by `--json`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from s3_crosscopy.model.approval import PlannedDeletes
from s3_crosscopy.model.extraneous import Extraneous
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import COMPARED_BY, FILTERED_BY_TIME, Failure
from s3_crosscopy.model.plan import Plan
from s3_crosscopy.model.run_record import RunInfo
from s3_crosscopy.model.since_result import SinceResult

FIRST_FAILURES = 20
"""Number of failures in a summary, which must be small for XCom and a log line."""


SHOWN_SAMPLES = 3
"""Number of keys shown for each reason if a run had nothing to copy."""


def allowed_failures(max_failures: int | str, listed: int) -> int:
    """Return the number of listed objects that may fail: `max_failures`, or its percentage (`1%`), rounded down."""
    if isinstance(max_failures, int):
        return max_failures
    return int(listed * float(max_failures.rstrip("%")) / 100)


@dataclass(frozen=True)
class Report:
    """Result of a run.

    counts: `listed` is the sum of the outcomes. seconds: wall time of all attempts.
    decisions: number of objects by reason for copying, skipping or filtering. verified_by: by way of verification.
    etags_not_kept: number of copies without their source's ETag, by reason; None without `preserve_etag`.
    checked: number of objects compared by the listing check, None if there was none.
    unproven: the first of those that did not match.
    stopped: reason why the run ended before everything was tried, or "".
    plan: requests and cost of the copy; of a dry run only, else None.
    began: start of the run in S3's time, "" if not known.
    markers: ranges of the keys that a shard leaves to the publish task.
    samples: first keys that were filtered, as globs see them, or missing, by reason; of this attempt only.
    extraneous: keys that only the destination has, None if the run did not look for them.
    planned_deletes: the deletes of a dry run, None if it has not judged any.
    since: how far a run with the option `since` looked, None without that option.
    run: when the run was and who made it, None if not known.
    longest_stay_s: for debugging, the longest time that the loop did not attend to its sockets; of this attempt only.
    """

    source: str
    dest: str
    counts: Mapping[str, int]
    decisions: Mapping[str, int]
    verified_by: Mapping[str, int]
    throttled: int
    seconds: float
    failures: tuple[Failure, ...] = ()
    retryable: bool = False
    stopped: str = ""
    denial: str = ""
    dry_run: bool = False
    max_failures: int | str = 0
    unproven: tuple[Failure, ...] = ()
    checked: int | None = None
    plan: Plan | None = None
    began: str = ""
    markers: tuple[KeyRange, ...] = ()
    samples: Mapping[str, Sequence[str]] = field(default_factory=dict)
    longest_stay_s: float = 0.0
    etags_not_kept: Mapping[str, int] | None = None
    extraneous: Extraneous | None = None
    planned_deletes: PlannedDeletes | None = None
    since: SinceResult | None = None
    run: RunInfo | None = None

    @property
    def etags_kept(self) -> int | None:
        """The number of copies with their source's ETag; None without `preserve_etag`."""
        return None if self.etags_not_kept is None else self.counts["copied"] - sum(self.etags_not_kept.values())

    @property
    def empty(self) -> bool:
        """True if there was nothing to copy: no object, or all are missing or excluded by globs and sizes.

        False if a time of modification excluded any, or only the last keys were listed, which are ordinary cases.
        """
        if self.since is not None and self.since.partial:
            return False
        counts = self.counts
        in_scope = counts["listed"] - counts["filtered"] - counts["missing"]
        return not in_scope and not self.decisions.get(FILTERED_BY_TIME)

    @property
    def ok(self) -> bool:
        """True if everything was tried, no more objects failed than allowed, and no delete failed or was refused."""
        return (
            not self.stopped
            and not self.unproven
            and self.counts["not_attempted"] == 0
            and self.counts["failed"] <= self.may_fail
            and (self.extraneous is None or self.extraneous.deletion is None or self.extraneous.deletion.ok)
        )

    @property
    def compared_by(self) -> Mapping[str, int]:
        """The number of objects of equal size by what showed if they changed, with the names of `COMPARED_BY`."""
        numbers = Counter[str]()
        for reason, number in self.decisions.items():
            if reason in COMPARED_BY:
                numbers[COMPARED_BY[reason]] += number
        return numbers

    @property
    def may_fail(self) -> int:
        """The number of objects that may fail."""
        return allowed_failures(self.max_failures, self.counts["listed"])

    def as_dict(self) -> dict[str, object]:
        """Return small JSON: the summary in XCom and of `--json`."""
        rate = self.counts["copied"] / self.seconds if self.seconds else 0.0
        return {
            "ok": self.ok,
            "source": self.source,
            "dest": self.dest,
            "dry_run": self.dry_run,
            "run": None if self.run is None else self.run.as_dict(),
            **self.counts,
            "decisions": dict(sorted(self.decisions.items())),
            "compared_by": dict(sorted(self.compared_by.items())),
            "verified_by": dict(sorted(self.verified_by.items())),
            "etags_kept": self.etags_kept,
            "etags_not_kept": None if self.etags_not_kept is None else dict(sorted(self.etags_not_kept.items())),
            "throttled": self.throttled,
            "seconds": round(self.seconds, 3),
            "objects_per_second": round(rate, 1),
            "failures": [failure.as_dict() for failure in self.failures],
            "extraneous": None if self.extraneous is None else self.extraneous.as_dict(),
            "since": None if self.since is None else self.since.as_dict(),
            "checked": self.checked,
            "unproven": [failure.as_dict() for failure in self.unproven],
            "stopped": self.stopped,
            "denial": self.denial,
            "debug": {"longest_stay_s": round(self.longest_stay_s, 3)},
            **({"plan": self.plan.as_dict()} if self.plan is not None else {}),
        }
