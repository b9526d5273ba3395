"""An object's own headers as bytes: what a HEAD told is sent again byte for byte, past botocore's ideas of it.

botocore refuses metadata that is no ASCII, sends `Expires: 0` as another date, and signs and sends all text as UTF-8.
S3 itself tells such metadata in ASCII (RFC 2047) and decodes it again; servers like Ceph's keep the bytes they got.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.auth import AUTH_TYPE_MAPS, S3SigV4Auth

CONTENT_HEADERS: Mapping[str, str] = {
    "CacheControl": "Cache-Control",
    "ContentDisposition": "Content-Disposition",
    "ContentEncoding": "Content-Encoding",
    "ContentLanguage": "Content-Language",
    "ContentType": "Content-Type",
    "Expires": "Expires",
}
"""S3's API names and the headers that they travel in."""
WRITES = ("CopyObject", "CreateMultipartUpload")
"""The operations that give an object its headers."""

_META = "x-amz-meta-"
_TAKEN, _OCTETS = "s3_crosscopy_headers", "s3_crosscopy_octets"
_USUAL = ("v4", "s3v4")
"""botocore's names of Signature Version 4 before and after it finds out that the service is S3."""
_OF_OCTETS = "s3_crosscopy_s3v4"


def told(header: str) -> str:
    """A header's value as `model.objects.Facts` has it; http.client reads each byte as a character of Latin-1.

    It also leaves the line ends in a value that goes on in the next line, which mean a space (RFC 9112, 5.2).
    """
    if "\n" in header or "\r" in header:
        header = " ".join(line.strip(" \t") for line in header.replace("\r", "\n").split("\n") if line)
    return header.encode("latin-1").decode("utf-8", "surrogateescape")


def content_of(said: Mapping[str, Any]) -> dict[str, str]:
    """The content headers in HEAD's answer, by S3's API names."""
    found = {name: said.get("ExpiresString" if name == "Expires" else name) for name in CONTENT_HEADERS}
    return {name: told(value) for name, value in found.items() if value}


def metadata_of(said: Mapping[str, Any]) -> dict[str, str]:
    """The user metadata in HEAD's answer."""
    return {name: told(value) for name, value in said.get("Metadata", {}).items()}


def send_as_told(client: Any) -> None:
    """Make a client send values as `told` gives them."""
    events = client.meta.events
    AUTH_TYPE_MAPS.setdefault(_OF_OCTETS, _OctetsAuth)
    for operation in WRITES:
        # Before botocore's own check of metadata.
        events.register_first(f"before-parameter-build.s3.{operation}", _take)
        events.register(f"before-call.s3.{operation}", _put)
        events.register(f"choose-signer.s3.{operation}", _signer)


class _Octets(str):
    """Text whose characters are bytes, whatever encoding botocore wants for it."""

    __slots__ = ()

    def encode(self, encoding: str = "", errors: str = "") -> bytes:
        return super().encode("latin-1")


class _OctetsAuth(S3SigV4Auth):  # type: ignore[misc]
    """Signs the bytes of the headers. botocore would sign the UTF-8 of their text, and take U+00A0 for a space."""

    def canonical_request(self, request: Any) -> str:
        return _Octets(super().canonical_request(request))

    def _header_value(self, value: str) -> str:
        return b" ".join(value.encode("latin-1").split()).decode("latin-1")


def _take(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    """Take out of a call's parameters what botocore would not let pass, or change."""
    taken: dict[str, str] = {}
    for name, header in CONTENT_HEADERS.items():
        value = params.get(name)
        if isinstance(value, str) and (name == "Expires" or not value.isascii()):
            taken[header] = params.pop(name)
    metadata = params.get("Metadata")
    if isinstance(metadata, Mapping):
        odd = {name: value for name, value in metadata.items() if not value.isascii()}
        if odd:
            params["Metadata"] = {name: value for name, value in metadata.items() if name not in odd}
            taken.update({f"{_META}{name}": value for name, value in odd.items()})
    context[_TAKEN] = taken


def _put(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    """Put it into the request's headers."""
    taken: Mapping[str, str] = context.get(_TAKEN, {})
    context[_OCTETS] = not all(value.isascii() for value in taken.values())
    params["headers"].update({name: _octets(value) for name, value in taken.items()})


def _signer(context: Mapping[str, Any], signature_version: object, **_: object) -> str | None:
    return _OF_OCTETS if context.get(_OCTETS) and signature_version in _USUAL else None


def _octets(value: str) -> str:
    return _Octets(value.encode("utf-8", "surrogateescape").decode("latin-1"))
