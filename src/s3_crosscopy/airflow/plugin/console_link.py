"""Where AWS's own console shows what an `s3://` URL names."""

from __future__ import annotations

from urllib.parse import quote

CONSOLE = "https://console.aws.amazon.com/s3"
"""Of the `aws` partition. China and GovCloud have others, and a URL does not tell which one its bucket is in."""


def console_url(url: str) -> str:
    """The console's page of a prefix (what ends in `/`) or of an object; "" for what is not in S3."""
    if not url.startswith("s3://"):
        return ""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    page = "object" if key and not key.endswith("/") else "buckets"
    query = f"?prefix={quote(key, safe='', errors='replace')}" if key else ""
    return f"{CONSOLE}/{page}/{quote(bucket, safe='', errors='replace')}{query}"
