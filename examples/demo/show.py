"""What the demo prints: its own steps, the task's log lines made readable, and the result."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from compare import Comparison

LINES = ("batch settled", "progress", "copy ended")
FIELDS = ("listed", "copied", "skipped", "failed", "bytes", "objects_per_second", "in_flight")


class Screen:
    """Prints with the seconds since the demo began; plain lines, so that they read the same in a CI log."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def seconds(self) -> float:
        return time.monotonic() - self._began

    def step(self, text: str) -> None:
        """The demo's own next step."""
        print(f"\n[{self.seconds():4.0f} s] {text}", flush=True)

    def say(self, text: str) -> None:
        """A detail of the step."""
        print(f"         {text}", flush=True)

    def row(self, row: Mapping[str, Any]) -> None:
        """A log line, if it is the copy task's own or tells of trouble; Airflow's many others are left out."""
        text = str(row.get("event", ""))
        ours = "s3_crosscopy" in str(row.get("logger", ""))
        if text in LINES:
            self._line(text, "  ".join(f"{name} {_number(row[name])}" for name in FIELDS if name in row))
        elif ours or row.get("level") in ("error", "critical"):
            self._line(str(row.get("level")), text)
            self._causes(row.get("exception"))

    def _causes(self, chain: Any) -> None:
        """What was raised; Airflow gives it as a list, the exception first and then its causes."""
        for error in chain if isinstance(chain, list) else ():
            self._line("", f"{error.get('exc_type')}: {error.get('exc_value')}")

    def _line(self, kind: str, text: str) -> None:
        print(f"[{self.seconds():4.0f} s]   {kind:<14} {text}", flush=True)


def _number(value: Any) -> str:
    return f"{value:,.0f}" if isinstance(value, (int, float)) else str(value)


def show_runs(runs: Sequence[Mapping[str, Any]]) -> None:
    """What each run did, by its own summary."""
    columns = ("copied", "skipped", "failed")
    print(f"\n{'':12}" + "".join(f"{name:>10}" for name in (*columns, "seconds")))
    for number, run in enumerate(runs, 1):
        counts = "".join(f"{run[name]:>10,}" for name in columns)
        print(f"run {number:<8}{counts}{run['seconds']:>10.1f}")
    verified = ", ".join(f"{count:,} by {comparison}" for comparison, count in runs[0]["verified_by"].items())
    print(f"verified in run 1: {verified}")


def show_comparison(found: Comparison) -> None:
    """What an independent look at both sides found."""
    listing, content = (("DIFFERENT" if some else "equal") for some in (found.listing, found.content))
    print("\nBoth sides compared by plain boto3, each with its own account's role:")
    print(f"  {found.keys:,} keys, sizes and ETags: {listing}")
    print(f"  {found.sampled} of them also by bytes, headers and metadata: {content}")
    print(f"  tags: {found.tags_kept} of {found.tagged} tagged objects in the sample kept theirs")
    print("    moto, the embedded S3, loses tags when one CopyObject crosses accounts; S3 itself keeps them.")
    print("    A copy in parts carries tags on its own: those of the large object " + _arrived(found.large_tags_equal))
    for difference in (*found.listing, *found.content):
        print(f"  DIFFERENT: {difference}")


def _arrived(equal: bool) -> str:
    return "arrived." if equal else "did NOT arrive."
