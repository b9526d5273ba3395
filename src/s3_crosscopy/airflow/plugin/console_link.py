"""Makes links to the S3 console of a partition from `s3://` URLs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

CONSOLES: Final[Mapping[str, str]] = {
    "aws": "https://console.aws.amazon.com/s3",
    "aws-cn": "https://console.amazonaws.cn/s3",
    "aws-us-gov": "https://console.amazonaws-us-gov.com/s3",
}
"""The S3 console of each partition that has a public one."""


def console_page(url: str, console: str) -> str:
    """The page of a prefix (a key that ends in `/`) or of an object in a console, a value of `CONSOLES`.

    "" if there is none: `console` is "", `url` is not an `s3://` URL, or names an access point.
    """
    if not (console and url.startswith("s3://")):
        return ""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    if ":" in bucket or bucket.endswith("-s3alias"):
        return ""
    page = "object" if key and not key.endswith("/") else "buckets"
    query = f"?prefix={quote(key, safe='', errors='replace')}" if key else ""
    return f"{console}/{page}/{quote(bucket, safe='', errors='replace')}{query}"


def console_of(page: object) -> str:
    """The console that a stored link leads to; "" if it leads to none."""
    link = page if isinstance(page, str) else ""
    return next((console for console in CONSOLES.values() if link.startswith(f"{console}/")), "")
