"""Checks that a copy whose process is killed resumes: nothing is lost, and only what remains is copied."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from s3_crosscopy.errors import CrossCopyError
from s3_crosscopy.model.report import Report
from s3_crosscopy.selftest.bench import Bench, outcome_of
from s3_crosscopy.selftest.verdicts import Check

OBJECTS_TO_COPY = 16
TIMEOUT_S = 120
_SLOW = {"batch_size": 2, "max_concurrency": 2}


def put_for_resume(bench: Bench) -> None:
    """Write the small objects of the resumed copy."""
    for number in range(OBJECTS_TO_COPY):
        bench.writer.must("PutObject", Key=bench.writer.key(f"resume/{number:02}"), Body=f"{number}".encode())


def check_resume(bench: Bench) -> None:
    """Start a copy that kills itself, see that it is not complete, and resume it in this process."""
    put_for_resume(bench)
    with tempfile.TemporaryDirectory(prefix="s3-crosscopy-selftest-") as folder:
        options = {**_SLOW, "checkpoint": str(Path(folder) / "checkpoint")}
        killed = _killed(bench, options)
        before = _times(bench)
        check = Check("resume.killed", "a copy that is killed after two batches", "own-copies", "killed, some copied")
        some = "some copied" if 0 < len(before) < OBJECTS_TO_COPY else f"{len(before)} of {OBJECTS_TO_COPY} copied"
        bench.judge(check, f"{killed}, {some}")
        result = bench.copy("resume/", "resume/", **options)
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


def _killed(bench: Bench, options: dict[str, Any]) -> str:
    """Run the copy as a process of its own; returns how it ended."""
    arguments = {
        **bench.access, **options, "source": f"{bench.source.url}resume/", "dest": f"{bench.dest.url}resume/"
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "s3_crosscopy.selftest.killed_copy"],
        input=json.dumps(arguments),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    if done.returncode < 0:
        return "killed"
    last = done.stderr.strip().splitlines()[-1:] or ["no error"]
    return f"ended with {done.returncode} ({last[0]})"


def _times(bench: Bench) -> dict[str, object]:
    """Return when each copy was written."""
    page = bench.dest.must("ListObjectsV2", Prefix=bench.dest.key("resume/"))
    return {row["Key"]: row["LastModified"] for row in page.get("Contents", ())}
