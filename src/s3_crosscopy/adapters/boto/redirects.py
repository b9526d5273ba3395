"""Stops endless redirects: botocore sends HEAD to a bucket that redirects, and again if that HEAD is redirected.

With a server that redirects every request without naming a Region, it would do so until Python's stack is full.
"""

from __future__ import annotations

from typing import Any

_REGION = "x-amz-bucket-region"


def ask_once(client: Any) -> None:
    """Make a client accept the redirect of such a HEAD as its response."""
    client.meta.events.register_first("needs-retry.s3", _mark_redirected)


def _mark_redirected(request_dict: dict[str, Any], operation: Any, response: Any = None, **_: object) -> None:
    """Set botocore's own mark of a request that was redirected once, and is not redirected again."""
    if operation.name == "HeadBucket" and response is not None and _REGION not in response[0].headers:
        request_dict.get("context", {}).setdefault("s3_redirect", {})["redirected"] = True
