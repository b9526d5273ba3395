"""Takes secrets out of what botocore, boto3 and urllib3 log: at DEBUG they print headers, parameters and answers.

A filter of a logger sees only what is logged with that very logger, so each of theirs gets one.
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
"""Credentials that are logged where they come, in an answer of STS's or SSO's: nobody can know them yet."""


class Redacting(logging.Filter):
    """Changes a record that holds a secret, and lets every record pass."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        left = shown(said)
        if left != said:
            record.msg, record.args = left, None
        if record.exc_info and not record.exc_text:
            # A formatter takes this text instead of making its own.
            record.exc_text = shown(logging.Formatter().formatException(record.exc_info))
        return True


_REDACTING = Redacting()


def redact_debug_lines() -> None:
    """Give each of the libraries' loggers the filter; those that it has stay as they are, so call it at any time."""
    for name, logger in list(logging.root.manager.loggerDict.items()):
        if name.partition(".")[0] in LIBRARIES and isinstance(logger, logging.Logger):
            logger.addFilter(_REDACTING)


def shown(text: str) -> str:
    """The text without secrets that are known, and without those that stand behind their names."""
    return redacted(_FIELDS.sub(r"\1***", text))
