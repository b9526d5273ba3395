from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.location import Location, parse_location


@pytest.mark.parametrize(
    ("url", "bucket", "key"),
    [
        ("s3://bucket", "bucket", ""),
        ("s3://bucket/", "bucket", ""),
        ("s3://bucket/a/b.csv", "bucket", "a/b.csv"),
        ("s3://bucket/a//b/", "bucket", "a//b/"),
        ("s3://bucket//a", "bucket", "/a"),
        ("s3://bucket/sp ace+%41?v=1#x&y=\"'", "bucket", "sp ace+%41?v=1#x&y=\"'"),  # nothing is decoded
        ("s3://bucket/ü/../.", "bucket", "ü/../."),
        ("s3://bucket/*.csv", "bucket", "*.csv"),
        ("s3://bucket/ trailing ", "bucket", " trailing "),
        ("s3://Old_Bucket.us/k", "Old_Bucket.us", "k"),
        ("s3://bucket/s3://x", "bucket", "s3://x"),
    ],
)
def test_a_url_is_a_bucket_and_a_key_taken_as_it_is(url: str, bucket: str, key: str) -> None:
    assert parse_location(url, "source") == Location(bucket, key)


@given(st.text(st.characters(codec="utf-8", exclude_characters="{}"), max_size=60))
def test_any_key_survives_being_written_as_a_url(key: str) -> None:
    assert parse_location(str(Location("bucket", key)), "dest") == Location("bucket", key)


@pytest.mark.parametrize("length", [1023, 1024])
def test_a_key_may_have_1024_bytes(length: int) -> None:
    assert len(parse_location("s3://bucket/" + "k" * length, "source").key) == length


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "expected an s3:// URL, got NoneType"),
        (b"s3://bucket/k", "expected an s3:// URL, got bytes"),
        ("", "is empty"),
        (" \n", "is empty"),
        ("s3://bucket/{{ ds }}/", "template that was not rendered"),
        ("s3://bucket/x }}/", "template that was not rendered"),
        ("s3a://bucket/k", "'s3a://bucket/k' is not an s3:// URL; write 's3://bucket/k'$"),
        ("s3n://bucket/k", "; write 's3://bucket/k'$"),
        ("S3A://Old_Bucket/K", "; write 's3://Old_Bucket/K'$"),
        ("S3://bucket/k", "; write 's3://bucket/k'$"),
        (" s3a://bucket/k", "; write 's3://bucket/k'$"),
        ("s3a:/bucket/k", "; it should look like s3://bucket/prefix/$"),
        ("https://bucket.s3.amazonaws.com/a/k", "; write 's3://bucket/a/k'$"),
        ("https://bucket.s3.amazonaws.com", "; write 's3://bucket/'$"),
        ("http://my.bucket.s3.eu-west-1.amazonaws.com/k", "; write 's3://my.bucket/k'$"),
        ("https://bucket.s3.dualstack.us-east-2.amazonaws.com/k", "; write 's3://bucket/k'$"),
        ("https://s3.us-west-2.amazonaws.com/bucket/k", "; write 's3://bucket/k'$"),
        ("https://s3-us-west-2.amazonaws.com/bucket/k", "; write 's3://bucket/k'$"),
        ("https://s3.cn-north-1.amazonaws.com.cn/bucket/", "; write 's3://bucket/'$"),
        ("https://s3.amazonaws.com/", "endpoint_url"),
        ("https://bucket.s3.amazonaws.com/a%20b", "endpoint_url"),
        ("https://bucket.s3.amazonaws.com/k?X-Amz-Signature=1", r"amazonaws.com/k\?...' is not an .* endpoint_url"),
        ("https://minio.example.com/bucket/k", "endpoint_url"),
        ("arn:aws:s3:::bucket/k", "; write 's3://bucket/k'$"),
        ("arn:aws-us-gov:s3:::bucket", "; write 's3://bucket'$"),
        ("arn:aws:s3:eu-west-1:1:accesspoint/ap", "; write 's3://arn:aws:s3:eu-west-1:1:accesspoint/ap'$"),
        (
            "arn:aws:iam::1:role/x",
            "; give the bucket's name, as s3://bucket/key, or an access point as s3://arn:aws:s3:",
        ),
        ("bucket/k", "should look like"),
        ("s3:/bucket/k", "should look like"),
        ("gs://bucket/k", "of Google Cloud Storage, not of S3$"),
        ("wasbs://container/k", "of Azure"),
        (" s3://bucket/k", "not an s3:// URL; write 's3://bucket/k'$"),
        ("s3://", "names no bucket"),
        ("s3:///k", "names no bucket"),
        ("s3://arn:aws:s3:eu-west-1:1:accesspoint/ap/k", "access point"),
        ("s3://ab/k", "not a bucket name"),
        ("s3://bücket/k", "not a bucket name"),
        ("s3://a bucket/k", "not a bucket name"),
        ("s3://user:secret@bucket/k", "password"),
        ("s3://bucket/" + "k" * 1025, "1025 bytes"),
        ("s3://bucket/" + "ü" * 513, "1026 bytes"),
        ("s3://bucket/\ud800", "not valid unicode"),
    ],
)
def test_anything_else_is_refused_in_one_line_that_names_the_argument(text: object, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        parse_location(text, "dest")
    assert str(caught.value).startswith("dest: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["s3", "s3a", "https"])
def test_a_password_in_a_url_is_not_repeated(scheme: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_location(f"{scheme}://user:hunter2@bucket/k", "source")
    assert "hunter2" not in str(caught.value)
