"""Timestamps as the text they came in: parsing each into a datetime costs botocore most of a listed page's time."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.parsers import ResponseParserFactory
from botocore.utils import parse_timestamp


def iso(value: Any) -> str:
    """A time as `model.objects.Listed.modified` wants it, from the text of a listing or a header, or a datetime."""
    if isinstance(value, str):
        if value[4:5] == "-":
            return value
        try:
            value = parsedate_to_datetime(value)
        except (TypeError, ValueError):  # `Expires: 0`, which botocore takes for a number of seconds
            value = parse_timestamp(value)
    moment: datetime = value
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def parser_factory() -> ResponseParserFactory:
    """botocore's response parsers with `iso` in place of their date parser."""
    factory = ResponseParserFactory()
    factory.set_parser_defaults(timestamp_parser=iso)
    return factory
