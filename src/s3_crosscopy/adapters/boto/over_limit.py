"""The error of an answer that is over a limit, however it came: botocore passes it on inside one of its own."""

from __future__ import annotations

from botocore.exceptions import HTTPClientError

from s3_crosscopy.model.input_limits import Limit

TOO_LARGE, TOO_SLOW = "AnswerTooLarge", "AnswerTooSlow"


class OverLimit(Exception):
    """An answer is over `limit`, and no more of it was read."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.code = TOO_SLOW if limit.unit == "seconds" else TOO_LARGE
        took = f"the answer took longer than {limit.shown}, the limit of {limit.what}"
        super().__init__(took if self.code == TOO_SLOW else f"the answer {limit.exceeded}")


def over_limit(error: object) -> OverLimit | None:
    """The OverLimit inside of what botocore raises for it; None for any other error."""
    found = error.kwargs.get("error") if isinstance(error, HTTPClientError) else None
    return found if isinstance(found, OverLimit) else None


def never_again(caught_exception: object = None, **_: object) -> bool | None:
    """botocore would send such a request five times; the first of its handlers that says something decides."""
    return False if over_limit(caught_exception) is not None else None
