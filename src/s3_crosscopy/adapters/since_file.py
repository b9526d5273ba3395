"""The state of the option `since` in a local file."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping

from s3_crosscopy.adapters.private_file import PrivateFile
from s3_crosscopy.errors import StoreAway
from s3_crosscopy.model.input_limits import SINCE
from s3_crosscopy.model.json_text import read_json


class SinceFile:
    """One value in one JSON file; see `PrivateFile`."""

    owned = False

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = PrivateFile(path, "state")

    def load(self) -> object:
        text = self._file.read(SINCE)
        return None if text is None else read_json(text, SINCE)

    def save(self, value: Mapping[str, object]) -> None:
        try:
            self._file.write(json.dumps(value).encode())
        except OSError as error:
            raise StoreAway(f"state: {self._file.path!r} cannot be written ({error.strerror})") from error
