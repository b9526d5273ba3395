"""Refreshes temporary credentials in time, and says in one line why that failed.

Not too early while they are short, at once when S3 refuses them, and after a failure not with each request.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from botocore import exceptions as boto_errors

from s3_crosscopy.adapters.boto.config_checks import illegible, one_line
from s3_crosscopy.adapters.boto.credential_errors import sts_passes, trouble
from s3_crosscopy.adapters.boto.redaction import make_harmless, remember

LEAST_LEFT_S = 5
"""So long before their end credentials are not signed with any more: whoever signs waits for new ones. botocore fails
10 minutes before it where new ones cannot be had, with credentials that are still good."""
REFRESH_WHEN_LEFT = 0.75
"""The share of a short session that is left when it is refreshed: 900 s are refreshed every 225."""
FAILED_FOR_S = 5.0
"""So long a failure stands for all requests that need new credentials."""
AGAIN_AFTER_S = 60
"""So long the old credentials, which still last, are used before new ones are asked for again."""


class CredentialsFailed(boto_errors.CredentialRetrievalError):  # type: ignore[misc] # botocore has no types
    """New credentials could not be had. `text` says why without naming whose they are."""

    fmt = "{label}: {text}"

    def __init__(self, label: str, text: str, is_transient: bool) -> None:
        super().__init__(label=label, text=text)
        self.text = text
        self.is_transient = is_transient


class Refresh:
    """Gets new credentials by `inner`; whatever that raises becomes botocore's own kind of error, with a clear line."""

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
            found = self._checked(self._inner())
        except boto_errors.ClientError as error:
            self._note(error)
            if not sts_passes(error):
                raise  # A refusal has its own code and verdict.
            make_harmless(error)
            told = CredentialsFailed(self._label, one_line(error), is_transient=True)
            self._note(told)
            raise told from error
        except Exception as error:
            what = trouble(error, self._credentials.method)
            told = CredentialsFailed(self._label, what.text, what.is_transient)
            self._note(told)
            make_harmless(error)
            raise told from error
        self._failed = None
        return found

    def _checked(self, found: Mapping[str, Any]) -> Mapping[str, Any]:
        """botocore looks at them only after this, and raises what nobody would take for an error of credentials."""
        remember(found["secret_key"], found["token"])
        if not found["expiry_time"]:
            raise ValueError("the new credentials have no Expiration, which the first ones had")
        ends = self._credentials._expiry_datetime(found["expiry_time"])
        if ends <= self._credentials._time_fetcher():
            raise RuntimeError(f"the new credentials had ended already, at {ends.isoformat()}")
        if text := illegible(found["access_key"], found["secret_key"], found["token"]):
            raise ValueError(text)
        return found

    def _note(self, error: Exception) -> None:
        self._failed, self._failed_at = error, time.monotonic()
        if getattr(self._credentials, "_expiry_time", None) is not None:
            left_s = self._credentials._seconds_remaining()
            left_s -= min(AGAIN_AFTER_S, left_s / 2)
            mandatory_s = self._credentials._mandatory_refresh_timeout
            usual_s = self._credentials._advisory_refresh_timeout
            self._credentials._advisory_refresh_timeout = min(usual_s, max(mandatory_s, left_s))


class _OneLine(logging.Filter):
    """botocore logs a failed refresh with its whole traceback, and for each request that the failure stands for."""

    _last: BaseException | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is None:
            return True
        again, self._last = error is self._last, error
        record.msg = f"{record.getMessage()} {one_line(error)}"
        record.args, record.exc_info = (), None
        return not again


_one_line = _OneLine()


def refresh_clearly(credentials: Any, label: str) -> None:
    """Let a refresh of these credentials fail in one line that begins with `label`; others stay what they are."""
    inner = getattr(credentials, "_refresh_using", None)
    if inner is None or isinstance(inner, Refresh):
        return
    credentials._refresh_using = Refresh(credentials, inner, label)
    logging.getLogger("botocore.credentials").addFilter(_one_line)


def refresh_late_enough(credentials: Any) -> None:
    """Let a session of 15 minutes, STS's shortest, be used for a while before it is refreshed.

    botocore begins to refresh 15 minutes before the end: it would ask STS for a new session with every request that
    it signs. botocore has a parameter for it, but profiles and hooks make the credentials.
    """
    if getattr(credentials, "_expiry_time", None) is None:
        return
    credentials._mandatory_refresh_timeout = min(credentials._mandatory_refresh_timeout, LEAST_LEFT_S)
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
    # By its own lock, and without calling the old ones ended: they may be good where S3 meant something else.
    with credentials._refresh_lock:
        credentials._protected_refresh(is_mandatory=True)
