"""Files in a dictionary, in the place of a folder or a prefix at S3."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import BinaryIO


class MemoryFiles:
    """See `report.files.RemovableFiles`. `content`: the bytes by name."""

    def __init__(self, content: Mapping[str, bytes] | None = None) -> None:
        self.content = dict(content or {})

    def where(self, name: str = "") -> str:
        return f"memory/{name}"

    def check(self) -> None:
        pass

    def prepare(self) -> None:
        pass

    def write(self, name: str, data: bytes) -> None:
        self.content[name] = data

    def open(self, name: str) -> BinaryIO:
        if name not in self.content:
            raise FileNotFoundError(name)
        return io.BytesIO(self.content[name])

    def remove(self, names: Sequence[str]) -> None:
        for name in names:
            self.content.pop(name, None)
