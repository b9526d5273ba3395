"""A copy in a process of its own that kills itself after its first batches, to be resumed by another one.

`python -m s3_crosscopy.selftest.killed_copy` reads the arguments of `copy()` as JSON from stdin, so that none of them
is in the list of processes.
"""

from __future__ import annotations

import json
import os
import signal
import sys

from s3_crosscopy.api.copying import copy
from s3_crosscopy.model.events import BatchSettled

BATCHES = 2
"""Batches after which the process kills itself."""


class KillAfterBatches:
    """An event sink that sends SIGKILL to its own process: no handler and no `finally` runs."""

    def emit(self, event: object) -> None:
        """Kill the process once enough batches were committed."""
        if isinstance(event, BatchSettled) and event.number >= BATCHES:
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


if __name__ == "__main__":
    arguments = json.load(sys.stdin)
    copy(arguments.pop("source"), arguments.pop("dest"), sink=KillAfterBatches(), **arguments)
