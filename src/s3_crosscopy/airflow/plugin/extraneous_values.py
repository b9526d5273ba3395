"""The extraneous keys of a copy in its stored values: the summary at its end, or the result of a shard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from s3_crosscopy.model.extraneous import Deletion, Extraneous, extraneous_of


def extraneous_in(values: Mapping[str, Any]) -> Extraneous | None:
    """Return the numbers; None if there are none, or they are damaged."""
    kept = values.get("extraneous")
    try:
        if not isinstance(kept, Mapping):
            return extraneous_of(kept)
        deletion = kept.get("deletion")
        made = None if deletion is None else Deletion(int(deletion["deleted"]), int(deletion["kept"]))
        return Extraneous(int(kept["keys"]), int(kept["filtered"]), bool(kept["at_least"]), (), made)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
