"""No descendant of a kept process outlives it, not even one in a session of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from tests.servers.process_group import KeptProcess
from tests.servers.test_processes import ROOT, TIMEOUT_S, is_alive, read_pid, wait_for

# A parent whose child, as Airflow's tasks, is the leader of its own session, and tells its process id in a file.
CHILD = "import os, sys, time; open(sys.argv[1], 'w').write(f'{os.getpid()}\\n'); time.sleep(60)"
PARENT = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {CHILD!r}, sys.argv[1]], start_new_session=True)
time.sleep(60)
"""
STARTER = f"""
import sys, time
from pathlib import Path
from tests.servers.process_group import KeptProcess
KeptProcess([sys.executable, "-c", {PARENT!r}, sys.argv[1]], Path(sys.argv[2]))
time.sleep(60)
"""


def test_a_killed_process_takes_its_whole_family_with_it(tmp_path: Path) -> None:
    process = KeptProcess([sys.executable, "-c", PARENT, str(tmp_path / "pid")], tmp_path / "log")
    child = read_pid(tmp_path / "pid")

    process.kill()

    assert not process.is_running()
    assert not is_alive(child)


def test_a_killed_starter_takes_the_whole_family_with_it(tmp_path: Path) -> None:
    arguments = [str(tmp_path / "pid"), str(tmp_path / "log")]
    starter = subprocess.Popen([sys.executable, "-c", STARTER, *arguments], cwd=ROOT)
    child = read_pid(tmp_path / "pid")

    starter.send_signal(signal.SIGKILL)
    starter.wait(TIMEOUT_S)

    wait_for(lambda: not is_alive(child))
