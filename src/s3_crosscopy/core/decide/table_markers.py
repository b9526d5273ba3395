"""Tells by their names the keys that table formats and jobs write last, and in which order to copy these.

Readers take them as a promise that what they name is there: the log of a Delta table (Delta protocol, "Delta Log
Entries"), the timeline of a Hudi table (Hudi, "Timeline"), and `_SUCCESS` of Hadoop and Spark. A log is read from a
listing: an entry whose predecessor is missing is an error, so the entries of one log are copied one after the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

DELTA, HUDI, SUCCESS, POINTER = "_delta_log", ".hoodie", "_SUCCESS", "_last_checkpoint"
BESIDE_LOG, INNER_LOG, LOG, LAST = range(4)
"""The ranks: files that a log names, the log of Hudi's metadata table, the logs, and what points to them."""
IN_ORDER = frozenset({INNER_LOG, LOG})
"""The ranks whose keys are copied one after the other, by `log_of`."""

_HUDI_METADATA = "metadata"
_COMMIT = re.compile(r"[0-9]{20}\.(?:json|crc)")
_FIRST_COMMIT = f"{0:020}.json"


def marker_rank(relative: str) -> int | None:
    """Return the rank of a key relative to the source prefix, None for any other key."""
    # Almost no key gets further, at a tenth of a microsecond.
    if "_delta_log/" not in relative and ".hoodie/" not in relative and not relative.endswith(SUCCESS):
        return None
    *folders, name = relative.split("/")
    if HUDI in folders:
        inside = folders[folders.index(HUDI) + 1 :]
        if inside[:1] != [_HUDI_METADATA]:
            return LOG
        return INNER_LOG if HUDI in inside else BESIDE_LOG
    if DELTA in folders:
        if folders[-1] != DELTA:
            return BESIDE_LOG
        return LAST if name == POINTER else LOG
    return LAST if name == SUCCESS else None


def log_of(relative: str) -> str:
    """Return the folder of the log that a key of a rank in `IN_ORDER` belongs to."""
    folders = relative.split("/")[:-1]
    marks = [number for number, folder in enumerate(folders) if folder in (HUDI, DELTA)]
    inner = HUDI in folders and folders[folders.index(HUDI) + 1 :][:1] == [_HUDI_METADATA]
    return "/".join(folders[: marks[1 if inner and len(marks) > 1 else 0] + 1])


def before_the_first(names: Sequence[str], new: Iterable[str]) -> frozenset[str]:
    """Return the entries of one log that can be copied side by side, before the others in order.

    names: of all entries to copy. new: those that the destination does not have. Without its first entry and without
    checkpoints a Delta table cannot be read, so that nobody sees the order of the others.
    """
    if _FIRST_COMMIT not in new:
        return frozenset()
    return frozenset(name for name in names if name != _FIRST_COMMIT and _COMMIT.fullmatch(name))
