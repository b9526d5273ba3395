"""The credentials of a client: read without blocking, and refreshed on threads that may block.

botocore refreshes credentials when it signs, and waits for STS. The loop's thread signs too, and must not wait.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from s3_crosscopy.adapters.boto.credential_refresh import CredentialsFailed

ENDED = "the credentials have expired, and there are no new ones yet"


class Held:
    """Stands in for credentials that refresh, for one signature: returns the existing ones without waiting."""

    def __init__(self, credentials: Any) -> None:
        self._credentials = credentials

    def get_frozen_credentials(self) -> Any:
        """See `current`."""
        return current(self._credentials)


def credentials_of(client: Any) -> Any:
    """The client's own credentials; None for a client without any."""
    return getattr(client._request_signer, "_credentials", None)


def current(credentials: Any) -> Any:
    """The frozen credentials, without refreshing them. Raises CredentialsFailed if they have expired.

    Credentials of other classes than botocore's are read as botocore reads them.
    """
    if not refreshes(credentials):
        return credentials.get_frozen_credentials() if credentials is not None else None
    # Read before the expiry time: a refresh sets them first.
    frozen = credentials._frozen_credentials
    if frozen is None or credentials._is_expired():
        raise CredentialsFailed(str(credentials.method), ENDED, is_transient=True)
    return frozen


def refreshes(credentials: Any) -> bool:
    """True if these credentials can be refreshed."""
    return hasattr(credentials, "_frozen_credentials") and hasattr(credentials, "_is_expired")


def due(credentials: Any) -> bool:
    """True if these credentials can be refreshed and expire soon. Makes no request."""
    return refreshes(credentials) and bool(credentials.refresh_needed())


def refresh(credentials: Any) -> bool:
    """Refresh credentials that are due. Returns True if there are new ones; if not, botocore logs why."""
    before = credentials._frozen_credentials
    try:
        credentials.get_frozen_credentials()
    except (BotoCoreError, ClientError):
        return False
    return credentials._frozen_credentials is not before
