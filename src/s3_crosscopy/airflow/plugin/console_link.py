"""Makes links to the AWS console from `s3://` URLs."""

from __future__ import annotations

from urllib.parse import quote

CONSOLE = "https://console.aws.amazon.com/s3"
"""The console of the `aws` partition. China and GovCloud have others, but a URL does not tell the partition."""


def console_url(url: str) -> str:
    """The console's page of a prefix (a key that ends in `/`) or of an object; "" if `url` is not an `s3://` URL."""
    if not url.startswith("s3://"):
        return ""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    page = "object" if key and not key.endswith("/") else "buckets"
    query = f"?prefix={quote(key, safe='', errors='replace')}" if key else ""
    return f"{CONSOLE}/{page}/{quote(bucket, safe='', errors='replace')}{query}"
