"""Captures the request that boto3 would send, without sending it, by handlers of the client's events.

A captured request has keys that contain `MARK`, which no key of a user does; all others pass through untouched.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from s3_crosscopy.adapters.boto.current_credentials import Held, credentials_of, current

MARK = f"s3crosscopy{secrets.token_hex(8)}"
"""Letters and digits: no encoding changes it."""


class Captured(Exception):
    """Ends a call before the request is sent. `request` is prepared and signed."""

    def __init__(self, request: Any) -> None:
        super().__init__("captured")
        self.request = request


class Capture:
    """Captures requests of one client, until `close`."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._events = client.meta.events
        self._events.register("before-sign.s3", self._before_sign)
        self._events.register("before-send.s3", self._before_send)

    def close(self) -> None:
        """Leave the client as it was."""
        self._events.unregister("before-sign.s3", self._before_sign)
        self._events.unregister("before-send.s3", self._before_send)

    def of(self, call: Callable[[], object]) -> Any:
        """The AWSPreparedRequest of a call. Raises what the call raises before it would send."""
        try:
            call()
        except Captured as captured:
            return captured.request
        raise RuntimeError("the request was answered without being sent")

    def credentials(self) -> Any:
        """The frozen credentials that sign requests now. Never refreshes them, because that blocks.

        Raises CredentialsFailed if they have expired.
        """
        return current(credentials_of(self._client))

    def _before_sign(self, request: Any, **_: object) -> None:
        held = credentials_of(self._client)
        if MARK in request.url and held is not None:
            request.context.setdefault("signing", {})["request_credentials"] = Held(held)

    def _before_send(self, request: Any, **_: object) -> None:
        if MARK in request.url:
            raise Captured(request)
