"""What one run of several did, as small JSON between tasks: the run's summary, and what only the others need of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import Failure, Reason
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.shard import key_range
from s3_crosscopy.model.tally import Tally

COUNTS = ("listed", *Tally.OUTCOMES, "bytes")
PUBLISHED = 0
"""The number of the run that copied the markers, in place of a shard's."""


@dataclass(frozen=True)
class Result:
    """The end of one run over `range`. `markers` are where the keys lie that it left to the publish task.

    `number` is the shard's, `PUBLISHED` for the markers. `began` is when the run did, by S3's clock. The rest is as in
    `Report`.
    """

    number: int
    range: KeyRange
    counts: Mapping[str, int]
    decisions: Mapping[str, int]
    verified_by: Mapping[str, int]
    throttled: int = 0
    seconds: float = 0.0
    failures: tuple[Failure, ...] = ()
    unproven: tuple[Failure, ...] = ()
    checked: int | None = None
    began: str = ""
    markers: tuple[KeyRange, ...] = ()
    samples: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    longest_stay_s: float = 0.0

    @property
    def whole(self) -> bool:
        """Whether everything arrived that it was for."""
        return not (self.counts["failed"] or self.counts["not_attempted"] or self.unproven)


def result_to_json(number: int, of: KeyRange, report: Report) -> dict[str, Any]:
    """The run's summary, as in the XCom of one task, and the rest beside it; without a dry run's plan, which is long.

    `from_json` reads it.
    """
    summary = {name: value for name, value in report.as_dict().items() if name != "plan"}
    markers = [list(one) for one in report.markers]
    # The whole copy has nothing only where each of its runs has: the others need not name what they left out.
    samples = {reason: list(keys) for reason, keys in report.samples.items()} if report.empty else {}
    ours = {"range": list(of), "began": report.began, "markers": markers, "samples": samples}
    return {"shard": number, **summary, **ours}


def from_json(said: object) -> Result:
    """What `result_to_json` made. Raises InvalidInput, one line, for anything else."""
    try:
        return _read(said)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            f"results: one is of another version of s3-crosscopy ({error}); clear the copy tasks and what follows them"
        ) from error


def _read(said: Any) -> Result:
    if not isinstance(said, Mapping):
        raise TypeError(f"a {type(said).__name__}")
    return Result(
        number=int(said["shard"]),
        range=key_range(said["range"]),
        counts={name: int(said[name]) for name in COUNTS},
        decisions=_counted(said["decisions"]),
        verified_by=_counted(said["verified_by"]),
        throttled=int(said["throttled"]),
        seconds=float(said["seconds"]),
        failures=_failures(said["failures"]),
        unproven=_failures(said["unproven"]),
        checked=None if said["checked"] is None else int(said["checked"]),
        began=str(said["began"]),
        markers=tuple(map(key_range, said["markers"])),
        samples={str(reason): tuple(map(str, keys)) for reason, keys in said.get("samples", {}).items()},
        longest_stay_s=_longest_stay_s(said.get("debug")),
    )


def _longest_stay_s(said: Any) -> float:
    """A debug figure: a result without it is as good."""
    return float(said.get("longest_stay_s", 0.0)) if isinstance(said, Mapping) else 0.0


def _counted(said: Mapping[str, Any]) -> dict[str, int]:
    return {str(name): int(number) for name, number in said.items()}


def _failures(said: Any) -> tuple[Failure, ...]:
    return tuple(Failure(**{**one, "reason": Reason(one["reason"])}) for one in said)
