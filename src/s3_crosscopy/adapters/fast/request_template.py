"""Request templates: a request made by botocore is taken apart once, then each further one fills slots and is signed.

Endpoint, headers and their precedence are botocore's. A template is refused if it does not reproduce the signature of
its sample.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from s3_crosscopy.adapters.boto.injection_check import Passed, check_request_text, passed
from s3_crosscopy.adapters.fast.sigv4 import ALGORITHM, BYTES, Signer, Signing

# They differ with every attempt and are not signed; S3 does not need them.
_LEFT_OUT = frozenset(
    {"authorization", "x-amz-date", "x-amz-security-token", "amz-sdk-invocation-id", "amz-sdk-request", "host"}
)
_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} Credential=[^,]*/(?P<day>\d{{8}})/(?P<region>[^/,]+)/(?P<service>[^/,]+)/aws4_request, "
    r"SignedHeaders=(?P<signed>[^,]+), Signature=[0-9a-f]{64}"
)
_NO_ACCEPT = b"Accept:"
"""In libcurl's list of headers it means that there is none."""
_STAMP, _TOKEN = "\0stamp\0", "\0token\0"

Wire = tuple[str, list[bytes], Passed]
"""The URL, and headers as libcurl takes them: those of this request, and those of all requests of this second."""


class Incompatible(Exception):
    """No template can be made of this request. The text says why."""


class Template:
    """Makes signed requests that differ from the sample in their slots only.

    `marks` is the text that stands for each slot in the sample; `kept` is kept alive with the template.
    """

    def __init__(self, sample: Any, marks: Mapping[str, object], kept: object = None) -> None:
        headers = {name.lower(): (name, _text(value)) for name, value in sample.headers.items()}
        authorization = _AUTHORIZATION.fullmatch(headers.get("authorization", ("", ""))[1])
        if authorization is None:
            raise Incompatible("it is not signed by Signature Version 4 in a header")
        if sample.body:
            raise Incompatible("it has a body")
        self.kept = kept
        self.method: str = sample.method
        self.origin = sample.url[: sample.url.index("/", len("https://"))]
        """The scheme and the host of every request."""
        self.scope = (authorization["region"], authorization["service"])
        self._signed = authorization["signed"]
        self._marks = {name: str(mark) for name, mark in marks.items() if mark}
        self._url = self._slotted(sample.url)
        self._canonical = self._slotted(_canonical(sample, headers, self._signed))
        host = _host(sample)
        sent = [(name, value) for key, (name, value) in headers.items() if key not in _LEFT_OUT]
        lines = [_line(name, value) for name, value in [("Host", host), *sent]]
        # libcurl would add a header of its own.
        self._fixed = [_NO_ACCEPT, *(line.encode("utf-8", BYTES) for line in lines if not self._varies(line))]
        self._varied = [self._slotted(line) for line in lines if self._varies(line)]
        self._signing: Signing | None = None
        self._now = passed(())
        self._to_sign = ""
        self._text, self._line_ends = "", 0

    def wire(self, values: Mapping[str, object], signing: Signing) -> Wire:
        """The signed request with these values in its slots."""
        if signing is not self._signing:
            self._begin(signing)
        signature = signing.signature(self._to_sign % values)
        headers = [(line % values).encode("utf-8", BYTES) for line in self._varied]
        headers.append(self._authorization + signature.encode())
        return self._url % values, headers, self._now

    def text(self, values: Mapping[str, object], signing: Signing) -> bytes:
        """The signed request as it is sent, without a body. Raises NotSendable."""
        if signing is not self._signing:
            self._begin(signing)
        signature = signing.signature(self._to_sign % values)
        text = (self._text % {**values, "signature": signature}).encode("utf-8", BYTES)
        check_request_text(text, self._line_ends)
        return text

    def url(self, values: Mapping[str, object]) -> str:
        """The URL with these values in its slots."""
        return self._url % values

    def check(self, sample: Any, credentials: Any) -> None:
        """Raise Incompatible unless the template reproduces its sample."""
        theirs = {name.lower(): _text(value) for name, value in sample.headers.items()}
        signing = Signer(*self.scope).at_stamp(theirs["x-amz-date"], credentials)
        url, lines, fixed = self.wire(self._marks, signing)
        ours = {name.lower(): value for name, value in map(_split, (*lines, *fixed))}
        if url != sample.url or ours["authorization"] != theirs["authorization"]:
            raise Incompatible("its signature would differ from botocore's")

    def _varies(self, line: str) -> bool:
        return any(mark in line for mark in self._marks.values())

    def _slotted(self, text: str) -> str:
        text = text.replace("%", "%%")
        for name, mark in self._marks.items():
            text = text.replace(mark, f"%({name})s")
        return text

    def _begin(self, signing: Signing) -> None:
        """Prepare the lines that all requests of one second share. Raises NotSendable."""
        token = signing.token or ""
        self._to_sign = self._canonical.replace(_STAMP, signing.stamp).replace(_TOKEN, token.replace("%", "%%"))
        now = [*self._fixed, f"X-Amz-Date: {signing.stamp}".encode()]
        if signing.token:
            now.append(f"X-Amz-Security-Token: {signing.token}".encode())
        self._now = passed(now)
        self._signing = signing
        self._authorization = (
            f"Authorization: {ALGORITHM} Credential={signing.credential}, SignedHeaders={self._signed}, Signature="
        ).encode()
        self._text = self._whole()
        self._line_ends = self._text.count("\r\n")

    def _whole(self) -> str:
        """The text of a request, with its slots and one for the signature."""
        target = self._url[len(self.origin.replace("%", "%%")) :]
        fixed = [_as_sent(line).decode("utf-8", BYTES).replace("%", "%%") for line in self._now if line != _NO_ACCEPT]
        authorization = f"{self._authorization.decode()}%(signature)s"
        return "\r\n".join([f"{self.method} {target} HTTP/1.1", *self._varied, *fixed, authorization, "", ""])


