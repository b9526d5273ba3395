"""Starts the copies that kill themselves, and resumes them in this process, whose requests are recorded."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from s3_crosscopy.api.call_arguments import request_of
from s3_crosscopy.api.copying import run_copy
from s3_crosscopy.engine.interruptible import Stop, interruptible
from s3_crosscopy.errors import CrossCopyError
from s3_crosscopy.model.report import Report
from s3_crosscopy.selftest.bench import Bench, Silent, result_of

TIMEOUT_S = 120
KILLED = "killed"


class CopyToKill(NamedTuple):
    """A copy below both prefixes, from `source` to `dest`, and the file of its checkpoint."""

    source: str
    dest: str
    checkpoint: str
    options: Mapping[str, Any]


def kill_copy(bench: Bench, copy: CopyToKill, moment: str) -> str:
    """Run the copy as a process of its own that kills itself at this moment; returns how it ended."""
    arguments = {
        "moment": moment,
        "source": bench.source.url + copy.source,
        "dest": bench.dest.url + copy.dest,
        "checkpoint": copy.checkpoint,
        "access": dict(bench.access),
        "options": dict(copy.options),
    }
    command = [sys.executable, "-m", "s3_crosscopy.selftest.killed_copy"]
    try:
        done = subprocess.run(
            command, input=json.dumps(arguments), capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"not killed within {TIMEOUT_S} s"
    except OSError as error:
        return f"not started ({error.strerror})"
    if done.returncode < 0:
        return KILLED
    last = done.stderr.strip().splitlines()[-1:] or ["no error"]
    return f"ended with {done.returncode} ({last[0]})"


class Sent(NamedTuple):
    """A request of a copy: the API operation and its parameters."""

    call: str
    params: Mapping[str, Any]


def resume_copy(bench: Bench, copy: CopyToKill) -> tuple[Report | CrossCopyError, list[Sent]]:
    """Run the copy again in this process; returns its report or error, and the copier's requests through boto3."""
    sent: list[Sent] = []

    def record(params: Mapping[str, Any], model: Any, **_: object) -> None:
        sent.append(Sent(model.name, params))

    def run(stop: Stop) -> Report:
        source, dest = bench.source.url + copy.source, bench.dest.url + copy.dest
        request = request_of(source, dest, copy.options, checkpoint=copy.checkpoint, sink=Silent(), **bench.access)
        request.copier.session.events.register("provide-client-params.s3", record)
        return run_copy(request._replace(cancel=stop))

    return result_of(partial(interruptible, run)), sent
