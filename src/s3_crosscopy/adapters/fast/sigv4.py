"""AWS Signature Version 4 in a header, for requests without a body. Equal to botocore's S3SigV4Auth.

All signatures of a second share their date, scope and key, which are made once.
"""

from __future__ import annotations

import hmac
import time
from hashlib import sha256
from typing import Any, NamedTuple

ALGORITHM = "AWS4-HMAC-SHA256"
STAMP = "%Y%m%dT%H%M%SZ"
BYTES = "surrogateescape"
"""The error handler for bytes in text that are no UTF-8: an object's own headers may contain some."""


class Signing(NamedTuple):
    """The common part of the signatures of one second. `credential` is the access key with its scope.

    `inner` and `outer` are the two hashes of HMAC (RFC 2104) after their common beginning: completing them takes a
    third of the time of `hmac.digest`.
    """

    stamp: str
    token: str | None
    credential: str
    inner: Any
    outer: Any

    def signature(self, canonical: str) -> str:
        """The signature of a canonical request."""
        inner, outer = self.inner.copy(), self.outer.copy()
        inner.update(sha256(canonical.encode("utf-8", BYTES)).hexdigest().encode())
        outer.update(inner.digest())
        return str(outer.hexdigest())


class Signer:
    """Makes a Signing for each second, for one Region and service. Derives the key once for each day and secret key."""

    def __init__(self, region: str, service: str) -> None:
        self._region = region
        self._service = service
        self._derived: tuple[str, str] = ("", "")
        self._key = b""

    def at(self, now_s: float, credentials: Any) -> Signing:
        """The Signing for a time, in seconds since 1970. `credentials` are frozen ones of botocore."""
        return self.at_stamp(time.strftime(STAMP, time.gmtime(now_s)), credentials)

    def at_stamp(self, stamp: str, credentials: Any) -> Signing:
        """The Signing for a time in the format of `X-Amz-Date`."""
        day = stamp[:8]
        if self._derived != (credentials.secret_key, day):
            self._key = derived_key(credentials.secret_key, day, self._region, self._service)
            self._derived = (credentials.secret_key, day)
        scope = f"{day}/{self._region}/{self._service}/aws4_request"
        return Signing(
            stamp,
            credentials.token or None,
            f"{credentials.access_key}/{scope}",
            *_hmac_hashes(self._key, f"{ALGORITHM}\n{stamp}\n{scope}\n".encode()),
        )


def _hmac_hashes(key: bytes, message: bytes) -> tuple[Any, Any]:
    """The inner hash of an HMAC-SHA256 after `message`, and the outer one. `key` has at most 64 bytes."""
    block = key.ljust(sha256().block_size, b"\0")
    return sha256(bytes(byte ^ 0x36 for byte in block) + message), sha256(bytes(byte ^ 0x5C for byte in block))


def derived_key(secret: str, day: str, region: str, service: str) -> bytes:
    """The signing key (IAM User Guide, "Create a signed AWS API request")."""
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
