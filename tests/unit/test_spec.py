from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.value_samples import any_keys, options

from s3_crosscopy.core.spec import CopySpec, resolve
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.location import Bucket, parse_location


def spec(source: str, dest: str, **given: object) -> CopySpec:
    return resolve(parse_location(source, "source"), parse_location(dest, "dest"), options(**given))


@pytest.mark.parametrize(
    ("source", "dest", "kind", "single", "source_prefix", "dest_prefix"),
    [
        # auto: a trailing slash makes a prefix, everything else one object
        ("s3://src/a/", "s3://dst/b/", "auto", False, "a/", "b/"),
        ("s3://src/a", "s3://dst/b", "auto", True, "a", "b"),
        ("s3://src/a/f.csv", "s3://dst/b/", "auto", True, "a/f.csv", "b/f.csv"),
        ("s3://src/a/f.csv", "s3://dst/", "auto", True, "a/f.csv", "f.csv"),
        ("s3://src/a/f.csv", "s3://dst", "auto", True, "a/f.csv", "f.csv"),
        ("s3://src/f.csv", "s3://dst/b/", "auto", True, "f.csv", "b/f.csv"),
        ("s3://src/a/*.csv", "s3://dst/b/", "auto", True, "a/*.csv", "b/*.csv"),
        ("s3://src/a//f", "s3://dst/b/", "auto", True, "a//f", "b/f"),
        # object: also a key that ends in a slash, which keeps it
        ("s3://src/a/marker/", "s3://dst/b/", "object", True, "a/marker/", "b/marker/"),
        ("s3://src/a/marker/", "s3://dst/b", "object", True, "a/marker/", "b"),
        ("s3://src/a/f", "s3://dst/b/f2", "object", True, "a/f", "b/f2"),
        # prefix: a string, not a directory
        ("s3://src/a", "s3://dst/b", "prefix", False, "a", "b"),
        ("s3://src/a/", "s3://dst/b/", "prefix", False, "a/", "b/"),
        # within one bucket, side by side
        ("s3://src/a/", "s3://src/b/", "auto", False, "a/", "b/"),
        ("s3://src/a/", "s3://src/ab/", "auto", False, "a/", "ab/"),
        ("s3://src/a", "s3://src/a2", "auto", True, "a", "a2"),
        ("s3://src/a", "s3://src/a/", "auto", True, "a", "a/a"),
    ],
)
def test_two_urls_mean_which_keys_go_where(
    source: str, dest: str, kind: str, single: bool, source_prefix: str, dest_prefix: str
) -> None:
    found = spec(source, dest, kind=kind)
    assert (found.single, found.source_prefix, found.dest_prefix) == (single, source_prefix, dest_prefix)


