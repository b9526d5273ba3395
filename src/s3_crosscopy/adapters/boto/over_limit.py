"""The error for a response over a limit. botocore wraps it in one of its own errors."""

from __future__ import annotations

from botocore.exceptions import HTTPClientError

from s3_crosscopy.model.input_limits import Limit

TOO_LARGE, TOO_SLOW = "AnswerTooLarge", "AnswerTooSlow"


class OverLimit(Exception):
    """A response exceeds `limit`; no more of it was read."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.code = TOO_SLOW if limit.unit == "seconds" else TOO_LARGE
        too_slow = f"the answer took longer than {limit.shown}, the limit of {limit.subject}"
        super().__init__(too_slow if self.code == TOO_SLOW else f"the answer {limit.exceeded}")


def over_limit(error: object) -> OverLimit | None:
    """The OverLimit inside botocore's error; None for any other error."""
    wrapped = error.kwargs.get("error") if isinstance(error, HTTPClientError) else None
    return wrapped if isinstance(wrapped, OverLimit) else None


def never_again(caught_exception: object = None, **_: object) -> bool | None:
    """Prevent retries, as a handler of `needs-retry`. The first result that is not None counts in botocore."""
    return False if over_limit(caught_exception) is not None else None
