"""What boto3 would send for a request, without sending it: the handlers that take it from the client's events.

A captured request names keys that hold `MARK`, which no key of a user does; all others pass through untouched.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

MARK = f"s3crosscopy{secrets.token_hex(8)}"
"""Letters and digits, so that it looks the same wherever it is encoded."""


class Captured(Exception):
    """Carries the request, signed and prepared, past everything that would send it."""

    def __init__(self, request: Any) -> None:
        super().__init__("captured")
        self.request = request


class Capture:
    """Listens on one client, until `close`."""

    def __init__(self, client: Any) -> None:
        self._events = client.meta.events
        self.signer: Any = None
        """botocore's RequestSigner, known once a request was captured."""
        self.signature_version = ""
        self._events.register("before-sign.s3", self._before_sign)
        self._events.register("before-send.s3", self._before_send)

    def close(self) -> None:
        """Leave the client as it was."""
        self._events.unregister("before-sign.s3", self._before_sign)
        self._events.unregister("before-send.s3", self._before_send)

    def of(self, call: Callable[[], object]) -> Any:
        """The AWSPreparedRequest that a call makes. Raises what the call raises before it would send."""
        try:
            call()
        except Captured as captured:
            return captured.request
        raise RuntimeError("the request was answered without being sent")

    def credentials(self, region: str, service: str) -> Any:
        """The frozen credentials that a request would be signed with now; asking refreshes what is due."""
        return self.signer.get_auth_instance(service, region, self.signature_version).credentials

    def _before_sign(self, request: Any, request_signer: Any, signature_version: Any, **_: object) -> None:
        if MARK in request.url:
            self.signer, self.signature_version = request_signer, signature_version

    def _before_send(self, request: Any, **_: object) -> None:
        if MARK in request.url:
            raise Captured(request)
