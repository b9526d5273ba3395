"""What a run did, as one value: what `copy()` returns, XCom keeps and `--json` prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import FILTERED_BY_TIME, Failure
from s3_crosscopy.model.plan import Plan

FIRST_FAILURES = 20
"""How many failures a summary names: XCom and a log line are no place for a million keys."""


SHOWN_SAMPLES = 3
"""How many of the keys that were left out are named for each reason, where nothing was left."""


def allowed_failures(max_failures: int | str, listed: int) -> int:
    """How many of the listed objects may fail: a number, or a share of them such as `1%`, rounded down."""
    if isinstance(max_failures, int):
        return max_failures
    return int(listed * float(max_failures.rstrip("%")) / 100)


@dataclass(frozen=True)
class Report:
    """The end of a run. `counts` obey listed = the sum of the outcomes; `seconds` are wall time.

    `decisions` counts each reason for copying, skipping or filtering; `verified_by` says what proves the copies;
    `checked` is how many objects a listing at the end compared (None: there was none), `unproven` the first of those
    that it did not find as they should be. `stopped` is why the run ended before everything was tried, or "". `plan` is
    what the copy would do and cost; only a dry run has one. `began` is when the run did, by S3's clock ("": it told
    none); `markers` are where the keys lie that one shard of several left to the publish task. `samples` are the first
    keys that were filtered out, as a glob sees them, and that were missing, by reason: of this attempt alone.
    `longest_stay_s`, a debug figure: how long the loop was away from its sockets at most, in this attempt.
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

    @property
    def empty(self) -> bool:
        """Tells whether there was nothing to copy: no object, none that globs and sizes leave, or only missing ones.

        One that only its time left out passed them, and makes it an ordinary day.
        """
        counts = self.counts
        left_over = counts["listed"] - counts["filtered"] - counts["missing"]
        return not left_over and not self.decisions.get(FILTERED_BY_TIME)

    @property
    def ok(self) -> bool:
        """Whether everything was tried and no more failed than allowed."""
        return (
            not self.stopped
            and not self.unproven
            and self.counts["not_attempted"] == 0
            and self.counts["failed"] <= self.may_fail
        )

    @property
    def may_fail(self) -> int:
        """How many objects may fail."""
        return allowed_failures(self.max_failures, self.counts["listed"])

    def as_dict(self) -> dict[str, object]:
        """Small JSON: the summary in XCom and of `--json`."""
        rate = self.counts["copied"] / self.seconds if self.seconds else 0.0
        return {
            "ok": self.ok,
            "source": self.source,
            "dest": self.dest,
            "dry_run": self.dry_run,
            **self.counts,
            "decisions": dict(sorted(self.decisions.items())),
            "verified_by": dict(sorted(self.verified_by.items())),
            "throttled": self.throttled,
            "seconds": round(self.seconds, 3),
            "objects_per_second": round(rate, 1),
            "failures": [failure.as_dict() for failure in self.failures],
            "checked": self.checked,
            "unproven": [failure.as_dict() for failure in self.unproven],
            "stopped": self.stopped,
            "denial": self.denial,
            "debug": {"longest_stay_s": round(self.longest_stay_s, 3)},
            **({"plan": self.plan.as_dict()} if self.plan is not None else {}),
        }
