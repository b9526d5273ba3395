"""One line of a report: what became of one object."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """An object's outcome. `outcome` is a name of `model.tally.Tally.OUTCOMES`, `reason` why.

    `call`, `code`, `message` and `request_id` are those of the request that failed, empty otherwise. `at_s` is when the
    object came to its end, in seconds of the run's own time (what earlier attempts took counts, the pauses between them
    do not); `took_s` how long it was worked on, from its first request to its end. Both are 0 where they are not known,
    and `took_s` for what cost no request of its own.
    """

    key: str
    dest_key: str
    outcome: str
    reason: str
    size: int
    etag: str
    verified_by: str = ""
    call: str = ""
    code: str = ""
    message: str = ""
    request_id: str = ""
    at_s: float = 0.0
    took_s: float = 0.0


NUMBERS = {"size": int, "at_s": float, "took_s": float}
"""The fields that are no texts, and their types."""
