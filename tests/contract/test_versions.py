"""Versions: deletes make markers, a marker is removed by its id, and the newest version of a key is known."""

from __future__ import annotations

from s3_crosscopy.model.objects import Version
from s3_crosscopy.model.outcomes import Reason
from tests.contract.subjects import Subject, outcome


def test_a_bucket_tells_its_versioning(s3: Subject) -> None:
    assert s3.reader.versioning(s3.source) == ""
    s3.set_versioning("Enabled")
    assert s3.reader.versioning(s3.source) == "Enabled"
    s3.set_versioning("Suspended")
    assert s3.reader.versioning(s3.source) == "Suspended"


def test_without_versions_a_delete_makes_no_marker(s3: Subject) -> None:
    etag = s3.put("key")

    assert s3.reader.delete_object(s3.source, "key", etag) == ""
    assert s3.reader.newest_version(s3.source, "key") is None


def test_a_delete_makes_a_marker_that_is_the_newest_version(s3: Subject) -> None:
    s3.set_versioning("Enabled")
    etag = s3.put("key")

    marker = s3.reader.delete_object(s3.source, "key", etag)

    newest = s3.reader.newest_version(s3.source, "key")
    assert newest is not None
    assert newest == Version(marker, True, newest.modified)
    assert newest.version
    assert newest.modified.startswith("20")
    assert outcome(lambda: s3.reader.head(s3.source, "key")) in (Reason.MISSING, Reason.UNCONFIRMED)


def test_removing_the_marker_brings_the_object_back(s3: Subject) -> None:
    s3.set_versioning("Enabled")
    etag = s3.put("key", b"content")
    marker = s3.reader.delete_object(s3.source, "key", etag)

    assert s3.reader.delete_object(s3.source, "key", "", marker) == ""

    newest = s3.reader.newest_version(s3.source, "key")
    assert newest is not None
    assert (newest.is_marker, newest.etag) == (False, etag)
    assert s3.reader.head(s3.source, "key").etag == etag


def test_the_newest_of_several_versions_is_known_and_not_that_of_a_longer_key(s3: Subject) -> None:
    s3.set_versioning("Enabled")
    s3.put("key", b"first")
    second = s3.put("key", b"second")
    s3.put("key-2", b"another")
    s3.put("kex", b"another")

    newest = s3.reader.newest_version(s3.source, "key")

    assert newest is not None
    assert (newest.is_marker, newest.etag) == (False, second)
    assert s3.reader.newest_version(s3.source, "ke") is None
