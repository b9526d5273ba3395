"""botocore asks HEAD of a bucket where it is when it is sent elsewhere, and again when that HEAD is sent elsewhere.

A server that sends everything elsewhere, and never says where, would be asked until Python's stack is full.
"""

from __future__ import annotations

from typing import Any

_REGION = "x-amz-bucket-region"


def ask_once(client: Any) -> None:
    """Make a client take the answer to such a HEAD as it is."""
    client.meta.events.register_first("needs-retry.s3", _take)


def _take(request_dict: dict[str, Any], operation: Any, response: Any = None, **_: object) -> None:
    """`redirected` is botocore's own mark of a request that was sent elsewhere once, and is not again."""
    if operation.name == "HeadBucket" and response is not None and _REGION not in response[0].headers:
        request_dict.get("context", {}).setdefault("s3_redirect", {})["redirected"] = True
