"""What one run of several did, as small JSON between tasks: its counts, and what only the others need of it.

A thousand of them are read twice, so what the other tasks know, and every count that is 0, is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import Failure, Reason
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.shards.shard import key_range

ALWAYS = ("listed", "copied", "bytes")
"""The counts that are told although they are 0: for people, and for the page of Airflow's UI."""
ANYWHERE = "anywhere"
"""In place of the intervals of the markers."""
PUBLISHED = 0
"""The number of the run that copied the markers, in place of a shard's."""


@dataclass(frozen=True)
class ShardResult:
    """The end of one run. `markers` are where the keys lie that it left to the publish task; None: anywhere in it.

    `number` is the shard's, `PUBLISHED` for the markers; `mark` tells which plan's shard. `began` is when the run did,
    by S3's clock. The rest is as in `Report`.
    """

    number: int
    mark: str
    counts: Mapping[str, int]
    decisions: Mapping[str, int]
    verified_by: Mapping[str, int]
    throttled: int = 0
    seconds: float = 0.0
    failures: tuple[Failure, ...] = ()
    unproven: tuple[Failure, ...] = ()
    checked: int | None = None
    began: str = ""
    markers: tuple[KeyRange, ...] | None = ()
    samples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    longest_stay_s: float = 0.0

    @property
    def whole(self) -> bool:
        """Whether everything arrived that it was for."""
        return not (self.counts["failed"] or self.counts["not_attempted"] or self.unproven)


def result_to_json(number: int, mark: str, report: Report) -> dict[str, Any]:
    """The run's counts, and what the tasks after it need. `from_json` reads it."""
    # The whole copy has nothing only where each of its runs has: the others need not name what they left out.
    samples = {reason: list(keys) for reason, keys in report.samples.items()} if report.empty else {}
    said = {
        **{name: number for name, number in report.counts.items() if number or name in ALWAYS},
        "decisions": dict(sorted(report.decisions.items())),
        "verified_by": dict(sorted(report.verified_by.items())),
        "throttled": report.throttled,
        "began": report.began,
        "failures": [failure.as_dict() for failure in report.failures],
        "unproven": [failure.as_dict() for failure in report.unproven],
        "markers": [list(one) for one in report.markers],
        "samples": samples,
        "longest_stay_s": round(report.longest_stay_s, 3),
    }
    told = {name: value for name, value in said.items() if value not in _NOTHING or name in ALWAYS}
    if report.checked is not None:
        told["checked"] = report.checked
    return {"shard": number, "mark": mark, "ok": report.ok, "seconds": round(report.seconds, 3), **told}


_NOTHING: tuple[Any, ...] = (0, "", [], {})


def from_json(said: object) -> ShardResult:
    """What `result_to_json` made. Raises InvalidInput, one line, for anything else."""
    try:
        return _read(said)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            f"results: one is of another version of s3-crosscopy ({error}); clear the copy tasks and what follows them"
        ) from error


def _read(said: Any) -> ShardResult:
    if not isinstance(said, Mapping):
        raise TypeError(f"a {type(said).__name__}")
    markers, checked = said.get("markers", ()), said.get("checked")
    return ShardResult(
        number=int(said["shard"]),
        mark=str(said["mark"]),
        counts={name: int(said[name] if name in ALWAYS else said.get(name, 0)) for name in Tally.COUNTS},
        decisions=_counted(said.get("decisions", {})),
        verified_by=_counted(said.get("verified_by", {})),
        throttled=int(said.get("throttled", 0)),
        seconds=float(said["seconds"]),
        failures=_failures(said.get("failures", ())),
        unproven=_failures(said.get("unproven", ())),
        checked=None if checked is None else int(checked),
        began=str(said.get("began", "")),
        markers=None if markers == ANYWHERE else tuple(map(key_range, markers)),
        samples={str(reason): tuple(map(str, keys)) for reason, keys in said.get("samples", {}).items()},
        longest_stay_s=float(said.get("longest_stay_s", 0.0)),
    )


def _counted(said: Mapping[str, Any]) -> dict[str, int]:
    return {str(name): int(number) for name, number in said.items()}


def _failures(said: Any) -> tuple[Failure, ...]:
    return tuple(Failure(**{**one, "reason": Reason(one["reason"])}) for one in said)
