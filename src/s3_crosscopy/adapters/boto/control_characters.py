"""Makes responses parseable whose keys have control characters: S3 writes `&#x7;`, at which every XML parser stops.

A key may have any character; XML 1.0 allows few below U+0020. Lists are requested with URL-encoded keys. All other
responses only repeat the requested key: there such characters are replaced, so that the upload's id, an error's code or
an ETag beside it can be read. Lists of uploads are read so too: some servers do not encode keys there, or do not say
that they do, and only one key is looked for.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote_plus

from s3_crosscopy.adapters.boto.strict_parser import GZIP, Unreadable, why_not_parsed

LISTS_OF_KEYS = frozenset({"ListObjects", "ListObjectsV2", "ListObjectVersions"})
REPLACEMENT = "\ufffd".encode()
_UPLOADS = "ListMultipartUploads"
_PREFIX = "s3_crosscopy_prefix"
# XML 1.0, production 2, "Char": other characters are allowed neither as such nor as a reference.
_ALLOWED = ((0x9, 0xA), (0xD, 0xD), (0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|&#(?:x([0-9a-fA-F]+)|([0-9]+));")
_MOST_DIGITS = 7
"""U+10FFFF is 1114111; Python refuses to read thousands of them."""


def without_forbidden(body: bytes) -> bytes:
    """The same XML with a replacement character for each one that XML does not allow."""
    return _FORBIDDEN.sub(_allowed, body)


def read_every_key(client: Any) -> None:
    """Make a client parse responses about any key."""
    events = client.meta.events
    # Two wildcards: so it runs before botocore's own check for an error in a 200, which is registered as the first
    # handler of every S3 operation, and takes XML that it cannot parse for an error.
    events.register_first("before-parse.*.*", _make_parseable)
    events.register(f"before-parameter-build.s3.{_UPLOADS}", _request_encoded)
    events.register(f"after-call.s3.{_UPLOADS}", _decode)


def _allowed(match: re.Match[bytes]) -> bytes:
    digits = (match[1] or match[2] or b"").lstrip(b"0")
    if not 0 < len(digits) <= _MOST_DIGITS:
        return REPLACEMENT
    code = int(digits, 16 if match[1] is not None else 10)
    allowed = (
        code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
    )
    return match[0] if allowed else REPLACEMENT


def _make_parseable(operation_model: Any, response_dict: dict[str, Any], **_: object) -> None:
    """Replace forbidden characters in all responses but lists of keys: a wrong key would be worse than an error.

    A body that must not reach a parser is emptied if it is an error's, and refused if it is a success.
    """
    body, succeeded = response_dict.get("body"), response_dict.get("status_code", 0) < 300
    if not isinstance(body, bytes):
        return
    if problem := why_not_parsed(body):
        if succeeded:
            raise Unreadable(problem)
        response_dict["body"] = b""
    elif not (succeeded and operation_model.name in LISTS_OF_KEYS) and not body.startswith(GZIP):
        response_dict["body"] = without_forbidden(body)


def _request_encoded(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    """Request URL-encoded keys, as botocore does for lists of objects but not of uploads."""
    if "EncodingType" not in params:
        params["EncodingType"] = "url"
        context[_PREFIX] = str(params.get("Prefix", ""))


def _decode(parsed: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    if _PREFIX not in context:
        return
    if parsed.get("EncodingType") == "url":
        parsed.update({name: unquote_plus(parsed[name]) for name in ("KeyMarker", "NextKeyMarker") if name in parsed})
        for row in parsed.get("Uploads", ()):
            row["Key"] = unquote_plus(row["Key"])
    else:
        for row in parsed.get("Uploads", ()):
            row["Key"] = _as_requested(row["Key"], context[_PREFIX])


def _as_requested(key: str, prefix: str) -> str:
    """A key of a list that does not claim to be encoded. A key that is not encoded begins with the requested prefix."""
    if key.startswith(prefix):
        return key
    # Ceph encodes and does not say so; moto does not encode.
    return prefix if key == without_forbidden(prefix.encode()).decode() else unquote_plus(key)
