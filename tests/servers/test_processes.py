"""No server process outlives the process that started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.servers.processes import GuardedProcess

ROOT = Path(__file__).parents[2]
# A server that tells its process id in a file, started by a process that then waits to be killed.
SERVER = "import os, sys, time; open(sys.argv[1], 'w').write(f'{os.getpid()}\\n'); time.sleep(60)"
STARTER = f"""
import sys, time
from pathlib import Path
from tests.servers.processes import GuardedProcess
GuardedProcess([sys.executable, "-c", {SERVER!r}, sys.argv[1]], Path(sys.argv[2]))
time.sleep(60)
"""
TIMEOUT_S = 20.0


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def read_pid(pid_file: Path) -> int:
    wait_for(lambda: pid_file.exists() and pid_file.read_text().endswith("\n"))
    return int(pid_file.read_text())


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_killed_starter_takes_its_server_with_it(tmp_path: Path) -> None:
    arguments = [str(tmp_path / "pid"), str(tmp_path / "log")]
    starter = subprocess.Popen([sys.executable, "-c", STARTER, *arguments], cwd=ROOT)
    server = read_pid(tmp_path / "pid")

    starter.send_signal(signal.SIGKILL)
    starter.wait(TIMEOUT_S)

    wait_for(lambda: not is_alive(server))


def test_a_server_survives_the_thread_that_started_it_and_not_its_stop(tmp_path: Path) -> None:
    started: list[GuardedProcess] = []
    command = [sys.executable, "-c", SERVER, str(tmp_path / "pid")]
    thread = threading.Thread(target=lambda: started.append(GuardedProcess(command, tmp_path / "log")))
    thread.start()
    thread.join()
    server = read_pid(tmp_path / "pid")

    assert is_alive(server)
    started[0].stop()
    assert not is_alive(server)
    assert not started[0].is_running()
