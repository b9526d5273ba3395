"""The option `headers`: the content headers that copies get or lose, by globs, and its parser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.option_parsers import near, show
from s3_crosscopy.model.template_values import is_none, like_a_list, literal

CONTENT_HEADERS: Final[Mapping[str, str]] = {
    "CacheControl": "Cache-Control",
    "ContentDisposition": "Content-Disposition",
    "ContentEncoding": "Content-Encoding",
    "ContentLanguage": "Content-Language",
    "ContentType": "Content-Type",
    "Expires": "Expires",
}
"""S3's API name -> header."""

MAX_HEADER_BYTES: Final = 2048
"""S3's limit for the names and values of an object's content headers (User Guide, "Working with object metadata")."""
EVERY_KEY: Final = "*"

_NAMES: Final = {header.lower(): name for name, header in CONTENT_HEADERS.items()}
_OTHER_OPTIONS: Final = {
    "x-amz-meta-": "metadata",
    "x-amz-tagging": "tags",
    "x-amz-storage-class": "storage_class",
    "x-amz-acl": "acl_policy",
    "x-amz-server-side-encryption": "kms_encryption_type",
    "x-amz-checksum-": "checksum_algorithm",
}
"""The beginnings of S3's other headers, and the option of each."""
# A glob may have colons and equals signs, and so may a value: the name between them is one of six.
_TEXT = re.compile(rf"(?:(.+?):)??({'|'.join(_NAMES)})(?:=(.*))?", re.DOTALL | re.IGNORECASE)
_FORMS = "a mapping such as {'cache-control': 'max-age=60', 'expires': None}, or a list of (glob, mapping)"


class HeaderRule(NamedTuple):
    """Content headers of the copies whose keys match a glob: by S3's API names the new value, or None to drop it."""

    glob: str
    headers: Mapping[str, str | None]


def header_rules(name: str, raw: object) -> tuple[HeaderRule, ...]:
    """Parse a mapping for all keys, a list of (glob, mapping), or text: such a value rendered, or `[GLOB:]NAME=VALUE`.

    A text that is only a name drops the header. An empty value is refused, because a template may have rendered it.
    """
    if isinstance(raw, str) and (
        raw.lstrip().startswith("{") or like_a_list(raw) or raw.lstrip()[:2] in ("[(", "[[", "((")
    ):
        raw = literal(raw)
    if isinstance(raw, Mapping):
        rules = [_rule(name, EVERY_KEY, raw)]
    elif isinstance(raw, str):
        rules = [_rule_of_text(name, raw)]
    elif isinstance(raw, (list, tuple)):
        rules = [_rule_of_item(name, item) for item in raw]
    else:
        raise InvalidInput(f"{name}: expected {_FORMS}, got {show(raw)}")
    return tuple(rule for rule in rules if rule.headers)


def _rule_of_item(name: str, item: object) -> HeaderRule:
    if isinstance(item, str):
        return _rule_of_text(name, item)
    if isinstance(item, (list, tuple)) and len(item) == 2 and isinstance(item[0], str) and isinstance(item[1], Mapping):
        return _rule(name, item[0], item[1])
    raise InvalidInput(f"{name}: expected {_FORMS}, and {show(item)} is none of these")


def _rule_of_text(name: str, text: str) -> HeaderRule:
    match = _TEXT.fullmatch(text)
    if match is not None:
        return _rule(name, match[1] or EVERY_KEY, {match[2]: match[3]})
    unknown = text.partition("=")[0].rpartition(":")[2]
    if "=" in text and text[:1] not in "{[(":
        _api_name(name, unknown)
    raise InvalidInput(
        f"{name}: {show(text)} is not NAME=VALUE or GLOB:NAME=VALUE, nor a NAME alone, which drops that header"
    )


def _rule(name: str, glob: str, raw: Mapping[object, object]) -> HeaderRule:
    if glob == "" or is_none(glob):
        raise InvalidInput(f"{name}: {glob!r} is no glob (did a template render to nothing?); leave it out")
    headers: dict[str, str | None] = {}
    for api_name, value in _checked(name, raw):
        if api_name in headers:
            raise InvalidInput(f"{name}: {CONTENT_HEADERS[api_name]} is given twice for {glob!r}; leave one out")
        headers[api_name] = value
    total = sum(len(CONTENT_HEADERS[api_name]) + len(value or "") for api_name, value in headers.items())
    if total > MAX_HEADER_BYTES:
        raise InvalidInput(
            f"{name}: those for {show(glob)} have {total:,} bytes with their names, S3 allows {MAX_HEADER_BYTES:,};"
            " shorten them"
        )
    return HeaderRule(glob, headers)


def _checked(name: str, raw: Mapping[object, object]) -> Iterator[tuple[str, str | None]]:
    for header, value in raw.items():
        yield _api_name(name, header), None if value is None else _value(name, header, value)


def _api_name(name: str, header: object) -> str:
    """Return S3's API name of a header. Raises InvalidInput for any header that is not one of the six."""
    if not isinstance(header, str) or header.lower() not in _NAMES:
        text = header.lower() if isinstance(header, str) else ""
        option = next((option for start, option in _OTHER_OPTIONS.items() if text.startswith(start)), None)
        hint = f"; use {option}= for that" if option is not None else near(text, _NAMES)
        raise InvalidInput(f"{name}: {show(header)} is not one of {', '.join(_NAMES)}{hint}")
    return _NAMES[header.lower()]


def _value(name: str, header: object, value: object) -> str:
    """Return the value of a header. Raises InvalidInput for one that would end the header, or that S3 would change."""
    if not isinstance(value, str):
        raise InvalidInput(f"{name}: {header}: expected text, or None to drop the header, got {show(value)}")
    if value.strip() == "" or is_none(value):
        raise InvalidInput(
            f"{name}: {header}: is {value!r} (did a template render to nothing?); None, or in a shell the name alone,"
            " drops the header"
        )
    if not (value.isascii() and value.isprintable()):
        raise InvalidInput(
            f"{name}: {header}: {show(value)} is not printable ASCII, and S3 takes nothing else in a header; encode it"
        )
    if value != value.strip():
        raise InvalidInput(
            f"{name}: {header}: {show(value)} begins or ends with a blank, which HTTP removes; remove it"
        )
    return value
