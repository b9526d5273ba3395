"""Headers that HTTP allows and client libraries do not: told as they are, and sent again byte for byte."""

from __future__ import annotations

import pytest

from tests.contract.server_differences import Behaviour
from tests.contract.subjects import Subject, told

LATIN = "caf\udce9"
"""The byte E9 alone, which is no UTF-8."""
ODD = {"ContentDisposition": 'attachment; filename="résumé.pdf"', "Expires": "0"}
MANY = {f"k{number:03}": "v" for number in range(120)}


def uploaded(s3: Subject, key: str, **args: object) -> None:
    """An object of one part at the destination."""
    etag = s3.put(key, b"content")
    s3.allow_parts(key)
    upload_id = s3.copier.create_upload(s3.dest, key, args)
    part = s3.part(key, etag, upload_id, 1, 0, 6)
    s3.copier.complete_upload(s3.dest, key, upload_id, [part], {})


def test_an_upload_keeps_metadata_that_is_no_ascii(s3: Subject) -> None:
    # Bytes and characters among them that Python takes for white space: A0, 85, U+3000.
    metadata = {"plain": "ascii", "name": "Käse 報告", "spaces": "à … \u3000 \u00a0x", "two": "a  ü"}
    uploaded(s3, "key", Metadata=metadata, **ODD)

    facts = s3.copier.head(s3.dest, "key")

    assert facts.metadata == metadata
    assert {name: facts.content[name] for name in ODD} == ODD


def test_an_upload_keeps_metadata_that_is_no_utf_8(s3: Subject) -> None:
    uploaded(s3, "key", Metadata={"name": "Käse", "latin": LATIN}, **ODD)

    facts = s3.copier.head(s3.dest, "key")

    assert facts.metadata["name"] == "Käse"
    assert {name: facts.content[name] for name in ODD} == ODD
    s3.expect(Behaviour.LATIN_METADATA, facts.metadata["latin"], LATIN)


@pytest.mark.parametrize("disposition", ["Käse 報告", LATIN], ids=["utf-8", "latin-1"])
def test_a_copy_with_other_metadata_keeps_content_headers_of_any_bytes(s3: Subject, disposition: str) -> None:
    etag = s3.put("key", b"content")
    content = {"ContentDisposition": disposition, "Expires": "never", "ContentType": "text/csv"}

    s3.copy("key", etag, MetadataDirective="REPLACE", Metadata={"name": "ü"}, **content)

    facts = s3.copier.head(s3.dest, "key")
    assert facts.metadata == {"name": "ü"}
    assert {name: facts.content[name] for name in content} == content


@pytest.mark.parametrize("disposition", ["plain", "two  blanks", "Käse 報告", LATIN])
def test_a_copy_with_headers_of_its_own_keeps_their_bytes(s3: Subject, disposition: str) -> None:
    etag = s3.put("key", b"content")
    content = {"ContentDisposition": disposition, "Expires": "0", "ContentType": "text/csv"}
    op = s3.op("key", etag, MetadataDirective="REPLACE", Metadata={"a": "b"})

    s3.copier.copy(op._replace(headers=content))

    facts = s3.copier.head(s3.dest, "key")
    assert facts.metadata == {"a": "b"}
    assert {name: facts.content[name] for name in content} == content


@pytest.mark.parametrize("value", ["plain", "two  blanks", "Käse 報告", LATIN])
def test_a_copy_with_metadata_of_its_own_keeps_its_bytes(s3: Subject, value: str) -> None:
    etag = s3.put("key", b"content")
    metadata = {"plain": "ascii", "name": value, "x-yz": "a=b;c"}
    op = s3.op("key", etag, MetadataDirective="REPLACE")

    s3.copier.copy(op._replace(headers={"ContentType": "text/csv"}, metadata=metadata))

    facts = s3.copier.head(s3.dest, "key")
    assert facts.content["ContentType"] == "text/csv"
    if value == LATIN:
        s3.expect(Behaviour.LATIN_METADATA, facts.metadata["name"], LATIN)
    else:
        assert facts.metadata == metadata


def test_more_metadata_than_a_hundred_headers_hold_is_told_and_sent_again(s3: Subject) -> None:
    def metadata() -> object:
        uploaded(s3, "key", Metadata=MANY)
        return s3.copier.head(s3.dest, "key").metadata

    s3.expect(Behaviour.MANY_HEADERS, told(metadata), MANY)


@pytest.mark.parametrize("expires", ["0", "never", "2030-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_expires_is_told_and_sent_again_whatever_it_is(s3: Subject, expires: str) -> None:
    uploaded(s3, "key", Expires=expires)

    assert s3.copier.head(s3.dest, "key").content["Expires"] == expires
