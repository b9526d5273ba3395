"""Keeps timestamps as text: parsing each into a datetime takes most of the time that botocore needs for a page."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.parsers import ResponseParserFactory

from s3_crosscopy.adapters.boto.strict_parser import StrictParser

USUAL = (
    r"(?a:(?:19|2\d)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
    r"T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?Z)"
)
"""The format of times in listings of S3 and compatible servers. Such texts compare like the times."""
_USUAL = re.compile(USUAL)
_FIRST_YEAR = 1900
"""An earlier time is a zero that means "not known" (Go's is in the year 1), and no time of an object."""


def iso(value: Any) -> str:
    """A time in the format of `model.objects.Listed.modified`, from the text of a listing or a header, or a datetime.

    Raises ValueError for a text that is no time: no object may count as newer or older because of it.
    """
    if isinstance(value, str) and _USUAL.fullmatch(value):
        return value
    try:
        moment = _read(value) if isinstance(value, str) else value
        in_utc: datetime = moment.replace(tzinfo=moment.tzinfo or timezone.utc).astimezone(timezone.utc)
    except (ValueError, TypeError, IndexError, OverflowError):
        raise ValueError(f"{str(value)[:40]!r} is no time") from None
    if in_utc.year < _FIRST_YEAR:
        raise ValueError(f"{str(value)[:40]!r} is no time of an object")
    return in_utc.strftime("%Y-%m-%dT%H:%M:%SZ")


def clock(header: str) -> str:
    """The server's time from the value of its `Date` header; "" if it is empty or no time."""
    try:
        return iso(header) if header else ""
    except ValueError:
        return ""


def _read(text: str) -> datetime:
    """Parse ISO 8601 with another zone or separator, or the format of HTTP."""
    text = text.strip()
    if text[4:5] == "-" and len(text) > len("2026-01-01"):
        return datetime.fromisoformat(re.sub("[Zz]$", "+00:00", text))
    return parsedate_to_datetime(text)


class _Factory(ResponseParserFactory):  # type: ignore[misc]
    def create_parser(self, protocol_name: str) -> StrictParser:
        """A parser for rest-xml, the only protocol of S3."""
        return StrictParser()


def parser_factory() -> ResponseParserFactory:
    """A factory of parsers that keep times as text and are strict with everything else."""
    return _Factory()
