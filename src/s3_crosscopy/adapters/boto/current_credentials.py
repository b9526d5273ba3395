"""The credentials that a client signs with: looked at without waiting for anybody, and refreshed where one may wait.

botocore refreshes credentials whenever it signs, and waits for STS there. The loop's thread signs too, and must not.
"""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from s3_crosscopy.adapters.boto.credential_refresh import CredentialsFailed

ENDED = "the credentials have ended, and there are no new ones yet"


class Held:
    """Takes the place of credentials that refresh, for one signature: those that are there, whoever else waits."""

    def __init__(self, credentials: Any) -> None:
        self._credentials = credentials

    def get_frozen_credentials(self) -> Any:
        """See `current`."""
        return current(self._credentials)


def credentials_of(client: Any) -> Any:
    """The client's own credentials; None for a client without any."""
    return getattr(client._request_signer, "_credentials", None)


def current(credentials: Any) -> Any:
    """The frozen credentials as they are now, without refreshing them. Raises CredentialsFailed where they have ended.

    Others than botocore's own kinds are asked as botocore asks them.
    """
    if not refreshes(credentials):
        return credentials.get_frozen_credentials() if credentials is not None else None
    # Read before the time is looked at: a refresh sets them first.
    frozen = credentials._frozen_credentials
    if frozen is None or credentials._is_expired():
        raise CredentialsFailed(str(credentials.method), ENDED, is_transient=True)
    return frozen


def refreshes(credentials: Any) -> bool:
    """Tells whether these know how to get new ones."""
    return hasattr(credentials, "_frozen_credentials") and hasattr(credentials, "_is_expired")


def due(credentials: Any) -> bool:
    """Tells whether these are soon to end, and know how to get new ones. Asks nobody."""
    return refreshes(credentials) and bool(credentials.refresh_needed())


def refresh(credentials: Any) -> bool:
    """Get new ones for those that are due; tells whether it did. botocore logs why not."""
    before = credentials._frozen_credentials
    try:
        credentials.get_frozen_credentials()
    except (BotoCoreError, ClientError):
        return False
    return credentials._frozen_credentials is not before
