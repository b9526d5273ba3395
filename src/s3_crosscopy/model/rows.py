"""One line of a report: what became of one object."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """An object's outcome. `outcome` is a name of `model.tally.Tally.OUTCOMES`, `reason` why.

    `call`, `code`, `message` and `request_id` are those of the request that failed, empty otherwise.
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
