"""Redacts the log records of botocore, boto3 and urllib3, which log headers, parameters and responses at DEBUG.

A logger's filter is applied only to records logged with that very logger, so each of theirs gets one.
"""

from __future__ import annotations

import logging
import re

from s3_crosscopy.adapters.boto.redaction import redacted

LIBRARIES = ("botocore", "boto3", "urllib3")
_FIELDS = re.compile(
    r"((?:Secret_?Access_?Key|(?:Session|Access|Refresh|Security-|WebIdentity)_?Token|ClientSecret|SAMLAssertion)"
    r"(?:['\"]\s{0,2}[:,]\s{0,2}b?['\"]|[>=]|:\s{0,2}))[^\s<>&'\"]{8,}",
    re.IGNORECASE,
)
"""Credentials in a response of STS or SSO are logged before they can be known as secrets."""


class Redacting(logging.Filter):
    """Redacts the records that contain a secret. Drops none."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        redacted_message = shown(message)
        if redacted_message != message:
            record.msg, record.args = redacted_message, None
        if record.exc_info and not record.exc_text:
            # A formatter takes this text instead of making its own.
            record.exc_text = shown(logging.Formatter().formatException(record.exc_info))
        return True


_REDACTING = Redacting()


def redact_debug_lines() -> None:
    """Give each of the libraries' loggers the filter. May be called repeatedly, also for loggers that came since."""
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if name.partition(".")[0] in LIBRARIES and isinstance(logger, logging.Logger):
            logger.addFilter(_REDACTING)


def shown(text: str) -> str:
    """The text without the known secrets, and without the values behind the names of secrets."""
    return redacted(_FIELDS.sub(r"\1***", text))
