"""CPU per object of the whole process on the boto3 path, beside plain boto3 in threads. `make bench` runs it.

The cost of an object is the slope between two sizes, so that start-up does not hide in it; the two clients run in
turn, so that a machine that grows slower meets both; medians are quoted. Client and server have a core each.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys

from bench.canned import front
from bench.clients import CLIENTS

SMALL, LARGE = 1_000, 11_000
RUNS = 3
CLIENT_CPU, SERVER_CPU = 0, 1


def cpu_seconds(client: str, endpoint: str) -> float:
    """User and system time of one finished process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "bench.clients", client, endpoint]
    subprocess.run(
        command, check=True, stdout=subprocess.DEVNULL, preexec_fn=lambda: os.sched_setaffinity(0, {CLIENT_CPU})
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def measure() -> dict[str, dict[int, list[float]]]:
    times: dict[str, dict[int, list[float]]] = {name: {SMALL: [], LARGE: []} for name in CLIENTS}
    for size in (SMALL, LARGE):
        with front(size, SERVER_CPU) as endpoint:
            for _ in range(RUNS):
                for name in CLIENTS:
                    times[name][size].append(cpu_seconds(name, endpoint))
    return times


def main() -> None:
    if (os.cpu_count() or 1) < 2:
        raise SystemExit("bench: needs two cores, one for the client and one for the server")
    medians: dict[str, float] = {}
    for name, sizes in measure().items():
        slope = (statistics.median(sizes[LARGE]) - statistics.median(sizes[SMALL])) / (LARGE - SMALL)
        spread = (max(sizes[LARGE]) - min(sizes[LARGE])) / statistics.median(sizes[LARGE])
        medians[name] = slope
        start = statistics.median(sizes[SMALL]) - slope * SMALL
        print(f"{name:14} {slope * 1e6:7.0f} us CPU an object, {start:4.1f} s to start; spread {spread:.0%}")
    print(f"s3-crosscopy needs {medians['s3-crosscopy'] / medians['plain boto3']:.2f} of plain boto3's CPU an object")


if __name__ == "__main__":
    main()
