"""A copy in a process of its own that kills itself at a chosen moment, to be resumed by another one.

`python -m s3_crosscopy.selftest.killed_copy` reads the arguments of `run_killed` as JSON from stdin, so that none of
them is in the list of processes.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

from s3_crosscopy.adapters.checkpoint_file import FileCheckpoint
from s3_crosscopy.api.call_arguments import request_of
from s3_crosscopy.api.copying import run_copy
from s3_crosscopy.api.resuming import Persistence
from s3_crosscopy.model.checkpoint import CheckpointState
from s3_crosscopy.model.events import BatchSettled

BATCHES = 2
"""Batches after which the process kills itself."""
AT_BATCH, AT_PART, AT_SAVE = "batch", "part", "save"
"""The moments: after two batches; when the second part of an upload is to begin; when a checkpoint has that upload."""
PART_EVENT = "provide-client-params.s3.UploadPartCopy"
"""botocore's event before a request is built: once for each part, also if its request is repeated."""


def kill_itself() -> None:
    """End this process by SIGKILL: no handler and no `finally` runs."""
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


class KillAfterBatches:
    """An event sink that kills the process once enough batches were committed."""

    def emit(self, event: object) -> None:
        """Kill the process after the last of these batches."""
        if isinstance(event, BatchSettled) and event.number >= BATCHES:
            kill_itself()


class KillWithinUpload(FileCheckpoint):
    """A checkpoint file, and a handler of `PART_EVENT`, that kill the process between two parts of an upload.

    `recorded`: only when the file has the upload. Until then the second part does not begin.
    """

    def __init__(self, path: str, *, recorded: bool) -> None:
        super().__init__(path)
        self._recorded = recorded
        self._waiting = False

    def save(self, state: CheckpointState) -> None:
        """Save, and kill the process if that was what the second part waits for."""
        super().save(state)
        if self._waiting and state.uploads:
            kill_itself()

    def before_part(self, params: Mapping[str, Any], **_: object) -> None:
        """Let the first part pass: with one request at a time, it is answered when the second one comes here."""
        if params["PartNumber"] == 1:
            return
        if not self._recorded:
            kill_itself()
        self._waiting = True
        os.read(os.pipe()[0], 1)  # Nobody writes: only the death of the process ends this.


def run_killed(
    moment: str, source: str, dest: str, *, checkpoint: str, access: Mapping[str, Any], options: Mapping[str, Any]
) -> None:
    """Run a copy until it kills the process. `access`: as in `copy()`."""
    store = KillWithinUpload(checkpoint, recorded=moment == AT_SAVE)
    request = request_of(source, dest, options, sink=KillAfterBatches(), **access)
    if moment != AT_BATCH:
        request.copier.session.events.register(PART_EVENT, store.before_part)
    run_copy(request._replace(persistence=Persistence(store, keep_uploads=True)))


if __name__ == "__main__":
    run_killed(**json.load(sys.stdin))
