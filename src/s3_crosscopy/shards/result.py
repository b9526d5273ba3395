"""The result of one shard, as small JSON between tasks: its counts, and the values that the other tasks need.

A thousand results are read twice, so values that the other tasks know, and counts of 0, are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.extraneous import Extraneous, extraneous_of, extraneous_to_json
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import Failure, Reason
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.shards.shard import key_range

ALWAYS = ("listed", "copied", "bytes")
"""The counts that are written even if they are 0: for people, and for the tab in Airflow's UI."""
ANYWHERE = "anywhere"
"""Stands for the intervals of the markers if they are not known."""
FIRST = 1
"""Number of the first shard, whose result names the principals."""
PUBLISHED = 0
"""Number of the publish task's result, in place of a shard's number."""


@dataclass(frozen=True)
class ShardResult:
    """The result of one run.

    `number` is that of the shard, or `PUBLISHED`; `mark` identifies the shard of one plan. `markers` are the intervals
    with the keys that the run left to the publish task, None: they may be anywhere in the shard's range. `began` is the
    start of the run by S3's clock, `ended` its end in seconds since 1970, 0 if not known. `principals` has their
    names; only in the result of the first shard, because all have the same. The other fields are those of
    `Report`.
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
    etags_not_kept: Mapping[str, int] | None = None
    extraneous: Extraneous | None = None
    ended: int = 0
    principals: Mapping[str, str] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """True if every key that the run was for arrived."""
        return not (self.counts["failed"] or self.counts["not_attempted"] or self.unproven)


def result_to_json(number: int, mark: str, report: Report) -> dict[str, Any]:
    """The run's counts and the values that downstream tasks need, as JSON that `from_json` reads."""
    # Samples explain an empty copy, and a copy is empty only if each of its runs is.
    samples = {reason: list(keys) for reason, keys in report.samples.items()} if report.empty else {}
    values = {
        **{name: number for name, number in report.counts.items() if number or name in ALWAYS},
        "decisions": dict(sorted(report.decisions.items())),
        "verified_by": dict(sorted(report.verified_by.items())),
        "throttled": report.throttled,
        "began": report.began,
        "failures": [failure.as_dict() for failure in report.failures],
        "unproven": [failure.as_dict() for failure in report.unproven],
        "markers": [list(interval) for interval in report.markers],
        "samples": samples,
        "longest_stay_s": round(report.longest_stay_s, 3),
        "ended": 0 if report.run is None else round(report.run.ended),
        "principals": _principals(report) if number == FIRST else {},
    }
    written = {name: value for name, value in values.items() if value not in _NOTHING or name in ALWAYS}
    if report.checked is not None:
        written["checked"] = report.checked
    if report.etags_not_kept is not None:
        written["etags_not_kept"] = dict(sorted(report.etags_not_kept.items()))
    if report.extraneous is not None:
        written["extraneous"] = extraneous_to_json(report.extraneous)
    return {"shard": number, "mark": mark, "ok": report.ok, "seconds": round(report.seconds, 3), **written}


def _principals(report: Report) -> dict[str, str]:
    return {} if report.run is None else {"copier": report.run.copier, "reader": report.run.reader}


_NOTHING: tuple[Any, ...] = (0, "", [], {})


def from_json(raw: object) -> ShardResult:
    """Read the JSON of `result_to_json`. Raises InvalidInput, one line, for anything else."""
    try:
        return _read(raw)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            f"results: one is of another version of s3-crosscopy ({error}); clear the copy tasks and what follows them"
        ) from error


def _read(raw: Any) -> ShardResult:
    if not isinstance(raw, Mapping):
        raise TypeError(f"a {type(raw).__name__}")
    markers, checked, lost = raw.get("markers", ()), raw.get("checked"), raw.get("etags_not_kept")
    return ShardResult(
        number=int(raw["shard"]),
        mark=str(raw["mark"]),
        counts={name: int(raw[name] if name in ALWAYS else raw.get(name, 0)) for name in Tally.COUNTS},
        decisions=_counted(raw.get("decisions", {})),
        verified_by=_counted(raw.get("verified_by", {})),
        throttled=int(raw.get("throttled", 0)),
        seconds=float(raw["seconds"]),
        failures=_failures(raw.get("failures", ())),
        unproven=_failures(raw.get("unproven", ())),
        checked=None if checked is None else int(checked),
        began=str(raw.get("began", "")),
        markers=None if markers == ANYWHERE else tuple(map(key_range, markers)),
        samples={str(reason): tuple(map(str, keys)) for reason, keys in raw.get("samples", {}).items()},
        longest_stay_s=float(raw.get("longest_stay_s", 0.0)),
        etags_not_kept=None if lost is None else _counted(lost),
        extraneous=extraneous_of(raw.get("extraneous")),
        ended=int(raw.get("ended", 0)),
        principals={str(name): str(value) for name, value in raw.get("principals", {}).items()},
    )


def _counted(raw: Mapping[str, Any]) -> dict[str, int]:
    return {str(name): int(number) for name, number in raw.items()}


def _failures(raw: Any) -> tuple[Failure, ...]:
    return tuple(Failure(**{**failure, "reason": Reason(failure["reason"])}) for failure in raw)
