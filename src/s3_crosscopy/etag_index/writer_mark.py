"""A file that shows which run writes an ETag index, and which files it and runs before it may have left there.

Of several runs at one place the one that began to write it last writes. The others stop, so that the segments that a
list names are never removed by the end of another run. Between a check and the write that follows it another run may
begin; then segments may be missing, which costs comparisons.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from typing import NamedTuple

from s3_crosscopy.adapters.bounded_files import json_of
from s3_crosscopy.errors import PermanentFailure, S3Error
from s3_crosscopy.etag_index.index_files import segment_name
from s3_crosscopy.model.input_limits import ETAG_WRITER
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.report.files import Files

NAME = "writer.json"
STEP = 100
"""Segments that a run may write until it writes its mark again: one small request for 400,000 objects."""
MOST_WRITERS = 500
"""Runs whose files are remembered: each was killed, and none ended since."""
MOST_NAMES = 30_000
"""Files of killed runs that are removed at once, of 120 million objects; more stay."""
TAKEN = "another run has written the index at {!r} since, or still does"

_TOKEN = re.compile(r"[0-9a-f]{16}")


class Writer(NamedTuple):
    """A run that writes: all its segments have numbers below `until`."""

    token: str
    until: int


class WriterMark:
    """The mark of one run, in `folder`."""

    def __init__(self, files: Files, folder: str) -> None:
        self.name = f"{folder}{NAME}"
        self._files = files
        self._own = Writer(secrets.token_hex(8), 0)
        self._former: list[Writer] = []

    def name_of(self, number: int) -> str:
        """Return the name of the run's segment with this number, which the mark covers when this returns.

        Raises PermanentFailure if another run has its mark there.
        """
        if number >= self._own.until:
            self._write(number + STEP)
        return segment_name(self._own.token, number)

    def check(self) -> None:
        """Raises PermanentFailure if another run has written its mark since, or has ended since."""
        if not self._own.until:
            self._write(STEP)
        writers = self._read()
        if not writers or writers[-1].token != self._own.token:
            raise PermanentFailure(TAKEN.format(self._files.where()))

    def former_names(self) -> Iterator[str]:
        """Iterate over the names of all segments that killed runs before this one may have written."""
        room = MOST_NAMES
        for token, until in reversed(self._former):
            yield from (segment_name(token, number) for number in range(min(until, room)))
            room -= min(until, room)

    def _write(self, until: int) -> None:
        if self._own.until:
            self.check()
        else:
            self._former = self._found()[-MOST_WRITERS:]
        own = self._own._replace(until=until)
        self._files.write(self.name, json.dumps([*self._former, own]).encode())
        self._own = own

    def _found(self) -> list[Writer]:
        try:
            return self._read()
        except S3Error as error:
            # Without s3:ListBucket S3 answers so where there is none.
            if error.reason is Reason.DENIED:
                return []
            raise

    def _read(self) -> list[Writer]:
        """Return the writers in the file, the present one last; none if there is no mark."""
        try:
            with self._files.open(self.name) as file:
                return [_writer(*entry) for entry in json_of(file, ETAG_WRITER)]  # type: ignore[attr-defined]
        except (FileNotFoundError, ValueError, TypeError):
            return []


def _writer(token: object, until: object) -> Writer:
    if not isinstance(token, str) or not _TOKEN.fullmatch(token) or type(until) is not int:
        raise ValueError("is no mark")
    return Writer(token, until)
