"""Run one command that may not outlive the process that started it, however that process ends.

Run as a script: `python -I child_guard.py COMMAND...`. PR_SET_PDEATHSIG alone is not enough: the kernel ties it
to the *thread* that forked, and a test's thread may end long before the test process. So this small process
of one thread stands between the two. It watches its standard input (the kernel closes it when the test
process dies) and its parent's id (a forked twin of the test process may hold the pipe open); the command
itself dies with the guard by PR_SET_PDEATHSIG. Linux only.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1
POLL_S = 1.0


def die_with_the_guard() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def main(command: list[str]) -> int:
    parent = os.getppid()
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        preexec_fn=die_with_the_guard,  # noqa: PLW1509 - this process has one thread
    )
    while child.poll() is None:
        stdin_closed, _, _ = select.select([0], [], [], POLL_S)
        if stdin_closed or os.getppid() != parent:
            # SIGKILL: nothing here outlives the test, so nothing is worth a clean shutdown.
            child.kill()
            break
    return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
