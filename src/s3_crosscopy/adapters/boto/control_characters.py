"""Answers about keys that XML cannot hold: S3 writes a control character as `&#x7;`, at which every XML parser stops.

A key may have any character; XML 1.0 allows few below U+0020. Lists are asked for with their keys URL-encoded. All
other answers only repeat the key that was asked for, so that it may become illegible in them, but not the upload's id,
an error's code or an ETag beside it. Lists of uploads are read so too: some servers encode no keys there, or do not say
that they do, and there is one key that is looked for.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote_plus

from s3_crosscopy.adapters.boto.strict_parser import GZIP, Unreadable, why_not_parsed

LISTS_OF_KEYS = frozenset({"ListObjects", "ListObjectsV2", "ListObjectVersions"})
ILLEGIBLE = "\ufffd".encode()
_UPLOADS = "ListMultipartUploads"
_ASKED = "s3_crosscopy_prefix"
# XML 1.0, production 2, "Char": no other may stand there, neither as such nor as a reference.
_ALLOWED = ((0x9, 0xA), (0xD, 0xD), (0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|&#(?:x([0-9a-fA-F]+)|([0-9]+));")
_MOST_DIGITS = 7
"""U+10FFFF is 1114111; Python refuses to read thousands of them."""


def legible(body: bytes) -> bytes:
    """The same XML with a replacement character for each that XML does not allow."""
    return _FORBIDDEN.sub(_allowed, body)


def read_every_key(client: Any) -> None:
    """Make a client read answers about any key."""
    events = client.meta.events
    # Two wildcards: so it comes before botocore's own look for an error in a 200, which takes what it cannot parse for
    # one, and is registered as the first of all for every operation of S3.
    events.register_first("before-parse.*.*", _make_legible)
    events.register(f"before-parameter-build.s3.{_UPLOADS}", _ask_encoded)
    events.register(f"after-call.s3.{_UPLOADS}", _decode)


def _allowed(match: re.Match[bytes]) -> bytes:
    digits = (match[1] or match[2] or b"").lstrip(b"0")
    if not 0 < len(digits) <= _MOST_DIGITS:
        return ILLEGIBLE
    code = int(digits, 16 if match[1] is not None else 10)
    allowed = (
        code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
    )
    return match[0] if allowed else ILLEGIBLE


def _make_legible(operation_model: Any, response_dict: dict[str, Any], **_: object) -> None:
    """A list of keys that cannot be parsed stays so: another key than the object's would be worse than none.

    What no parser may have to read is an error's empty body, or none at all.
    """
    body, succeeded = response_dict.get("body"), response_dict.get("status_code", 0) < 300
    if not isinstance(body, bytes):
        return
    if why := why_not_parsed(body):
        if succeeded:
            raise Unreadable(why)
        response_dict["body"] = b""
    elif not (succeeded and operation_model.name in LISTS_OF_KEYS) and not body.startswith(GZIP):
        response_dict["body"] = legible(body)


def _ask_encoded(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    """As botocore does for lists of objects, but not for this one."""
    if "EncodingType" not in params:
        params["EncodingType"] = "url"
        context[_ASKED] = str(params.get("Prefix", ""))


def _decode(parsed: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    if _ASKED not in context:
        return
    if parsed.get("EncodingType") == "url":
        parsed.update({name: unquote_plus(parsed[name]) for name in ("KeyMarker", "NextKeyMarker") if name in parsed})
        for row in parsed.get("Uploads", ()):
            row["Key"] = unquote_plus(row["Key"])
    else:
        for row in parsed.get("Uploads", ()):
            row["Key"] = _as_asked(row["Key"], context[_ASKED])


def _as_asked(key: str, prefix: str) -> str:
    """A key of a list that is not said to be encoded: every one begins with the prefix, as long as it is as it was."""
    if key.startswith(prefix):
        return key
    # Ceph encodes and does not say so; moto does not encode.
    return prefix if key == legible(prefix.encode()).decode() else unquote_plus(key)
