"""Runs copies that an alarm interrupts at a random moment, as Airflow's `execution_timeout` does; prints what came out.

Called with a server's URL, the data path, a seed and how many; the server answers every copy with a success.
"""

from __future__ import annotations

import json
import random
import signal
import sys
import threading
from collections import Counter
from typing import Any

from s3_crosscopy.adapters.clock import SystemClock
from s3_crosscopy.api import resolve_spec
from s3_crosscopy.engine.interruptible import Stop, interruptible
from s3_crosscopy.engine.run_config import Ports, RunConfig
from s3_crosscopy.engine.threads import ThreadTransport
from s3_crosscopy.engine.wiring import build_engine
from s3_crosscopy.model.objects import KeyRange
from tests.engine.harness import RecordingCheckpoint, RecordingSink
from tests.fast.transports import lane_over, port

LATEST_S = 0.3
SPEC = resolve_spec("s3://src/p/", "s3://dst/q/", {"batch_size": 10, "max_concurrency": 8})


class TimedOut(BaseException):
    """As Airflow's `AirflowTaskTimeout`, no Exception."""


def interrupted(url: str, path: str, after_s: float) -> str:
    """What one run ends with, and whether its state and its lane are in order."""
    side = port(url)
    lane = lane_over(side) if path == "fast" else ThreadTransport(side, side, 8)
    checkpoint = RecordingCheckpoint()
    ports = Ports(lane, side, side, SystemClock(), RecordingSink(), checkpoint, threading.Event())
    ended: list[int] = []

    def work(stop: Stop) -> None:
        engine = build_engine(RunConfig(SPEC, (KeyRange(),)), ports._replace(cancel=stop))
        stop.begin()
        try:
            engine.run()
        finally:
            ended.append(engine.parts.ledger.snapshot().committed.copied)

    def ring(*_: Any) -> None:
        raise TimedOut

    said = "no exception"
    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, after_s)
    try:
        interruptible(work)
    except BaseException as error:  # noqa: BLE001 - told
        said = type(error).__name__
    finally:
        lane.close(0)
    if ended and (not checkpoint.saved or checkpoint.saved[-1].counts["copied"] != ended[-1]):
        return f"{said}, not saved"
    return said if ended or after_s < LATEST_S else f"{said}, not ended"


def main(url: str, path: str, seed: str, number: str) -> None:
    rng = random.Random(int(seed))
    ends = Counter(interrupted(url, path, rng.uniform(0.001, LATEST_S)) for _ in range(int(number)))
    sys.stdout.write(json.dumps(ends))


if __name__ == "__main__":
    main(*sys.argv[1:])