class Prepared(NamedTuple):
    """A request that is ready to be signed: `template` with `values`, by the key and at the time of `signing`."""

    template: Template
    values: Mapping[str, object]
    signing: Signing

    @property
    def url(self) -> str:
        return self.template.url(self.values)

    def wire(self) -> Wire:
        """The request as libcurl takes it."""
        return self.template.wire(self.values, self.signing)

    def text(self) -> bytes:
        """The request as it is sent. Raises NotSendable."""
        return self.template.text(self.values, self.signing)


def _canonical(sample: Any, headers: Mapping[str, tuple[str, str]], signed: str) -> str:
    """The canonical request, with marks for the values that change every second."""
    address = urlsplit(sample.url)
    changing = {"x-amz-date": _STAMP, "x-amz-security-token": _TOKEN, "host": _host(sample)}
    names = signed.split(";")
    values = [changing.get(name) or _trimmed(headers[name][1]) for name in names]
    lines = [f"{name}:{value}" for name, value in zip(names, values, strict=True)]
    query = "&".join(sorted(address.query.split("&"), key=lambda pair: pair.partition("=")[::2]))
    payload = headers["x-amz-content-sha256"][1]
    return "\n".join([sample.method, address.path, query, *lines, "", signed, payload])


def _trimmed(value: str) -> str:
    """The value without superfluous ASCII white space; bytes of UTF-8 may look like other white space."""
    return b" ".join(value.encode("utf-8", BYTES).split()).decode("utf-8", BYTES)


def _host(sample: Any) -> str:
    """The Host header as botocore signs it: with the port unless it is the scheme's default."""
    address = urlsplit(sample.url)
    host = address.hostname or ""
    host = f"[{host}]" if ":" in host else host
    default_port = {"http": 80, "https": 443}.get(address.scheme)
    return f"{host}:{address.port}" if address.port not in (None, default_port) else host


def _line(name: str, value: str) -> str:
    # libcurl's spelling of a header with an empty value.
    return f"{name}: {value}" if value else f"{name};"


def _as_sent(line: bytes) -> bytes:
    """The line of a header that libcurl spells `Name;` because its value is empty."""
    return line[:-1] + b":" if line.endswith(b";") and b":" not in line else line


def _split(line: str | bytes) -> tuple[str, str]:
    name, _, value = _text(line).partition(": ")
    return name, value


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", BYTES) if isinstance(value, bytes) else value
