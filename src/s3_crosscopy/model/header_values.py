"""Parsers of option values that are sent in headers or URLs: none may end a line or start another one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.option_parsers import show, text

MAX_METADATA_BYTES: Final = 2048
"""S3's limit for the keys and values of an object's user metadata."""

# KMS' own names (API reference, "KeyId"), and those of other servers, which are of the same characters.
_KMS_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9:/_.+=@-]{0,2047}")
_VERSION = re.compile(r"[!-~]{1,1024}")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
"""A token of HTTP (RFC 9110, 5.6.2)."""


def kms_key(name: str, raw: object) -> str:
    """Parse a KMS key: an ARN, an id or an alias."""
    if _KMS_KEY.fullmatch(value := text(name, raw)):
        return value
    raise InvalidInput(
        f"{name}: {show(value)} is no KMS key; give its ARN, its id or alias/NAME, of letters, digits and ':/_-' alone"
    )


def version(name: str, raw: object) -> str:
    """Parse a version id: printable ASCII without spaces, as S3 and compatible servers create it."""
    if _VERSION.fullmatch(value := text(name, raw)):
        return value
    raise InvalidInput(f"{name}: {show(value)} is no version id; copy it as S3 shows it, without spaces and line ends")


def check_metadata(metadata: Mapping[str, str]) -> None:
    """Check S3's limits for user metadata, which is sent in headers (User Guide, "Working with object metadata")."""
    for key, value in metadata.items():
        if not ((key + value).isascii() and (key + value).isprintable()):
            raise InvalidInput(
                f"metadata: {show(key)}: {show(value)} is not printable ASCII, and S3 takes nothing else in a header;"
                " encode it"
            )
        if not _HEADER_NAME.fullmatch(key):
            raise InvalidInput(
                f"metadata: the key {show(key)} is no name for a header; use letters, digits, '-', '_' and '.'"
            )
    total = sum(len(key) + len(value) for key, value in metadata.items())
    if total > MAX_METADATA_BYTES:
        raise InvalidInput(
            f"metadata: keys and values have {total:,} bytes, S3 allows {MAX_METADATA_BYTES:,}; leave some out"
        )


def check_tags(tags: Mapping[str, str]) -> None:
    """Check S3's limits for object tags (User Guide, "Categorizing your storage using tags")."""
    if len(tags) > 10:
        raise InvalidInput(f"tags: {len(tags)} tags are given, S3 allows 10 an object; leave some out")
    for key, value in tags.items():
        if len(key) > 128 or len(value) > 256:
            raise InvalidInput(f"tags: {key[:40]!r} is too long; S3 allows 128 characters a key and 256 a value")
        if any(char < " " or char == "\x7f" for char in key + value):
            raise InvalidInput(f"tags: {show(key)}: {show(value)} has a control character, and S3 takes none in a tag")
        if any("\ud800" <= char <= "\udfff" for char in key + value):
            raise InvalidInput(f"tags: {show(key)}: {show(value)} is not valid unicode; check how it was decoded")
