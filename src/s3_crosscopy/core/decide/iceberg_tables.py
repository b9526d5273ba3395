"""Finds Iceberg tables by the names of their metadata. Their metadata holds the full URLs of all files.

So a table that is copied to another place still leads its readers to the source (Iceberg, "Table Spec").
"""

from __future__ import annotations

import re

ENDS = (".metadata.json", ".avro")
"""Only keys with such an end need a closer look."""
MOST_TABLES = 1000
"""More tables are not counted one by one, so that a bucket full of them needs no memory."""

_FOLDER = "metadata"
_MANIFEST = re.compile(r"snap-.*\.avro|.*-m[0-9]+\.avro")
_DESCRIBED, _LISTED = 1, 2


def is_metadata(key: str) -> bool:
    """Return True if the key has the name of a table's metadata file, manifest or manifest list."""
    return key.endswith(ENDS) and _part_of(key)[1] != 0


class IcebergTables:
    """The tables among the keys of a run: `metadata` folders with a metadata file and a manifest or manifest list."""

    def __init__(self) -> None:
        self._parts_by_folder: dict[str, int] = {}
        self._tables: dict[str, None] = {}

    def see(self, key: str) -> None:
        """Take note of a key."""
        folder, part = _part_of(key)
        if not part or folder in self._tables or len(self._tables) >= MOST_TABLES:
            return
        parts = self._parts_by_folder.pop(folder, 0) | part
        if parts == _DESCRIBED | _LISTED:
            self._tables[folder] = None
        elif len(self._parts_by_folder) < MOST_TABLES:
            self._parts_by_folder[folder] = parts

    @property
    def first(self) -> str:
        """The prefix of the first table; "" if there is none."""
        return next((folder.removesuffix(_FOLDER) for folder in self._tables), "")

    def text(self, source: str) -> str:
        """Return a line about the tables and what to use instead; "" if there are none. source: bucket's name."""
        if not self._tables:
            return ""
        number = len(self._tables)
        count = f"at least {number:,}" if number >= MOST_TABLES else f"{number:,}"
        return (
            f"{count} Iceberg table{'s' * (number > 1)} (the first is s3://{source}/{self.first}): the metadata names"
            f" all files in s3://{source}, so who reads the copy reads the source; use Iceberg's rewrite_table_path, or"
            " the replication of S3 Tables"
        )


def _part_of(key: str) -> tuple[str, int]:
    folder, _, name = key.rpartition("/")
    if folder.rpartition("/")[2] != _FOLDER:
        return folder, 0
    if name.endswith(ENDS[0]):
        return folder, _DESCRIBED
    return folder, _LISTED if _MANIFEST.fullmatch(name) else 0
