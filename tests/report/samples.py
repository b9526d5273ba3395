"""Rows, reports and places for the tests of what is written and read back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from s3_crosscopy.model.report import Report
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.report.files import Files
from s3_crosscopy.report.report_writer import StoredReport

ETAG = "0" * 32
any_text = st.text(max_size=20)
any_seconds = st.integers(0, 10**9).map(lambda milliseconds: milliseconds / 1000)
any_rows = st.builds(
    ReportRow, st.text(min_size=1, max_size=40), any_text, st.sampled_from(Tally.OUTCOMES), any_text,
    st.integers(0, 2**50), any_text, any_text, any_text, any_text, any_text, any_text, any_seconds, any_seconds,
)  # fmt: skip


def copied(key: str, size: int = 1) -> ReportRow:
    return ReportRow(f"in/{key}", f"out/{key}", "copied", "absent", size, ETAG, "etag")


def failed(key: str) -> ReportRow:
    return ReportRow(
        f"in/{key}", f"out/{key}", "failed", "denied", 1, ETAG, "", "CopyObject", "AccessDenied", "no", "r1"
    )


def a_report(**counts: int) -> Report:
    tally = {**Tally().as_dict(), **counts}
    return Report("s3://src/in/", "s3://dst/out/", tally, {"absent": 1}, {"etag": 1}, throttled=0, seconds=2.0)


def write_segment(store: StoredReport, number: int, rows: Sequence[ReportRow]) -> None:
    segment = store.new_segment()
    segment.extend(rows)
    store.write_segment(number, segment)


def no_client(bucket: object) -> Any:
    raise AssertionError(f"nobody may ask for a client of {bucket}")


class Killed(BaseException):
    """The process ends here: nothing of ours may catch it."""


class Mortal:
    """Files that are written until the process dies: before write number `lives`, counted from 0."""

    def __init__(self, files: Files, lives: int) -> None:
        self._files = files
        self._lives = lives
        self.where, self.check, self.prepare, self.open = files.where, files.check, files.prepare, files.open

    def write(self, name: str, data: bytes) -> None:
        if self._lives == 0:
            raise Killed
        self._lives -= 1
        self._files.write(name, data)
