from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from s3_crosscopy.adapters.boto.s3 import BotoS3
from s3_crosscopy.adapters.fast.request_builder import RequestBuilder
from s3_crosscopy.adapters.fast.request_capture import MARK, Capture
from s3_crosscopy.adapters.fast.request_template import Incompatible, Template
from s3_crosscopy.adapters.fast.sigv4 import Signer, derived_key
from s3_crosscopy.adapters.fast.template_slots import filled, slotted, template_key
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.operations import Copy, CopyPart, Head, ListPage, Side, TransportOp
from tests.contract.keys import AWKWARD
from tests.fast.transports import ANYBODY, port

TOKEN = ANYBODY._replace(session_token="IQoJb3JpZ2lu//%+=token")
OWNED = Bucket("src-bucket", "111111111111", True)
DEST = Bucket("dst.bucket", "222222222222")
ARGS: Mapping[str, object] = {
    "MetadataDirective": "REPLACE",
    "Metadata": {"one": "1", "two-words": "a  b", "empty": ""},
    "ContentDisposition": 'attachment; filename="ä€ %s.csv"',
    "Tagging": "team=data&tier=a%2Fb",
    "AnnotationDirective": "EXCLUDE",
}
PIECES = st.sampled_from(
    ["/", "//", "/../", "/./", "..", "+", "%", "%2F", "?", "#", "&", "=", " ", "ü", "日", "😀", "~", "'", '"', "a", "Z"]
)
PARTS = PIECES | st.text(st.characters(exclude_categories=["Cs"]), max_size=3)
KEYS = st.lists(PARTS, min_size=1, max_size=8).map("".join).filter(bool)


class Ours:
    """A principal of our own, and the request that botocore would make in the same second."""

    def __init__(self, port: BotoS3) -> None:
        self.port = port
        self.principal = RequestBuilder(port)
        self.capture = Capture(port.client)

    def must_be_equal(self, op: TransportOp) -> None:
        """URL, headers and signature: all that is sent."""
        theirs = self.by_botocore(op)
        stamp = theirs.headers["X-Amz-Date"].decode()
        self.principal.prepared(op).wire()
        template = self.principal._template(slotted(op))
        values = filled(slotted(op))
        assert values is not None
        url, lines, fixed = template.wire(
            values, Signer(*template.scope).at_stamp(stamp, self.principal._capture.credentials())
        )
        assert url == theirs.url
        assert ours([*lines, *fixed]) == without_tracing(theirs.headers)

    def by_botocore(self, op: TransportOp) -> Any:
        """Sampled as templates are, with the operation's own keys. Nothing is sent: there is no server."""
        caught: list[Any] = []

        def before_send(request: Any, **_: object) -> None:
            if MARK not in request.url:
                caught.append(request)
                raise ZeroDivisionError

        self.port.client.meta.events.register("before-send.s3", before_send)
        try:
            with pytest.raises(ZeroDivisionError):
                self.principal._send(op)
        finally:
            self.port.client.meta.events.unregister("before-send.s3", before_send)
        return caught[0]


def ours(lines: list[Any]) -> dict[str, bytes]:
    pairs = [(line if isinstance(line, bytes) else line.encode()).partition(b":") for line in lines]
    found = {name.decode().lower(): value.strip() for name, _, value in pairs}
    assert found.pop("accept") == b""
    found.pop("host")
    return {name.rstrip(";"): value for name, value in found.items()}


def without_tracing(headers: Mapping[str, Any]) -> dict[str, bytes]:
    left = {name.lower(): value if isinstance(value, bytes) else value.encode() for name, value in headers.items()}
    return {name: value for name, value in left.items() if not name.startswith("amz-sdk-")}


