"""Whether a failed attempt is made again, and when: asked of botocore's own handlers on the client's events.

So mode, attempts, quota and pauses are those of the client, shared with what it does itself, and every attempt is seen
by whoever counts throttles. Only the waiting is ours: it takes no thread.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError

from s3_crosscopy.adapters.fast.responses import Parsed

FULL = 500
"""botocore's retry quota when it is full. A success gives one token back (botocore.retries.standard)."""


class Retries:
    """The retries of one client."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._events = client.meta.events
        self._owed = 0

    def pause_s(
        self, call: str, attempts: int, context: dict[str, Any], parsed: Parsed | None, raised: Exception | None
    ) -> float | None:
        """How long to wait before the next attempt; None for none. `context` stays with the request."""
        context.setdefault("client_config", self._client.meta.config)
        try:
            told = self._events.emit(
                f"needs-retry.s3.{call}",
                response=None if parsed is None else tuple(parsed),
                endpoint=None,
                operation=self._client.meta.service_model.operation_model(call),
                attempts=attempts,
                caught_exception=raised,
                request_dict={"context": context},
            )
        except BotoCoreError as error:
            if error is raised:  # How the legacy mode says that its attempts are used up.
                return None
            raise
        pauses = [pause for _, pause in told if pause is not None]
        if not pauses or pauses[0] is False:
            return None
        self._owed = FULL
        return float(pauses[0])

    def ended(self, call: str, context: dict[str, Any], parsed: Parsed) -> None:
        """A request ended with this answer: botocore gives its quota back, and decodes the keys of a listing."""
        self._events.emit(
            f"after-call.s3.{call}",
            http_response=parsed.http,
            parsed=parsed.said,
            model=self._client.meta.service_model.operation_model(call),
            context=context,
        )

    def succeeded(self, call: str, context: dict[str, Any] | None, status: int) -> None:
        """The same for a plain success, where there is anything to give back."""
        if context is None and self._owed <= 0:
            return
        self._owed -= 1
        self.ended(call, context or {}, Parsed(_Status(status), {}))


class _Status:
    """As much of an answer as the quota looks at."""

    def __init__(self, status_code: int) -> None:
        self.status_code = status_code
