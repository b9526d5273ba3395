"""Run one command whose whole family ends with it: `python -I keeper.py COMMAND...`. Linux only.

For Airflow's scheduler, which forks workers that fork tasks in process groups of their own. What loses its parent
becomes this process's child (PR_SET_CHILD_SUBREAPER). When standard input is closed, as the kernel does when the test
process dies, or when the command ends, everything that is left is killed.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
POLL_S = 0.5
GRACE_S = 8.0


def children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def family(pid: int) -> list[int]:
    """All descendants."""
    found = children(pid)
    return [*found, *(one for child in found for one in family(child))]


def main(command: list[str]) -> int:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    while process.poll() is None:
        if select.select([0], [], [], POLL_S)[0]:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_S)
            break
    deadline = time.monotonic() + GRACE_S
    while (left := family(os.getpid())) and time.monotonic() < deadline:
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)
        time.sleep(0.01)
    return process.returncode or 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
