"""One process, pinned to one core, and what it took: CPU, wall time, memory, and how busy the others were meanwhile.

Knows nothing of S3. Processes are ended by their id.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

CLIENT_CPU, SERVER_CPU = 0, 1
LIMIT_S = 600.0
"""The longest single run, `s5cmd sync` of a million keys, takes 170 s on a quiet core."""
LOOK_S = 0.05
CORES = os.cpu_count() or 1
_TICKS = os.sysconf("SC_CLK_TCK")


class Run(NamedTuple):
    """A process that ended well. `server_s` is the CPU time of the front, `others_s` that of everybody else."""

    cpu_s: float
    wall_s: float
    peak_kib: int
    server_s: float
    others_s: float
    said: str

    @property
    def others_share(self) -> float:
        """The share of the whole machine's CPU that everybody else had meanwhile."""
        return self.others_s / self.wall_s / CORES if self.wall_s else 0.0


class Failed(Exception):
    """A process that did not end well; the message is one line."""


def pin() -> None:
    """Keep to the client's core, and whatever is started from now on: this process sleeps while it waits for another.

    The front's worker takes its own core by itself.
    """
    os.sched_setaffinity(0, {CLIENT_CPU})


def timed(
    command: Sequence[str], env: Mapping[str, str], server: int | None = None, until: Callable[[], bool] | None = None
) -> Run:
    """Run a command to its end, on the core that `pin` took, or kill it as soon as `until` is true. Raises Failed."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        busy, served, began = busy_s(), _children_s(server), time.perf_counter()
        try:
            process = subprocess.Popen(
                command,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        except OSError as error:
            raise Failed(f"{Path(command[0]).name}: {error.strerror}") from None
        ending = threading.Timer(LIMIT_S, process.kill)
        ending.start()
        killed = False
        try:
            killed = until is not None and _killed(process, until)
            # With its children that it waited for: a peer may be a script around a program.
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            ending.cancel()
        wall_s = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)  # Popen must not wait for it once more
        cpu_s = used.ru_utime + used.ru_stime
        server_s = _children_s(server) - served
        others_s = max(0.0, busy_s() - busy - cpu_s - server_s)
        out.seek(0)
        said = out.read().decode(errors="replace")
        if process.returncode != 0 and not killed:
            err.seek(0)
            raise Failed(_why(command, process.returncode, err.read().decode(errors="replace") or said))
    return Run(cpu_s, wall_s, used.ru_maxrss, server_s, others_s, said)


def _why(command: Sequence[str], code: int, told: str) -> str:
    name = Path(command[0]).name
    if code == -9:
        return f"{name}: did not end within {LIMIT_S:.0f} s"
    last = (told.strip().splitlines() or ["without a word"])[-1]
    return f"{name}: exit code {code}: {last[:200]}"


def _killed(process: subprocess.Popen[bytes], until: Callable[[], bool]) -> bool:
    """Kill a process once `until` is true. Returns False if it ended before; it is not waited for."""
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        if until():
            process.kill()
            return True
        time.sleep(LOOK_S)
    return False


def busy_s() -> float:
    """CPU time that all of the machine has spent, but idle and waiting for disks."""
    user, nice, system, _, _, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / _TICKS


def _children_s(server: int | None) -> float:
    """CPU time of a server and its workers so far."""
    if server is None:
        return 0.0
    workers = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    return sum(_spent_s(pid) for pid in (str(server), *workers))


def _spent_s(pid: str) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