PORTS: Mapping[str, Callable[[], BotoS3]] = {
    "path": lambda: port("http://localhost:9000"),
    "ipv6": lambda: port("http://[::1]:9000"),
    "ipv6 with a zone": lambda: port("http://[fe80::1%25eth0]:9000"),
    "token": lambda: port("http://127.0.0.1:80/", TOKEN),
    "tls": lambda: port("https://s3.example.com:8443/base/", TOKEN),
    "virtual": lambda: port("https://s3.eu-west-1.amazonaws.com", s3={"addressing_style": "virtual"}),
    "unsigned-payload": lambda: port("https://h", s3={"addressing_style": "path", "payload_signing_enabled": False}),
    "crc": lambda: port("https://h", request_checksum_calculation="when_supported"),
}


@pytest.fixture(scope="module", params=PORTS)
def both(request: pytest.FixtureRequest) -> Ours:
    return Ours(PORTS[request.param]())


@pytest.mark.parametrize("key", AWKWARD)
def test_every_request_of_an_awkward_key_is_the_one_that_botocore_would_send(both: Ours, key: str) -> None:
    both.must_be_equal(Copy(OWNED, key, DEST, f"in/{key}", "70ee1738b6b21e2c8a43f3a5ab0eee71-3", ARGS))
    both.must_be_equal(Copy(OWNED, key, DEST, key, "", {}, version="v.1_2"))
    for expected in ("*", "70ee1738b6b21e2c8a43f3a5ab0eee71-3", "a%s"):
        both.must_be_equal(Copy(OWNED, key, DEST, key, "abc", {}, expected=expected))
    both.must_be_equal(CopyPart(OWNED, key, DEST, key, "abc", "2~up/load+=&", 10_000, 0, 5 * 2**30 - 1))
    both.must_be_equal(Head(Side.SOURCE, OWNED, key, "70ee1738b6b21e2c8a43f3a5ab0eee71-3"))
    both.must_be_equal(Head(Side.DEST, DEST, key, version="v.1_2/+=&"))
    both.must_be_equal(ListPage(Side.SOURCE, OWNED, key))
    both.must_be_equal(ListPage(Side.SOURCE, OWNED, key, start_after=key))
    both.must_be_equal(ListPage(Side.DEST, DEST, key, key, "1/token+with/==", 17))


@settings(max_examples=300, deadline=None)
@given(KEYS, KEYS)
@example("a/../b", "/leading//")
def test_any_key_is_signed_as_botocore_signs_it(source_key: str, dest_key: str) -> None:
    _TOKENED.must_be_equal(Copy(OWNED, source_key, DEST, dest_key, "abc", ARGS))
    _TOKENED.must_be_equal(ListPage(Side.SOURCE, OWNED, source_key, dest_key))
    _TOKENED.must_be_equal(Head(Side.SOURCE, OWNED, source_key, "abc", dest_key))


_TOKENED = Ours(PORTS["tls"]())

HEADERS: Mapping[str, str] = {
    "CacheControl": "no-cache",
    "ContentDisposition": 'attachment; filename="ä€\u00a0\u0085 %s.csv"',
    "ContentType": "text/csv; charset=utf-8",
    "Expires": "0",
}
HEADER_VALUES = st.sampled_from(["0", "a b", "a  b", "%s", "é\udce9", "\u00a0", "x, y"]) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\x00"), min_size=1, max_size=5
).filter(lambda text: all(char >= " " and char != "\x7f" for char in text) and text.strip(" ") == text)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(HEADERS)), HEADER_VALUES))
@example(HEADERS)
def test_headers_of_an_object_are_sent_and_signed_as_botocore_does_it(headers: dict[str, str]) -> None:
    args: Mapping[str, object] = {"MetadataDirective": "REPLACE", "Metadata": {"name": "ü"}}
    _TOKENED.must_be_equal(Copy(OWNED, "key", DEST, "key", "abc", args, None, headers))


NAMES = st.sampled_from(["a", "b", "cache-control", "x-y_z", "a%s", "k1", "k10"])


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(HEADERS)), HEADER_VALUES), st.dictionaries(NAMES, HEADER_VALUES))
@example(HEADERS, {"cache-control": "no", "name": "é\udce9", "empty": ""})
@example({}, {f"k{number}": f"v{number}" for number in range(120)})
def test_metadata_of_an_object_is_sent_and_signed_as_botocore_does_it(
    headers: dict[str, str], metadata: dict[str, str]
) -> None:
    _TOKENED.must_be_equal(Copy(OWNED, "key", DEST, "key", "abc", REPLACED, None, headers, metadata))


