"""Checks that a copy whose process is killed resumes: nothing is lost, and only what remains is copied."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from s3_crosscopy.errors import CrossCopyError
from s3_crosscopy.model.report import Report
from s3_crosscopy.selftest.bench import Bench, outcome_of
from s3_crosscopy.selftest.killed_copy import AT_BATCH
from s3_crosscopy.selftest.killed_process import CopyToKill, kill_copy
from s3_crosscopy.selftest.verdicts import Check

OBJECTS_TO_COPY = 16
_SLOW = {"batch_size": 2, "max_concurrency": 2}


def put_for_resume(bench: Bench) -> None:
    """Write the small objects of the resumed copy."""
    for number in range(OBJECTS_TO_COPY):
        bench.writer.must("PutObject", Key=bench.writer.key(f"resume/{number:02}"), Body=f"{number}".encode())


def check_resume(bench: Bench) -> None:
    """Start a copy that kills itself, see that it is not complete, and resume it in this process."""
    put_for_resume(bench)
    with tempfile.TemporaryDirectory(prefix="s3-crosscopy-selftest-") as folder:
        checkpoint = str(Path(folder) / "checkpoint")
        killed = kill_copy(bench, CopyToKill("resume/", "resume/", checkpoint, _SLOW), AT_BATCH)
        before = _times(bench)
        check = Check("resume.killed", "a copy that is killed after two batches", "own-copies", "killed, some copied")
        some = "some copied" if 0 < len(before) < OBJECTS_TO_COPY else f"{len(before)} of {OBJECTS_TO_COPY} copied"
        bench.judge(check, f"{killed}, {some}")
        result = bench.copy("resume/", "resume/", checkpoint=checkpoint, **_SLOW)
    _judge_resumed(bench, before, result, _times(bench))


def _judge_resumed(
    bench: Bench, before: Mapping[str, object], result: Report | CrossCopyError, after: Mapping[str, object]
) -> None:
    """Judge that nothing failed, everything is there, and what was there already was not written again."""
    resumed = Check("resume.resumed", "the same copy again, with its checkpoint", "own-copies", "nothing failed")
    ended_well = isinstance(result, Report) and result.ok
    bench.judge(resumed, "nothing failed" if ended_well else outcome_of(result))
    complete = Check("resume.complete", "objects that are there then", "own-copies", f"{OBJECTS_TO_COPY} objects")
    bench.judge(complete, f"{len(after)} objects")
    again = sum(after.get(key) != time for key, time in before.items())
    once = Check("resume.once", "objects that were copied twice", "own-copies", "none")
    bench.judge(once, f"{again} of {len(before)}" if again else "none")


def _times(bench: Bench) -> dict[str, object]:
    """Return when each copy was written."""
    page = bench.dest.must("ListObjectsV2", Prefix=bench.dest.key("resume/"))
    return {row["Key"]: row["LastModified"] for row in page.get("Contents", ())}
