"""Reads most pages of a client's listings with `list_parser`; botocore parses each twice and takes 20 times as long.

botocore sends, retries and follows redirects as for any request. It receives the page beside a body without its rows.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from s3_crosscopy.adapters.boto.list_parser import read_page
from s3_crosscopy.model.objects import Page
from s3_crosscopy.model.operations import ListPage

CALL = "ListObjectsV2"
WITHOUT_ROWS = b"<ListBucketResult><!-- s3-crosscopy has read the rows --></ListBucketResult>"
_MEMBER = "S3CrossCopyPage"
_THREAD = threading.local()


def read_quickly(client: Any) -> None:
    """Make a client read pages so that are requested inside `wanted`, on the same thread; others get botocore's rows.

    After `control_characters.read_every_key`, and before botocore's own check for an error in a 200.
    """
    client.meta.events.register_first("before-parse.*.*", _read)


@contextmanager
def wanted(op: ListPage) -> Iterator[None]:
    """Request pages as values on this thread: botocore parses a response on the thread that sends the request."""
    _THREAD.op = op
    try:
        yield
    finally:
        _THREAD.op = None


def page_in(payload: Mapping[str, Any]) -> Page | None:
    """The page that was read from a response; None if it was not of the usual form, and botocore parsed it."""
    return payload.get(_MEMBER)


def _read(
    operation_model: Any, response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object
) -> None:
    op: ListPage | None = getattr(_THREAD, "op", None)
    if op is None or operation_model.name != CALL or response_dict["status_code"] != 200:
        return
    page = read_page(op, response_dict["body"], response_dict["headers"].get("date", ""))
    if page is not None:
        response_dict["body"] = WITHOUT_ROWS
        customized_response_dict[_MEMBER] = page