REPLACED: Mapping[str, object] = {"MetadataDirective": "REPLACE"}


def test_one_template_serves_all_objects_with_the_same_names_in_their_metadata() -> None:
    principal = RequestBuilder(PORTS["path"]())
    for number in range(20):
        metadata = {"owner": f"team-{number}", "run": str(number)}
        principal.prepared(
            Copy(OWNED, "key", DEST, "key", "abc", REPLACED, None, {"ContentType": "a"}, metadata)
        ).wire()

    assert len(principal._templates) == 1


def test_headers_and_metadata_of_the_same_name_are_told_apart() -> None:
    principal = RequestBuilder(PORTS["path"]())
    named = {"Expires": "0"}
    for headers, metadata in ((named, {}), ({}, named), (named, named)):
        principal.prepared(Copy(OWNED, "key", DEST, "key", "abc", REPLACED, None, headers, metadata)).wire()

    assert len(principal._templates) == 3


def test_one_template_serves_all_objects_whatever_their_headers_hold() -> None:
    principal = RequestBuilder(PORTS["path"]())
    args: Mapping[str, object] = {"MetadataDirective": "REPLACE", "Metadata": {"a": "b"}}
    for number in range(20):
        headers = {"ContentType": f"text/{number}", "ContentDisposition": f"name-{number}"}
        principal.prepared(Copy(OWNED, "key", DEST, "key", "abc", args, None, headers)).wire()

    assert len(principal._templates) == 1


def test_a_key_is_derived_as_in_the_documentation() -> None:
    # "Deriving the signing key with other languages", IAM User Guide's own figures.
    key = derived_key("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20120215", "us-east-1", "iam")
    assert key.hex() == "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d"


@pytest.mark.parametrize("etag", ["a\r\nX-Evil: 1", "a b", "ü"])
def test_an_etag_that_is_no_header_value_is_left_to_botocore(etag: str) -> None:
    with pytest.raises(Incompatible):
        RequestBuilder(PORTS["path"]()).prepared(Copy(OWNED, "key", DEST, "key", etag, {})).wire()


def test_a_sample_that_would_be_signed_otherwise_is_refused() -> None:
    client = PORTS["path"]()
    capture = Capture(client.client)
    sample = capture.of(lambda: client.list_page(ListPage(Side.SOURCE, OWNED, MARK)))
    sample.headers["x-amz-expected-bucket-owner"] = b"999999999999"

    with pytest.raises(Incompatible, match="botocore"):
        Template(sample, {"prefix": MARK}).check(sample, capture.credentials())


def test_one_template_serves_all_keys_of_a_run() -> None:
    keys = {template_key(Copy(OWNED, key, DEST, key, "abc", ARGS)) for key in AWKWARD}

    assert len(keys) == 1


def test_credentials_are_asked_once_a_second_and_a_new_day_has_a_new_key() -> None:
    now = [1_767_225_599.2]
    principal = RequestBuilder(PORTS["token"](), lambda: now[0])
    asked: list[None] = []
    credentials = principal._capture.credentials
    principal._capture.credentials = lambda: (asked.append(None), credentials())[1]  # type: ignore[func-returns-value,method-assign]
    op = Copy(OWNED, "key", DEST, "key", "abc", ARGS)
    signed = []
    for moment in (0.2, 0.9, 1.0, 1.5):
        now[0] = 1_767_225_599 + moment
        _, lines, fixed = principal.prepared(op).wire()
        signed.append(ours([*lines, *fixed]))

    assert [one["x-amz-date"] for one in signed] == [b"20251231T235959Z"] * 2 + [b"20260101T000000Z"] * 2
    assert signed[0] == signed[1] != signed[2] == signed[3]
    assert len(asked) == 3  # the template's own check, and two seconds
