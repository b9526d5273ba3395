from __future__ import annotations

from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.core.inventory_lines import Format, format_of, key_of
from s3_crosscopy.errors import InvalidInput

INVENTORY, BATCH = Format("src", quoted=True), Format("src", quoted=False)


@pytest.mark.parametrize(
    ("first", "prefix", "form"),
    [
        ('"src","a/1"', "a/", INVENTORY),
        ('"src","a/1","5","2026-01-01T00:00:00.000Z"', "", INVENTORY),
        ("src,a/1", "a/", BATCH),
        ("src,a/1,,failed,403,AccessDenied,Access denied", "", BATCH),
        ("a/1", "a/", None),
        ("a/n,comma", "a/", None),
        ("src", "", None),
        ("src/a,b", "", None),
        ("other,a/1", "", None),  # as good a key as any
        ('"src"', "", None),
        ('"A","b"', "", None),  # no bucket has such a name
        ('"other","x"', '"', None),  # below the prefix
        ("", "", None),
    ],
)
def test_the_first_line_tells_what_the_lines_are(first: str, prefix: str, form: Format | None) -> None:
    assert format_of(first, "src", prefix) == form


@pytest.mark.parametrize("prefix", ["", "a/"])
def test_an_inventory_of_another_bucket_is_refused(prefix: str) -> None:
    says = "^is of the bucket 'other', and the source is 'src'; if these lines are keys, write each as "
    with pytest.raises(InvalidInput, match=says):
        format_of('"other","a/1"', "src", prefix)


@pytest.mark.parametrize(
    ("line", "form", "key"),
    [
        ('"src","a/x+y"', INVENTORY, "a/x y"),
        ('"src","a/x%20y","5"', INVENTORY, "a/x y"),
        ('"src","a/p%2Bq","5","2026-01-01T00:00:00.000Z","0123456789abcdef0123456789abcdef-3","STANDARD"',
         INVENTORY, "a/p+q"),
        ('"src","a/%C3%A9","0123456789abcdef0123456789abcdef"', INVENTORY, "a/é"),
        ('"src","a/1","' + "0f" * 32 + '"', INVENTORY, "a/1"),  # an owner
        ('"src","a/1","eyJ2ZXJzaW9uIjoiMjAyMi0xMS0xMCIsInN0YXR1cyI6IkFWQUlMQUJMRSJ9"', INVENTORY, "a/1"),  # an ACL
        ('"src","a/1","INTELLIGENT_TIERING","true","COMPLETED"', INVENTORY, "a/1"),
        ('"src","a/n%2Ccomma"\r', INVENTORY, "a/n,comma"),
        ("src,a/pct%2520lit", BATCH, "a/pct%20lit"),
        ("src,a/1,", BATCH, "a/1"),
        ('src,"a/1"', BATCH, "a/1"),
        ("src,a/1,,failed,403,AccessDenied,Access denied", BATCH, "a/1"),
    ],
)  # fmt: skip
def test_a_line_names_its_key_decoded(line: str, form: Format, key: str) -> None:
    assert key_of(line, form) == key


@given(st.text())
def test_any_key_survives_both_ways_to_encode_it(key: str) -> None:
    key = key.encode("utf-8", "replace").decode()
    for encoded in (quote(key), quote_plus(key), quote_plus(key, safe="/")):
        assert key_of(f'"src","{encoded}","5"', INVENTORY) == key_of(f"src,{encoded}", BATCH) == key


@pytest.mark.parametrize(
    ("line", "form", "says"),
    [
        ('"src","a/1","3HL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY+MTRCxf3vj","true","false","5"', INVENTORY, "names a version"),
        ('"src","a/1","3HL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY"', INVENTORY, "names a version"),
        ('"src","a/1","null"', INVENTORY, "names a version"),
        ('"src","a/1","","true","false"', INVENTORY, "names a version"),
        ('"src","a/1","f47ac10b-58cc-4372-a567-0e02b2c3d479"', INVENTORY, "names a version"),
        ("src,a/1,x", BATCH, "names a version"),
        ('"other","a/1"', INVENTORY, "is of the bucket 'other', and the source is 'src'"),
        ("other,a/1", BATCH, "is of the bucket 'other', and the source is 'src'"),
        ("a/1", INVENTORY, "is no bucket and key, as the lines before it are"),
        ('"src","a/1', INVENTORY, "is no bucket and key, as the lines before it are"),
        ('"src","a"b"', INVENTORY, "is no bucket and key, as the lines before it are"),
        ("src,a/100%", BATCH, "the key 'a/100%' is not URL-encoded; if these lines are keys, write each as"),
        ("src,a/%zz", BATCH, "the key 'a/%zz' is not URL-encoded"),
        ("src,a/%FC", BATCH, "the key 'a/%FC' is URL-encoded, and not in UTF-8; S3's keys are"),
    ],
)
def test_a_line_that_is_not_certainly_a_key_of_the_source_is_refused(line: str, form: Format, says: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        key_of(line, form)
    assert str(caught.value).startswith(says)
