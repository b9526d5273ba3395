"""One attempt of a copy, in a process that the test may kill at any moment: see `forked_copies`.

Prints the counts and the decisions as a line of JSON, if it lives to its end.
"""

from __future__ import annotations

import json
from typing import Any

import boto3

from s3_crosscopy import copy
from s3_crosscopy.core.etag_index import pending_rows
from s3_crosscopy.engine import checkpointer as saving
from s3_crosscopy.model.events import Event

# Ten seconds are longer than a whole run of these tests.
saving.EVERY_S = 0.1
# So that an ETag index of a few dozen objects has several files.
pending_rows.BLOCK_ROWS, pending_rows.SEGMENT_ROWS = 5, 20


class Deaf:
    """A sink that keeps nothing."""

    def emit(self, event: Event) -> None:
        pass


def main(arguments: dict[str, Any]) -> None:
    session = boto3.Session(**arguments.pop("session"))
    report = copy(session=session, sink=Deaf(), **arguments)
    print(json.dumps({**report.counts, "decisions": dict(report.decisions)}))  # noqa: T201 - what the test reads
