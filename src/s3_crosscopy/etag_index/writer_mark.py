"""Shows which run writes an ETag index: of several at one place, the one that began to write it last.

The others stop writing, so that the segments that a list names are never removed by another run's end. Between a check
and the write that follows it another run may begin; then segments may be missing, which costs comparisons.
"""

from __future__ import annotations

import json
import secrets

from s3_crosscopy.adapters.bounded_files import json_of
from s3_crosscopy.errors import PermanentFailure
from s3_crosscopy.model.input_limits import ETAG_WRITER
from s3_crosscopy.report.files import Files

NAME = "writer.json"
TAKEN = "another run has written the index at {!r} since, or still does"


class WriterMark:
    """A file with a random text of this run, in `folder`."""

    def __init__(self, files: Files, folder: str) -> None:
        self.name = f"{folder}{NAME}"
        self._files = files
        self._text = secrets.token_hex(8)
        self._set = False

    def claim(self) -> None:
        """Write the mark, once, before the run's first file. Raises S3Error and RetryableFailure."""
        if not self._set:
            self._files.write(self.name, json.dumps({"writer": self._text}).encode())
            self._set = True

    def check(self) -> None:
        """Raises PermanentFailure if another run has written its mark since, or has ended since."""
        self.claim()
        try:
            with self._files.open(self.name) as file:
                mark = json_of(file, ETAG_WRITER)
        except (FileNotFoundError, ValueError):
            mark = None
        if mark != {"writer": self._text}:
            raise PermanentFailure(TAKEN.format(self._files.where()))
