"""Asks botocore's own retry handlers if a failed attempt is repeated, and after which pause.

Mode, attempts, quota and pauses are those of the client, shared with its own requests, and every attempt is seen by the
handlers that count throttles. Only the waiting is ours: it takes no thread.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError
from botocore.parsers import ResponseParserError

from s3_crosscopy.adapters.fast.responses import Parsed

FULL = 500
"""botocore's retry quota when it is full. A success returns one token to it (botocore.retries.standard)."""


class Retries:
    """The retries of one client."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._events = client.meta.events
        self._tokens_to_return = 0

    def pause_s(
        self, call: str, attempts: int, context: dict[str, Any], parsed: Parsed | None, raised: Exception | None
    ) -> float | None:
        """Seconds to wait before the next attempt; None if there is none. `context` stays with the request."""
        context.setdefault("client_config", self._client.meta.config)
        try:
            answers = self._events.emit(
                f"needs-retry.s3.{call}",
                response=None if parsed is None else tuple(parsed),
                endpoint=None,
                operation=self._client.meta.service_model.operation_model(call),
                attempts=attempts,
                caught_exception=raised,
                request_dict={"context": context},
            )
        except (BotoCoreError, ResponseParserError) as error:
            if error is raised:  # In legacy mode this means that all attempts are used, or that there is one only.
                return None
            raise
        pauses = [pause for _, pause in answers if pause is not None]
        if not pauses or pauses[0] is False:
            return None
        self._tokens_to_return = FULL
        return float(pauses[0])

    def ended(self, call: str, context: dict[str, Any], parsed: Parsed) -> None:
        """Report the last response of a request: botocore returns its quota, and decodes the keys of a listing."""
        self._events.emit(
            f"after-call.s3.{call}",
            http_response=parsed.http,
            parsed=parsed.payload,
            model=self._client.meta.service_model.operation_model(call),
            context=context,
        )

    def succeeded(self, call: str, context: dict[str, Any] | None, status: int) -> None:
        """Report a plain success, if there is quota to return."""
        if context is None and self._tokens_to_return <= 0:
            return
        self._tokens_to_return -= 1
        self.ended(call, context or {}, Parsed(_Status(status), {}))


class _Status:
    """The part of a response that the quota handler reads."""

    def __init__(self, status_code: int) -> None:
        self.status_code = status_code
