"""A background process with a family: it ends with this process, or all at once when it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from tests.servers import process_group_guard as keeper

KEEPER = Path(keeper.__file__)
STOP_TIMEOUT_S = 60.0


class KeptProcess:
    """A command under `keeper.py`, which kills all of its descendants after it, also when this process dies."""

    def __init__(self, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        self.log = log
        with log.open("ab") as output:
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", str(KEEPER), *command],
                env=env,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def is_running(self) -> bool:
        return self._keeper.poll() is None

    def stop(self) -> None:
        """SIGTERM to the command and, if it takes too long, SIGKILL; then SIGKILL to what it left."""
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        self._keeper.wait(STOP_TIMEOUT_S)

    def kill(self) -> None:
        """kill -9 of the command and every descendant, as when a machine loses its power."""
        for pid in self._family():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        # What was forked meanwhile is the keeper's now.
        self.stop()

    def _family(self) -> list[int]:
        return keeper.family(self._keeper.pid) if self.is_running() else []
