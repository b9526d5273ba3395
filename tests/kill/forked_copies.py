"""Copies in processes that may be killed, each a fork of one that has imported everything: most of what a copy takes.

`python forked_copies.py` reads a JSON object a line: `arguments`, and the files for `output` and `errors`. It answers
with the copy's process id, and when that has ended, with its exit code. The id is nobody else's before the next line.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
PR_SET_PDEATHSIG = 1
TIMEOUT_S = 300.0


class ForkedCopies:
    """The process that forks."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self.output, self.errors = folder / "output", folder / "errors"
        self._process = process
        self._pid = 0
        # The copy may be killed at its first request, before its id has arrived here.
        self._beginning = threading.Lock()

    @classmethod
    @contextmanager
    def start(cls, env: dict[str, str], folder: Path) -> Iterator[ForkedCopies]:
        command = [sys.executable, "-m", "tests.kill.forked_copies"]
        with subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            yield cls(process, folder)
            process.kill()

    def begin(self, arguments: dict[str, object]) -> None:
        given = {"arguments": arguments, "output": str(self.output), "errors": str(self.errors)}
        stdin = _there(self._process.stdin)
        with self._beginning:
            stdin.write(json.dumps(given) + "\n")
            stdin.flush()
            self._pid = int(_there(self._process.stdout).readline())

    def kill(self) -> None:
        """kill -9, if it still runs."""
        with self._beginning, suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)

    def wait(self) -> int:
        """The exit code; that of a kill is -9. One that hangs is killed too."""
        late = threading.Timer(TIMEOUT_S, self.kill)
        late.start()
        try:
            return int(_there(self._process.stdout).readline())
        finally:
            late.cancel()


def _there(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def main() -> None:
    import boto3

    from tests.kill.copy_process import main as copy
    from tests.servers.service_models import share_service_models

    share_service_models()
    boto3.Session("key", "secret", region_name="us-east-1").client("s3")
    pid = 0
    for line in sys.stdin:
        if pid:
            os.waitpid(pid, 0)
        pid = os.fork()
        if not pid:
            _run(copy, **json.loads(line))
        _tell(pid)
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert ended is not None
        _tell(ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status)


def _tell(number: int) -> None:
    print(number, flush=True)  # noqa: T201 - what the test reads


def _run(copy: Any, arguments: dict[str, Any], output: str, errors: str) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    for number, path in ((1, output), (2, errors)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    code = 1
    try:
        copy(arguments)
        code = 0
    except BaseException:  # noqa: BLE001 - this is the end of the process
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
