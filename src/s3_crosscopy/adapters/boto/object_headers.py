"""Sends an object's own headers byte for byte as a HEAD returned them, where botocore would change or refuse them.

botocore refuses metadata that is no ASCII, sends `Expires: 0` as another date, and signs and sends all text as UTF-8.
S3 itself returns such metadata in ASCII (RFC 2047) and decodes it again; servers like Ceph keep the received bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.auth import AUTH_TYPE_MAPS, S3SigV4Auth

from s3_crosscopy.model.content_headers import CONTENT_HEADERS

WRITES = ("CopyObject", "CreateMultipartUpload")
"""The operations that set an object's headers."""

_META = "x-amz-meta-"
_REMOVED, _OCTETS = "s3_crosscopy_headers", "s3_crosscopy_octets"
_SIGV4 = ("v4", "s3v4")
"""botocore's names of Signature Version 4, before and after it knows that the service is S3."""
_OF_OCTETS = "s3_crosscopy_s3v4"


def header_text(header: str) -> str:
    """A header's value in the form of `model.objects.Facts`: http.client decodes each byte as Latin-1.

    http.client also keeps the line ends in a folded value; each means a space (RFC 9112, 5.2).
    """
    if "\n" in header or "\r" in header:
        header = " ".join(line.strip(" \t") for line in header.replace("\r", "\n").split("\n") if line)
    return header.encode("latin-1").decode("utf-8", "surrogateescape")


def content_of(payload: Mapping[str, Any]) -> dict[str, str]:
    """The content headers in the response to a HEAD, by S3's API names."""
    values = {name: payload.get("ExpiresString" if name == "Expires" else name) for name in CONTENT_HEADERS}
    return {name: header_text(value) for name, value in values.items() if value}


def metadata_of(payload: Mapping[str, Any]) -> dict[str, str]:
    """The user metadata in the response to a HEAD."""
    return {name: header_text(value) for name, value in payload.get("Metadata", {}).items()}


def send_unchanged(client: Any) -> None:
    """Make a client send header values as `header_text` returns them."""
    events = client.meta.events
    AUTH_TYPE_MAPS.setdefault(_OF_OCTETS, _OctetsAuth)
    for operation in WRITES:
        # Before botocore's own check of metadata.
        events.register_first(f"before-parameter-build.s3.{operation}", _remove)
        events.register(f"before-call.s3.{operation}", _add)
        events.register(f"choose-signer.s3.{operation}", _signer)


class _Octets(str):
    """Text whose characters are bytes. botocore cannot encode it in another way."""

    __slots__ = ()

    def encode(self, encoding: str = "", errors: str = "") -> bytes:
        return super().encode("latin-1")


class _OctetsAuth(S3SigV4Auth):  # type: ignore[misc]
    """Signs the bytes of the headers. botocore would sign the UTF-8 of their text, and take U+00A0 for a space."""

    def canonical_request(self, request: Any) -> str:
        return _Octets(super().canonical_request(request))

    def _header_value(self, value: str) -> str:
        return b" ".join(value.encode("latin-1").split()).decode("latin-1")


def _remove(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    """Remove from a call's parameters the values that botocore would refuse or change."""
    removed: dict[str, str] = {}
    for name, header in CONTENT_HEADERS.items():
        value = params.get(name)
        if isinstance(value, str) and (name == "Expires" or not value.isascii()):
            removed[header] = params.pop(name)
    metadata = params.get("Metadata")
    if isinstance(metadata, Mapping):
        odd = {name: value for name, value in metadata.items() if not value.isascii()}
        if odd:
            params["Metadata"] = {name: value for name, value in metadata.items() if name not in odd}
            removed.update({f"{_META}{name}": value for name, value in odd.items()})
    context[_REMOVED] = removed


def _add(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    """Add the removed values to the request's headers."""
    removed: Mapping[str, str] = context.get(_REMOVED, {})
    context[_OCTETS] = not all(value.isascii() for value in removed.values())
    params["headers"].update({name: _octets(value) for name, value in removed.items()})


def _signer(context: Mapping[str, Any], signature_version: object, **_: object) -> str | None:
    return _OF_OCTETS if context.get(_OCTETS) and signature_version in _SIGV4 else None


def _octets(value: str) -> str:
    return _Octets(value.encode("utf-8", "surrogateescape").decode("latin-1"))
