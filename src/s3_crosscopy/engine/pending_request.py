"""The value `PendingRequest`: one request on its way, and the function that handles its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from s3_crosscopy.errors import S3Error

OnEnd = Callable[[Any, Any, "S3Error | None"], None]
"""`(subject, value, error)`: called on the loop's thread when a request ended."""


class PendingRequest(NamedTuple):
    """One request on its way.

    `begin`: begins it, also again. `on_end`: handles its end, for `subject`.
    `moves`: its success is progress of the run; that of a save is not.
    `generation`: of the credentials that it was signed with. `renewed`: it was sent again with newer ones.
    `kind`: requests of one kind may fail together. `probe`: it finds out if a pause is over.
    `since`: when it failed for the first time, None if it never did.
    """

    begin: Callable[[PendingRequest], None]
    on_end: OnEnd
    subject: object
    moves: bool = True
    generation: int = 0
    renewed: bool = False
    kind: str = ""
    probe: bool = False
    since: float | None = None

    def fail(self, error: S3Error) -> None:
        """End it with this error."""
        self.on_end(self.subject, None, error)


FailedRequest = tuple[PendingRequest, S3Error]
"""A request and its latest error."""
