"""Locations of objects: `s3://` URLs, and buckets with their expected owners."""

from __future__ import annotations

import re
from typing import NamedTuple

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.access_points import FORM, access_point, check_kind, split_bucket
from s3_crosscopy.model.humanize import without_secrets

MAX_KEY_BYTES = 1024
"""S3's limit for a key, in bytes of UTF-8 (User Guide, "Creating object key names")."""

# As botocore validates it (`botocore.handlers.VALID_BUCKET`): old buckets in us-east-1 have capitals and underscores.
_BUCKET = re.compile(r"[a-zA-Z0-9.\-_]{3,255}")
# The bucket before `s3`, or in the path (User Guide, "Virtual hosting of buckets", with the older endpoints).
_AWS_HOST = re.compile(
    r"(?:([a-z0-9.\-_]{3,255})\.)?s3(?:[.-](?:dualstack\.)?[a-z]{2}(?:-[a-z]+)+-\d)?\.amazonaws\.com(?:\.cn)?"
)
_S3_ARN = re.compile(r"arn:aws[a-z-]*:s3:::([a-zA-Z0-9.\-_]{3,255}(?:/.*)?)", re.DOTALL)
_OTHER_CLOUDS = {
    "gs": "Google Cloud Storage", "gcs": "Google Cloud Storage", "wasb": "Azure", "wasbs": "Azure", "abfs": "Azure",
    "abfss": "Azure", "az": "Azure", "file": "a file system", "hdfs": "HDFS",
}  # fmt: skip


class Location(NamedTuple):
    """A bucket and a key, or a key prefix; the key may be empty (the root of the bucket)."""

    bucket: str
    key: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


class Bucket(NamedTuple):
    """A bucket and the conditions sent with every request to it.

    owner: account id that must own it (`ExpectedBucketOwner`), or None. requester_pays: True to accept the charges.
    """

    name: str
    owner: str | None = None
    requester_pays: bool = False


def parse_location(text: object, argument: str) -> Location:
    """Parse an `s3://bucket/key` URL, also with an access point's ARN; `argument` is its name, for the error.

    Raises InvalidInput, one line, for anything else: another scheme, no bucket, a template that was not rendered.
    """
    if not isinstance(text, str):
        raise InvalidInput(f"{argument}: expected an s3:// URL, got {type(text).__name__}")
    if text.strip() == "":
        raise InvalidInput(f"{argument}: is empty; give an s3://bucket/prefix/ URL (did a template render to nothing?)")
    if any(mark in text for mark in ("{{", "}}", "{%")):
        raise InvalidInput(
            f"{argument}: {text!r} holds a template that was not rendered; is the argument a template field?"
        )
    if not text.startswith("s3://"):
        raise InvalidInput(f"{argument}: {_shown(text)} is not an s3:// URL{_scheme_hint(text)}")
    bucket, key = split_bucket(text[len("s3://") :], argument)
    _check_bucket(text, bucket, argument)
    _check_key(key, argument)
    return Location(bucket, key)


def _shown(text: str) -> str:
    """Return the text for a message, without possible secrets: a user before '@', the signature of a presigned URL."""
    _, mark, rest = text.partition("://")
    if "@" in (rest if mark else text).partition("/")[0] or (mark and "@" in rest):
        return "what is given"
    return repr(without_secrets(text))


def _scheme_hint(text: str) -> str:
    """Return a hint what to write instead: the exact URL if that is certain."""
    scheme, mark, rest = text.strip().partition("://")
    scheme = scheme.lower()
    if mark and scheme in ("s3", "s3a", "s3n") and "@" not in rest.partition("/")[0]:
        return f"; write {'s3://' + rest!r}"
    if mark and scheme in ("http", "https"):
        return _web_hint(rest)
    if mark and scheme in _OTHER_CLOUDS:
        return f"; it is of {_OTHER_CLOUDS[scheme]}, not of S3"
    if text.startswith("arn:"):
        return _arn_hint(text)
    return "; it should look like s3://bucket/prefix/"


def _web_hint(rest: str) -> str:
    """Return the hint for a web URL. In AWS's own ones the bucket is certain, unless the key is encoded."""
    host, _, path = rest.partition("/")
    match = _AWS_HOST.fullmatch(host.lower())
    if match is None or any(mark in path for mark in "%?#") or not (match[1] or path):
        return "; give bucket and key as s3://bucket/key, and the server as the connection's endpoint_url"
    return f"; write {f's3://{match[1]}/{path}' if match[1] else f's3://{path}'!r}"


def _arn_hint(text: str) -> str:
    match = _S3_ARN.fullmatch(text)
    if match is not None or ":accesspoint" in text:
        return f"; write {'s3://' + (match[1] if match is not None else text)!r}"
    return f"; give the bucket's name, as s3://bucket/key, or an access point as {FORM}"


def _check_bucket(text: str, bucket: str, argument: str) -> None:
    if bucket == "":
        raise InvalidInput(f"{argument}: {text!r} names no bucket; it should look like s3://bucket/prefix/")
    if access_point(bucket) is not None:
        return
    if "@" in bucket or (":" in bucket and "@" in text):  # Not shown again: what stands before it may be a secret.
        raise InvalidInput(f"{argument}: holds a user or a password before '@'; name a profile or a connection instead")
    if not _BUCKET.fullmatch(bucket):
        raise InvalidInput(f"{argument}: {bucket!r} is not a bucket name (3 to 255 letters, digits, '.', '-', '_')")
    check_kind(bucket, argument)


def _check_key(key: str, argument: str) -> None:
    try:
        length = len(key.encode("utf-8"))
    except UnicodeEncodeError:
        raise InvalidInput(
            f"{argument}: the key is not valid unicode, and S3's keys are UTF-8; check how it was decoded"
        ) from None
    if length > MAX_KEY_BYTES:
        raise InvalidInput(f"{argument}: the key has {length} bytes, S3 allows {MAX_KEY_BYTES}; shorten it")