@pytest.mark.parametrize(
    ("source", "dest", "kind", "said"),
    [
        ("s3://src/", "s3://dst/b/", "auto", "source: .*whole bucket.*allow_bucket_root"),
        ("s3://src", "s3://dst/b/", "prefix", "source: .*whole bucket.*allow_bucket_root"),
        ("s3://src/a/", "s3://dst/", "auto", "dest: .*root of a bucket.*allow_bucket_root"),
        ("s3://src/", "s3://dst/b/", "object", "source: .*names no object"),
        ("s3://src/a/", "s3://dst/b", "auto", "dest: .*must end in '/'.*s3://dst/b/"),
        ("s3://src/a", "s3://dst/b/", "prefix", "source: .*must end in '/'.*s3://src/a/"),
        ("s3://src/a/", "s3://src/a/", "auto", "dest: .*the source itself"),
        ("s3://src/a", "s3://src/a", "auto", "dest: .*the source itself"),
        ("s3://src/a/f", "s3://src/a/", "auto", "dest: .*the source itself"),
        ("s3://src/a/", "s3://src/a/b/", "auto", "overlap"),
        ("s3://src/a/b/", "s3://src/a/", "auto", "overlap"),
        ("s3://src/a", "s3://src/ab", "prefix", "overlap"),
    ],
)
def test_what_could_do_harm_is_refused_in_one_line(source: str, dest: str, kind: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        spec(source, dest, kind=kind)
    assert "\n" not in str(caught.value)


def test_the_root_of_a_bucket_is_copied_when_it_is_meant() -> None:
    whole = spec("s3://src", "s3://dst/", allow_bucket_root=True)
    assert (whole.single, whole.source_prefix, whole.dest_prefix) == (False, "", "")
    into = spec("s3://src/", "s3://dst/backup/", allow_bucket_root=True)
    assert into.dest_key("a/b") == "backup/a/b"


def test_even_when_it_is_meant_a_bucket_is_not_copied_into_itself() -> None:
    with pytest.raises(InvalidInput, match="overlap"):
        spec("s3://src/", "s3://src/backup/", allow_bucket_root=True)


def test_each_bucket_carries_its_own_owner_and_both_the_payer() -> None:
    found = spec(
        "s3://src/a/",
        "s3://dst/b/",
        expected_source_bucket_owner="111111111111",
        expected_bucket_owner="222222222222",
        request_payer="requester",
    )
    assert found.source == Bucket("src", "111111111111", True)
    assert found.dest == Bucket("dst", "222222222222", True)
    bare = spec("s3://src/a/", "s3://dst/b/")
    assert (bare.source, bare.dest) == (Bucket("src"), Bucket("dst"))


def test_a_spec_shows_itself_as_the_user_would_write_it() -> None:
    found = spec("s3://src/a/f.csv", "s3://dst/b/")
    assert (found.source_url, found.dest_url) == ("s3://src/a/f.csv", "s3://dst/b/f.csv")
    assert found.dest_key("a/f.csv") == "b/f.csv"


@given(st.lists(any_keys, min_size=2, unique=True), st.sampled_from(["b/", "ü/", "\U0010ffff/", "a/deeper/b/"]))
def test_mapping_keys_keeps_their_order_and_tells_them_apart(rests: list[str], dest_prefix: str) -> None:
    found = spec("s3://src/a/", f"s3://dst/{dest_prefix}")
    keys = sorted("a/" + rest for rest in rests)
    mapped = [found.dest_key(key) for key in keys]
    assert mapped == sorted(mapped)
    assert len(set(mapped)) == len(keys)
    assert all(key.startswith(dest_prefix) for key in mapped)


def test_one_object_whose_key_would_come_out_too_long_is_refused() -> None:
    folder = "d" * 1000
    assert spec("s3://src/a/" + "k" * 23, f"s3://dst/{folder}/").dest_prefix == f"{folder}/{'k' * 23}"
    # S3 counts the bytes of UTF-8.
    for name in ("k" * 24, "k" * 22 + "ü", "\U0001f600" * 6):
        with pytest.raises(InvalidInput) as refused:
            spec(f"s3://src/a/{name}", f"s3://dst/{folder}/")
        assert str(refused.value) == (
            "dest: the destination key would have 1,025 bytes, S3 allows 1,024; shorten the destination prefix"
        )


@pytest.mark.parametrize(
    "report",
    ["folder", "/var/reports", "s3://dst/reports/", "s3://dst/bb/", "s3://src/", "s3://third/b/", "s3://src/b/r"],
)
def test_a_report_may_be_anywhere_but_below_what_is_copied(report: str) -> None:
    assert spec("s3://src/a/", "s3://dst/b/", report=report).options.report == report


@pytest.mark.parametrize("place", ["s3://src/a/", "s3://src/a/r/", "s3://dst/b"])
def test_an_etag_index_below_what_is_copied_is_refused(place: str) -> None:
    with pytest.raises(InvalidInput, match=r"^etag_index: .* would be copied itself; name a place outside"):
        spec("s3://src/a/", "s3://dst/b/", etag_index=place)


def test_an_etag_index_is_for_a_prefix() -> None:
    with pytest.raises(InvalidInput, match=r"^etag_index: is for a prefix, and this copies one object"):
        spec("s3://src/a", "s3://dst/b", etag_index="folder")


def test_the_bucket_of_an_etag_index_has_the_owner_that_is_expected() -> None:
    wanted = spec("s3://src/a/", "s3://dst/b/", etag_index="s3://third/i", expected_etag_index_bucket_owner="3" * 12)
    assert wanted.etag_index_bucket == Bucket("third", "3" * 12)
    assert spec("s3://src/a/", "s3://dst/b/", etag_index="folder").etag_index_bucket is None


@pytest.mark.parametrize("report", ["s3://src/a/", "s3://src/a", "s3://src/a/r/", "s3://dst/b/", "s3://dst/b/r"])
def test_a_report_below_what_is_copied_is_refused(report: str) -> None:
    with pytest.raises(InvalidInput, match=r"^report: .* would be copied itself; name a place outside"):
        spec("s3://src/a/", "s3://dst/b/", report=report)


def test_a_manifest_is_for_a_prefix_and_a_version_for_one_object() -> None:
    assert spec("s3://src/a/", "s3://dst/b/", manifest="keys.txt").options.manifest == "keys.txt"
    assert spec("s3://src/a", "s3://dst/b", source_version_id="v1").options.source_version_id == "v1"
    with pytest.raises(InvalidInput, match=r"^manifest: names the keys of a prefix"):
        spec("s3://src/a", "s3://dst/b", manifest="keys.txt")
    with pytest.raises(InvalidInput, match=r"^source_version_id: is for one object"):
        spec("s3://src/a/", "s3://dst/b/", source_version_id="v1")


@pytest.mark.parametrize(
    ("report", "guarded"),
    [
        ("s3://dst/reports/", Bucket("dst", "222222222222", True)),
        ("s3://src/reports/", Bucket("src", "111111111111", True)),
        ("s3://third/reports/", Bucket("third", None, True)),
        ("folder", None),
        (None, None),
    ],
)
def test_a_report_and_a_manifest_are_guarded_like_the_copys_own_bucket_if_they_lie_in_one(
    report: str | None, guarded: Bucket | None
) -> None:
    both = {"expected_source_bucket_owner": "111111111111", "expected_bucket_owner": "222222222222"}
    found = spec("s3://src/a/", "s3://dst/b/", report=report, manifest=report, request_payer="requester", **both)

    assert (found.report_bucket, found.manifest_bucket) == (guarded, guarded)


def test_an_owner_of_their_own_goes_before_what_is_expected_of_the_copys_buckets() -> None:
    found = spec(
        "s3://one/a/", "s3://one/b/", report="s3://one/r/", manifest="s3://third/m",
        expected_source_bucket_owner="111111111111",
        expected_report_bucket_owner="333333333333", expected_manifest_bucket_owner="444444444444",
    )  # fmt: skip
    assert found.report_bucket == Bucket("one", "333333333333")
    assert found.manifest_bucket == Bucket("third", "444444444444")


def test_within_one_bucket_the_owner_that_is_told_for_either_side_guards_the_report() -> None:
    found = spec("s3://one/a/", "s3://one/b/", report="s3://one/r/", expected_source_bucket_owner="111111111111")

    assert found.report_bucket == Bucket("one", "111111111111")
