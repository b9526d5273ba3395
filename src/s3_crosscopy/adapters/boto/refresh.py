"""When temporary credentials are refreshed: not too early while they are short, and at once when S3 refuses them."""

from __future__ import annotations

from typing import Any

REFRESH_WHEN_LEFT = 0.75
"""The share of a short session that is left when it is refreshed: 900 s are refreshed every 225."""


def refresh_late_enough(credentials: Any) -> None:
    """Let a session of 15 minutes, STS's shortest, be used for a while before it is refreshed.

    botocore begins to refresh 15 minutes before the end: it would ask STS for a new session with every request that
    it signs. botocore has a parameter for it, but profiles and hooks make the credentials.
    """
    if getattr(credentials, "_expiry_time", None) is None:
        return
    left_s, mandatory_s = credentials._seconds_remaining(), credentials._mandatory_refresh_timeout
    credentials._advisory_refresh_timeout = min(
        credentials._advisory_refresh_timeout, max(mandatory_s, left_s * REFRESH_WHEN_LEFT)
    )


def refresh_now(credentials: Any) -> None:
    """Let credentials that refresh do it although they say that they still last; others stay what they are.

    Raises what getting new ones raises.
    """
    if getattr(credentials, "_expiry_time", None) is None:
        return
    credentials._expiry_time = credentials._time_fetcher()
    credentials.get_frozen_credentials()
