"""Refreshes temporary credentials in time; a refresh that fails is one line.

Short sessions are not refreshed too early, refused ones at once, and after a failure not again with each request.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore import exceptions as boto_errors

from s3_crosscopy.adapters.boto.config_checks import one_line, unsendable
from s3_crosscopy.adapters.boto.credential_errors import credential_problem, sts_is_transient
from s3_crosscopy.adapters.boto.redaction import make_harmless, remember

MANDATORY_REFRESH_S = 5
"""Seconds before they expire in which credentials sign nothing: who signs waits for new ones. botocore's default is 10
minutes: it would fail with credentials that are still valid."""
REFRESH_WHEN_LEFT = 0.75
"""The remaining share of a short session when it is refreshed: one of 900 s is refreshed every 225 s."""
FAILED_FOR_S = 5.0
"""Seconds in which a failure is raised again for all requests that need new credentials."""
AGAIN_AFTER_S = 60
"""Seconds after a failure in which the old credentials, if still valid, are used before the next attempt."""


class CredentialsFailed(boto_errors.CredentialRetrievalError):  # type: ignore[misc] # botocore has no types
    """There are no new credentials. `text` says why, without the name of the principal."""

    fmt = "{label}: {text}"

    def __init__(self, label: str, text: str, is_transient: bool) -> None:
        super().__init__(label=label, text=text)
        self.text = text
        self.is_transient = is_transient


class Refresh:
    """Gets new credentials from `inner`. Its exceptions become CredentialsFailed, with one clear line."""

    def __init__(self, credentials: Any, inner: Callable[[], Mapping[str, Any]], label: str) -> None:
        self._credentials = credentials
        self._inner = inner
        self._label = label
        self._failed: Exception | None = None
        self._failed_at = 0.0

    def __call__(self) -> Mapping[str, Any]:
        """The new credentials, in botocore's form. Called under the lock of the credentials."""
        if self._failed is not None and time.monotonic() - self._failed_at < FAILED_FOR_S:
            raise self._failed.with_traceback(None)
        try:
            new = self._checked(self._inner())
        except boto_errors.ClientError as error:
            self._note(error)
            if not sts_is_transient(error):
                raise  # A refusal keeps its own code.
            make_harmless(error)
            failure = CredentialsFailed(self._label, one_line(error), is_transient=True)
            self._note(failure)
            raise failure from error
        except Exception as error:
            problem = credential_problem(error, self._credentials.method)
            failure = CredentialsFailed(self._label, problem.text, problem.is_transient)
            self._note(failure)
            make_harmless(error)
            raise failure from error
        self._failed = None
        return new

    def _checked(self, new: Mapping[str, Any]) -> Mapping[str, Any]:
        """Check new credentials before botocore does, whose exceptions do not look like errors of credentials."""
        remember(new["secret_key"], new["token"])
        if not new["expiry_time"]:
            raise ValueError("the new credentials have no Expiration, which the first ones had")
        expires = self._credentials._expiry_datetime(new["expiry_time"])
        if expires <= self._credentials._time_fetcher():
            raise RuntimeError(f"the new credentials had expired already, at {expires.isoformat()}")
        if text := unsendable(new["access_key"], new["secret_key"], new["token"]):
            raise ValueError(text)
        return new

    def _note(self, error: Exception) -> None:
        self._failed, self._failed_at = error, time.monotonic()
        if getattr(self._credentials, "_expiry_time", None) is not None:
            remaining_s = self._credentials._seconds_remaining()
            remaining_s -= min(AGAIN_AFTER_S, remaining_s / 2)
            mandatory_s = self._credentials._mandatory_refresh_timeout
            default_s = self._credentials._advisory_refresh_timeout
            self._credentials._advisory_refresh_timeout = min(default_s, max(mandatory_s, remaining_s))


class _OneLine(logging.Filter):
    """Logs a failed refresh once and on one line: botocore logs it with its traceback, for every request."""

    _last: BaseException | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return True
        repeated, self._last = error is self._last, error
        record.msg = f"{record.getMessage()} {one_line(error)}"
        record.args, record.exc_info = (), None
        return not repeated


_one_line = _OneLine()


def refresh_clearly(credentials: Any, label: str) -> None:
    """Make a failed refresh one line that begins with `label`. Does nothing for credentials that do not refresh."""
    inner = getattr(credentials, "_refresh_using", None)
    if inner is None or isinstance(inner, Refresh):
        return
    credentials._refresh_using = Refresh(credentials, inner, label)
    logging.getLogger("botocore.credentials").addFilter(_one_line)


def refresh_late_enough(credentials: Any) -> None:
    """Use a session of 15 minutes, STS's shortest, for some time before it is refreshed.

    botocore starts to refresh 15 minutes before the end: with every request that it signs, it would request a new
    session. botocore has a parameter for that, but profiles and hooks make the credentials.
    """
    if getattr(credentials, "_expiry_time", None) is None:
        return
    credentials._mandatory_refresh_timeout = min(credentials._mandatory_refresh_timeout, MANDATORY_REFRESH_S)
    remaining_s, mandatory_s = credentials._seconds_remaining(), credentials._mandatory_refresh_timeout
    credentials._advisory_refresh_timeout = min(
        credentials._advisory_refresh_timeout, max(mandatory_s, remaining_s * REFRESH_WHEN_LEFT)
    )


def refresh_now(credentials: Any) -> None:
    """Refresh credentials before they expire. Does nothing for credentials that do not refresh.

    Raises what the refresh raises.
    """
    if getattr(credentials, "_expiry_time", None) is None:
        return
    # Under botocore's lock, and without marking the old ones as expired: they may still be valid elsewhere.
    with credentials._refresh_lock:
        credentials._protected_refresh(is_mandatory=True)
