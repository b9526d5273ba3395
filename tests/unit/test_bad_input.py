"""Every wrong argument has one line that says what is wrong and what to do, before any request is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from s3_crosscopy import InvalidInput, copy
from s3_crosscopy.api import resolve_spec
from s3_crosscopy.model.option_parsers import show_bytes
from s3_crosscopy.model.options import parse_options

SOURCE, DEST = "s3://src-bucket/in/", "s3://dst-bucket/out/"
HELP_URL = "it should look like s3://bucket/prefix/"
CLASSES = (
    "'source', 'STANDARD', 'REDUCED_REDUNDANCY', 'STANDARD_IA', 'ONEZONE_IA', 'INTELLIGENT_TIERING', 'GLACIER', "
    "'DEEP_ARCHIVE', 'GLACIER_IR'"
)
REPLACE = "expected 'keep', 'drop', or what replaces them (a mapping, or KEY=VALUE,...), got"
GLOBS = "expected a glob such as '*.parquet' or a list of them, got"
BOTO = "botocore_config: botocore refuses it, see botocore.config.Config:"


class Case(NamedTuple):
    """A call that is refused, and its exact message; a compiled pattern where a library words a part of it."""

    says: str | re.Pattern[str]
    keywords: Mapping[str, object] = {}
    source: object = SOURCE
    dest: object = DEST


def url(source: object, says: str) -> Case:
    return Case(f"source: {says}", source=source)


def option(name: str, value: object, says: str, source: object = SOURCE, **others: object) -> Case:
    return Case(f"{name}: {says}", {name: value, **others}, source)


NO_URL = [
    url(None, "expected an s3:// URL, got NoneType"),
    url(b"s3://src-bucket/in/", "expected an s3:// URL, got bytes"),
    url("", "is empty; give an s3://bucket/prefix/ URL (did a template render to nothing?)"),
    url("  \n", "is empty; give an s3://bucket/prefix/ URL (did a template render to nothing?)"),
    url("src-bucket/in/", f"'src-bucket/in/' is not an s3:// URL; {HELP_URL}"),
    url(" s3://src-bucket/in/", "' s3://src-bucket/in/' is not an s3:// URL; write 's3://src-bucket/in/'"),
    url("S3://src-bucket/in/", "'S3://src-bucket/in/' is not an s3:// URL; write 's3://src-bucket/in/'"),
    url("s3a://src-bucket/in/", "'s3a://src-bucket/in/' is not an s3:// URL; write 's3://src-bucket/in/'"),
    url("https://server/src-bucket/",
        "'https://server/src-bucket/' is not an s3:// URL; give bucket and key as s3://bucket/key, "
        "and the server as the connection's endpoint_url"),
    url("arn:aws:s3:::src-bucket/in/",
        "'arn:aws:s3:::src-bucket/in/' is not an s3:// URL; write 's3://src-bucket/in/'"),
    url("s3://in/{{ ds }}/",
        "'s3://in/{{ ds }}/' holds a template that was not rendered; is the argument a template field?"),
    url("s3://in/{% if x %}/",
        "'s3://in/{% if x %}/' holds a template that was not rendered; is the argument a template field?"),
]  # fmt: skip

NO_BUCKET_OR_KEY = [
    url("s3://", f"'s3://' names no bucket; {HELP_URL}"),
    url("s3:///in/", f"'s3:///in/' names no bucket; {HELP_URL}"),
    url("s3://ab/in/", "'ab' is not a bucket name (3 to 255 letters, digits, '.', '-', '_')"),
    url("s3://my bucket/in/", "'my bucket' is not a bucket name (3 to 255 letters, digits, '.', '-', '_')"),
    url("s3://AKIA:secret@src-bucket/in/",
        "holds a user or a password before '@'; name a profile or a connection instead"),
    url("s3://arn:aws:s3:::src-bucket/in/",
        "is an ARN, and not that of an access point, which looks like"
        " s3://arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME/prefix/"),
    url("s3://src--use1-az4--x-s3/in/",
        "'src--use1-az4--x-s3': directory buckets are not supported: their listings are not in order"),
    url("s3://src-bucket/in\udcff/", "the key is not valid unicode, and S3's keys are UTF-8; check how it was decoded"),
    url("s3://src-bucket/" + "ü" * 513, "the key has 1026 bytes, S3 allows 1024; shorten it"),
    Case("dest: 'dst-bucket' is not an s3:// URL; it should look like s3://bucket/prefix/", dest="dst-bucket"),
    Case("dest: 'x' is not a bucket name (3 to 255 letters, digits, '.', '-', '_')", dest="s3://x/out/"),
]  # fmt: skip

DANGEROUS_PLACES = [
    url("s3://src-bucket", "s3://src-bucket/ is a whole bucket; set allow_bucket_root=True to allow this"),
    url("s3://src-bucket/", "s3://src-bucket/ is a whole bucket; set allow_bucket_root=True to allow this"),
    Case("dest: s3://dst-bucket/ is the root of a bucket; set allow_bucket_root=True to allow this",
         dest="s3://dst-bucket/"),
    Case("source: s3://src-bucket/ names no object; give its key, or kind='prefix' for a whole bucket",
         {"kind": "object"}, source="s3://src-bucket/"),
    Case("dest: s3://src-bucket/in/ is the source itself, there is nothing to copy; name another place", dest=SOURCE),
    Case("dest: s3://src-bucket/k is the source itself, there is nothing to copy; name another place",
         source="s3://src-bucket/k", dest="s3://src-bucket/k"),
    Case("dest: s3://src-bucket/in/k is the source itself, there is nothing to copy; name another place",
         source="s3://src-bucket/in/k", dest="s3://src-bucket/in/"),
    Case("dest: s3://src-bucket/in/deeper/ and s3://src-bucket/in/ overlap, so the copy would feed on itself; "
         "name a place outside", dest="s3://src-bucket/in/deeper/"),
    Case("dest: s3://src-bucket/ and s3://src-bucket/in/ overlap, so the copy would feed on itself; "
         "name a place outside", {"allow_bucket_root": True}, dest="s3://src-bucket/"),
    Case("dest: s3://dst-bucket/out must end in '/' like the source; did you mean s3://dst-bucket/out/ ?",
         dest="s3://dst-bucket/out"),
    Case("source: s3://src-bucket/in must end in '/' like the destination; did you mean s3://src-bucket/in/ ?",
         {"kind": "prefix"}, source="s3://src-bucket/in"),
]  # fmt: skip

NO_SUCH_OPTION = [
    option("batchsize", 5, "no such option; did you mean 'batch_size'?"),
    option("colour", "red", "no such option; s3-crosscopy copy --help lists them"),
    option("sse_customer_key", "secret",
           "SSE-C (customer-provided keys) is not supported; use kms_key_id, or the bucket's default encryption"),
    option("copy_source_sse_customer_key", "secret",
           "SSE-C (customer-provided keys) is not supported; use kms_key_id, or the bucket's default encryption"),
    option("object_lock_mode", "GOVERNANCE",
           "Object Lock settings are not supported; set the destination bucket's default retention"),
    option("object_lock_legal_hold", "ON",
           "Object Lock settings are not supported; set the destination bucket's default retention"),
]  # fmt: skip

NUMBERS = [
    option("batch_size", True, "expected a whole number from 1 to 1,000,000, got True"),
    option("batch_size", 1.5, "expected a whole number from 1 to 1,000,000, got 1.5"),
    option("batch_size", "1e3", "expected a whole number from 1 to 1,000,000, got '1e3'"),
    option("batch_size", -1, "-1 is out of range; give a whole number from 1 to 1,000,000"),
    option("batch_size", "9" * 5000, f"expected a whole number from 1 to 1,000,000, got '{'9' * 79}..."),
    option("max_concurrency", "0", "0 is out of range; give a whole number from 1 to 10,000"),
    option("max_concurrency", "automatic", "expected a whole number from 1 to 10,000 or 'auto', got 'automatic'"),
    option("max_failures", -1, "-1 is out of range; give a whole number of at least 0"),
    option("max_failures", "101%", "expected a number of objects or a share from 0% to 100%, got '101%'"),
    option("max_failures", "ten %", "expected a number of objects or a share from 0% to 100%, got 'ten %'"),
    option("max_failures", 0.01, "expected a whole number of at least 0, got 0.01"),
    option("min_size", -1, "-1 bytes is out of range; S3 allows between 0 B and 50000 GiB"),
    option("max_size", "49TiB", "53,876,069,761,024 bytes is out of range; S3 allows between 0 B and 50000 GiB"),
    option("max_size", "big", "expected bytes such as 67108864 or '64MiB', got 'big'"),
    option("modified_after", "yesterday", "expected a time such as '2026-01-31T12:00:00Z', got 'yesterday'"),
    option("modified_after", 1767225600, "expected a time such as '2026-01-31T12:00:00Z', got 1767225600"),
    option("modified_before", "", "expected a time such as '2026-01-31T12:00:00Z', got ''"),
    option("archived", "restore", "'restore' is not one of 'fail', 'skip'"),
    option(
        "min_size",
        "2MiB",
        "is above max_size, so that no object would be left; exchange them",
        max_size="1MiB",
    ),
    option(
        "modified_after",
        "2026-02-01",
        "is not before modified_before, so that no object would be left; exchange them",
        modified_before="2026-02-01T00:00:00Z",
    ),
    option("part_size", "64 parsecs", "expected bytes such as 67108864 or '64MiB', got '64 parsecs'"),
    option("part_size", 8e6, "expected bytes such as 67108864 or '64MiB', got 8000000.0"),
    option("part_size", True, "expected bytes such as 67108864 or '64MiB', got True"),
    option("part_size", "1MiB", "1,048,576 bytes is out of range; S3 allows between 5 MiB and 5 GiB"),
    option("multipart_threshold", "6GiB", "6,442,450,944 bytes is out of range; S3 allows between 5 MiB and 5 GiB"),
    option("multipart_threshold", -1, "-1 bytes is out of range; S3 allows between 5 MiB and 5 GiB"),
    option("max_requests_per_second", 0, "expected requests per second above 0, got 0"),
    option("max_requests_per_second", "fast", "expected requests per second above 0, got 'fast'"),
    option("max_requests_per_second", "nan", "expected requests per second above 0, got 'nan'"),
    option("max_requests_per_second", True, "expected requests per second above 0, got True"),
    option("max_requests_per_second", 10**400,
           f"expected requests per second above 0, got 1{'0' * 79}..."),
    option("outage_deadline", -1, "-1 is out of range; give a whole number from 0 to 86,400"),
    option("outage_deadline", "15m", "expected a whole number from 0 to 86,400, got '15m'"),
    option("expected_bucket_owner", "1234", "'1234' is not an AWS account id of 12 digits"),
    option("expected_source_bucket_owner", 123456789012,
           "123456789012 is not an AWS account id of 12 digits; give it as text"),
    option("expected_report_bucket_owner", "111-222", "'111-222' is not an AWS account id of 12 digits"),
    option("expected_manifest_bucket_owner", "me", "'me' is not an AWS account id of 12 digits"),
]  # fmt: skip

ARABIC = "\u0661" * 12
"""Digits, but none that a header can hold."""

WORDS = [
    option("kind", "directory", "'directory' is not one of 'auto', 'object', 'prefix'"),
    option("if_empty", "ok", "'ok' is not one of 'fail', 'skip', 'succeed'"),
    option("overwrite", True, "True is not one of 'if_changed', 'always', 'never'"),
    option("overwrite", "if-changed",
           "'if-changed' is not one of 'if_changed', 'always', 'never'; did you mean 'if_changed'?"),
    option("compare", "md5", "'md5' is not one of 'auto', 'etag', 'size', 'mtime', 'checksum'"),
    option("storage_class", "standard", f"'standard' is not one of {CLASSES}; did you mean 'STANDARD'?"),
    option("storage_class", "COLD", f"'COLD' is not one of {CLASSES}"),
    option("acl_policy", "public",
           "'public' is not one of 'private', 'public-read', 'public-read-write', 'authenticated-read', "
           "'aws-exec-read', 'bucket-owner-read', 'bucket-owner-full-control'; did you mean 'public-read'?"),
    option("checksum_algorithm", "MD5", "'MD5' is not one of 'CRC32', 'CRC32C', 'SHA1', 'SHA256', 'CRC64NVME'"),
    option("request_payer", "owner", "'owner' is not one of 'requester'"),
    option("kms_encryption_type", "SSE-S3", "'SSE-S3' is not one of 'AES256', 'aws:kms', 'aws:kms:dsse'"),
    option("kms_key_id", "", "is empty; leave it out instead (did a template render to nothing?)"),
    option("kms_key_id", 5, "expected text, got int"),
    *(option("kms_key_id", odd, f"{odd!r} is no KMS key; give its ARN, its id or alias/NAME, of letters, digits and"
             " ':/_-' alone")
      for odd in ("alias/x\r\nx-evil: 1", "arn:aws:kms:eu-west-1:1:key/a\n", "a b", "schlüssel", "a\0")),
    *(option("source_version_id", odd,
             f"{odd!r} is no version id; copy it as S3 shows it, without spaces and line ends")
      for odd in ("v\r\nx: 1", "v 1", "ü")),
    option("expected_bucket_owner", ARABIC, f"{ARABIC!r} is not an AWS account id of 12 digits"),
    option("dry_run", "maybe", "expected true or false, got 'maybe'"),
    option("dry_run", 1, "expected true or false, got 1"),
    option("allow_bucket_root", "", "expected true or false, got ''"),
    option("bucket_key_enabled", "si", "expected true or false, got 'si'"),
]  # fmt: skip

MANY_VALUES = [
    option("include", 5, f"{GLOBS} 5"),
    option("include", {"*.csv"}, f"{GLOBS} {{'*.csv'}}"),
    option("include", ["*.csv", 5], f"{GLOBS} ['*.csv', 5]"),
    option("exclude", ["*.csv", ""], "holds an empty glob, which matches nothing; leave it out"),
    option("metadata", "replace", f"{REPLACE} 'replace'"),
    option("metadata", {"a": 1}, "'a': 1 has to be text for text, and the key not empty"),
    option("metadata", "a=1,b", "'b' in 'a=1,b' is not KEY=VALUE; a value that holds ',' needs a mapping"),
    option("metadata", "a=1,a=2", "'a' is given twice in 'a=1,a=2'"),
    option("metadata", {"a": "ü"},
           "'a': 'ü' is not printable ASCII, and S3 takes nothing else in a header; encode it"),
    option("metadata", {"a": "b\r\nc: d"},
           r"'a': 'b\r\nc: d' is not printable ASCII, and S3 takes nothing else in a header; encode it"),
    option("metadata", {"a": "x" * 2048}, "keys and values have 2,049 bytes, S3 allows 2,048; leave some out"),
    *(option("metadata", {key: "b"}, f"the key {key!r} is no name for a header; use letters, digits, '-', '_' and '.'")
      for key in ("a: b", "a b", "a:b", "(a)")),
    option("tags", {"a": "\r\nx-evil: 1"},
           "'a': '\\r\\nx-evil: 1' has a control character, and S3 takes none in a tag"),
    option("tags", {"a": "\udcff"}, "'a': '\\udcff' is not valid unicode; check how it was decoded"),
    option("tags", {"a\x7f": ""}, "'a\\x7f': '' has a control character, and S3 takes none in a tag"),
    option("tags", ["a"], f"{REPLACE} ['a']"),
    option("tags", {"": "x"}, "'': 'x' has to be text for text, and the key not empty"),
    option("tags", "=x", "'=x' in '=x' is not KEY=VALUE; a value that holds ',' needs a mapping"),
    option("tags", {str(number): "" for number in range(11)},
           "11 tags are given, S3 allows 10 an object; leave some out"),
    option("tags", {"k" * 129: ""}, f"'{'k' * 40}' is too long; S3 allows 128 characters a key and 256 a value"),
    option("tags", {"k": "v" * 257}, "'k' is too long; S3 allows 128 characters a key and 256 a value"),
]  # fmt: skip

SHARE = "expected a number of objects or a share from 0% to 100%, got"
TIME = "expected a time such as '2026-01-31T12:00:00Z', got"
EXCHANGE_TIMES = "is not before modified_before, so that no object would be left; exchange them"
ONLY_BELOW = "S3 allows between 0 B and 50000 GiB"

CHOICE_AND_PROOF = [
    option("max_failures", "-1%", f"{SHARE} '-1%'"),
    option("max_failures", "%", f"{SHARE} '%'"),
    option("max_failures", "1%%", f"{SHARE} '1%%'"),
    option("max_failures", "100.5%", f"{SHARE} '100.5%'"),
    option("max_failures", "1e1%", f"{SHARE} '1e1%'"),
    option("max_failures", "many", "expected a whole number of at least 0, got 'many'"),
    option("max_failures", True, "expected a whole number of at least 0, got True"),
    option("modified_after", "2026-02-30", f"{TIME} '2026-02-30'"),
    option("modified_after", "{{ ds }}", f"{TIME} '{{{{ ds }}}}'"),
    option("modified_before", "31.01.2026", f"{TIME} '31.01.2026'"),
    option("modified_before", True, f"{TIME} True"),
    option("modified_before", ["2026-01-31"], f"{TIME} ['2026-01-31']"),
    option("modified_after", "2026-02-01T00:00:00Z", EXCHANGE_TIMES, modified_before="2026-02-01T00:30:00+01:00"),
    option("min_size", "1.5GiB", "expected bytes such as 67108864 or '64MiB', got '1.5GiB'"),
    option("min_size", True, "expected bytes such as 67108864 or '64MiB', got True"),
    option("max_size", -1, f"-1 bytes is out of range; {ONLY_BELOW}"),
    option("max_size", "", "expected bytes such as 67108864 or '64MiB', got ''"),
    option("min_size", 1, "is above max_size, so that no object would be left; exchange them", max_size=0),
    option("archived", True, "True is not one of 'fail', 'skip'"),
    option("archived", "Skip", "'Skip' is not one of 'fail', 'skip'; did you mean 'skip'?"),
    option("verification", "checksum", "'checksum' is not one of 'responses', 'listing'"),
    option("verification", "list", "'list' is not one of 'responses', 'listing'; did you mean 'listing'?"),
    option("copy_last", 5, f"{GLOBS} 5"),
    option("copy_last", {"_SUCCESS"}, f"{GLOBS} {{'_SUCCESS'}}"),
    option("copy_last", ["*/_SUCCESS", ""], "holds an empty glob, which matches nothing; leave it out"),
    option("manifest", "", "is empty; leave it out instead (did a template render to nothing?)"),
    option("manifest", Path("keys.txt"), f"expected text, got {type(Path()).__name__}"),
    option("manifest", ["in/a", "in/b"], "expected text, got list"),
    Case("manifest: names the keys of a prefix; give the source as a prefix, or leave it out",
         {"manifest": "keys.txt"}, source="s3://src-bucket/in/k"),
    Case("manifest: names the keys of a prefix; give the source as a prefix, or leave it out",
         {"manifest": "keys.txt", "kind": "object"}),
    option("source_version_id", "v1", "is for one object, and this copies a prefix; leave it out"),
    option("source_version_id", " ", "is empty; leave it out instead (did a template render to nothing?)",
           source="s3://src-bucket/in/k"),
    option("source_version_id", 7, "expected text, got int"),
    option("report", "", "is empty; leave it out instead (did a template render to nothing?)"),
    option("report", True, "expected text, got bool"),
    option("report", "s3://", "'s3://' names no bucket; it should look like s3://bucket/prefix/"),
    option("report", "s3://AKIA:secret@b/r/",
           "holds a user or a password before '@'; name a profile or a connection instead"),
    option("report", "s3://src-bucket/in/report/",
           "s3://src-bucket/in/report/ lies below s3://src-bucket/in/, so it would be copied itself; "
           "name a place outside"),
    option("report", "s3://dst-bucket/out",
           "s3://dst-bucket/out/ lies below s3://dst-bucket/out/, so it would be copied itself; name a place outside"),
    option("report", "s3://src-bucket/reports/",
           "s3://src-bucket/reports/ lies below s3://src-bucket/, so it would be copied itself; name a place outside",
           source="s3://src-bucket/", allow_bucket_root=True),
    option("report_skipped", True, "means something only with report"),
    option("report_skipped", "some", "expected true or false, got 'some'"),
    option("report_format", "csv", "'csv' is not one of 'jsonl', 'parquet'"),
    option("report_format", "JSONL", "'JSONL' is not one of 'jsonl', 'parquet'; did you mean 'jsonl'?"),
    option("report_fromat", "parquet", "no such option; did you mean 'report_format'?"),
]  # fmt: skip

COMBINATIONS = [
    option("kms_key_id", "alias/x", "needs kms_encryption_type='aws:kms' or 'aws:kms:dsse' beside it"),
    option("bucket_key_enabled", True, "means something only with kms_encryption_type='aws:kms'"),
    Case("bucket_key_enabled: S3 has no Bucket Keys for 'aws:kms:dsse'",
         {"bucket_key_enabled": "true", "kms_encryption_type": "aws:kms:dsse"}),
    Case("part_size: is above multipart_threshold, so that one part would be the whole object; lower it",
         {"part_size": "64MiB", "multipart_threshold": "8MiB"}),
    option("preserve_etag", True, "copies each object in its source's own part size; leave out part_size",
           part_size="64MiB"),
    option("preserve_etag", "maybe", "expected true or false, got 'maybe'"),
]  # fmt: skip

ACCESS = [
    option("profile", "nobody", "there is no AWS profile 'nobody'; see `aws configure list-profiles`"),
    option("profile", "", "there is no AWS profile ''; see `aws configure list-profiles`"),
    option("source_profile", "nobody", "there is no AWS profile 'nobody'; see `aws configure list-profiles`"),
    Case(re.compile(r'profile: profile .orphan.: role_arn: The source_profile "gone" referenced in the profile'
                    r' "orphan" does not exist\.'),
         {"profile": "orphan"}),
    Case("profile: give a session or a profile, not both", {"session": object(), "profile": "good"}),
    Case("source_profile: give a session or a profile, not both",
         {"source_session": object(), "source_profile": "good"}),
    option("session", "good", "expected a boto3.Session, got str; name a profile with `profile`"),
    option("endpoint_url", "localhost:9000", "'localhost:9000' is not a URL; it begins with https:// or http://"),
    option("endpoint_url", 9000, "9000 is not a URL; it begins with https:// or http://"),
    option("endpoint_url", "http://", "'http://' names no server; it should look like https://host:port"),
    option("endpoint_url", "http://[::1", "'http://[::1' names no server; it should look like https://host:port"),
    option("endpoint_url", "http://[zz]:9000", "'http://[zz]:9000' names no server; it should look like https://host:port"),
    option("endpoint_url", "http://::1:9000", "'http://::1:9000' names no server; it should look like https://host:port"),
    option("endpoint_url", "http://minio:port", "'http://minio:port' names no server; it should look like https://host:port"),
    option("endpoint_url", "https://me:secret@minio:9000",
           "holds a user or a password before '@'; name a profile or a connection instead"),
    option("endpoint_url", "me:secret@minio",
           "holds a user or a password before '@'; name a profile or a connection instead"),
    option("region_name", "eu west 1", "'eu west 1' is not a Region; it looks like 'eu-west-1'"),
    option("region_name", 5, "5 is not a Region; it looks like 'eu-west-1'"),
    option("verify", "no.pem", "there is no file 'no.pem'; give a file of CA certificates, True or False"),
    option("botocore_config", "standard",
           "expected a mapping of botocore.config.Config settings, got str"),
    Case(re.compile(rf"{BOTO} Got unexpected keyword argument 'colour'"), {"botocore_config": {"colour": "red"}}),
    Case(re.compile(rf"{BOTO} Invalid value provided to \"mode\": \"x\" .*"),
         {"botocore_config": {"retries": {"mode": "x"}}}),
    option("botocore_config", {"retries": 5}, "retries has to be a mapping of settings, got int"),
    option("botocore_config", {"proxies": "http://me:secret@x"}, "proxies has to be a mapping of settings, got str"),
]  # fmt: skip

CASES = [
    *NO_URL,
    *NO_BUCKET_OR_KEY,
    *DANGEROUS_PLACES,
    *NO_SUCH_OPTION,
    *NUMBERS,
    *WORDS,
    *MANY_VALUES,
    *CHOICE_AND_PROOF,
    *COMBINATIONS,
    *ACCESS,
]


@pytest.fixture(autouse=True)
def aws_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The only profiles there are. No test reads its user's own, and none asks a metadata server."""
    config = tmp_path / "config"
    config.write_text(
        "[profile good]\naws_access_key_id=AKIA\naws_secret_access_key=secret\n"
        "[profile orphan]\nrole_arn=arn:aws:iam::222222222222:role/x\nsource_profile=gone\n"
    )
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.chdir(tmp_path)


def _name(case: Case) -> str:
    """The argument and how its message begins: pytest numbers those that are alike."""
    says = case.says if isinstance(case.says, str) else case.says.pattern
    return ascii(says[:50]).strip("'\"")


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_a_wrong_argument_is_refused_with_one_line(case: Case) -> None:
    with pytest.raises(InvalidInput) as refused:
        copy(case.source, case.dest, **case.keywords)  # type: ignore[arg-type]

    said = str(refused.value)
    assert "\n" not in said
    assert "secret" not in said
    if isinstance(case.says, str):
        assert said == case.says
    else:
        assert case.says.fullmatch(said)


def test_what_templates_and_shells_make_of_values_is_read() -> None:
    read = parse_options(
        {
            "batch_size": " 50 ",
            "part_size": "5mib",
            "multipart_threshold": "8000000 B",
            "dry_run": "True",
            "allow_bucket_root": "no",
            "max_requests_per_second": "2.5",
            "metadata": "a=1,b=x=y",
            "tags": "drop",
            "include": "*.csv",
            "expected_bucket_owner": "012345678901",
            "kind": None,
        }
    )

    assert (read.batch_size, read.part_size, read.multipart_threshold) == (50, 5 * 2**20, 8_000_000)
    assert (read.dry_run, read.allow_bucket_root, read.max_requests_per_second) == (True, False, 2.5)
    assert (read.metadata, read.tags, read.include) == ({"a": "1", "b": "x=y"}, "drop", ("*.csv",))
    assert (read.expected_bucket_owner, read.kind) == ("012345678901", "auto")


@pytest.mark.parametrize(
    ("source", "dest", "options", "prefixes"),
    [
        ("s3://b-1/in/", "s3://b-1/out/", {}, ("in/", "out/")),
        ("s3://b-1/in/k", "s3://b-1/in/k2", {}, ("in/k", "in/k2")),
        ("s3://b-1/in/k", "s3://b-2", {}, ("in/k", "k")),
        ("s3://b-1/in/", "s3://b-2/out/", {"kind": "object"}, ("in/", "out/in/")),
        ("s3://b-1", "s3://b-2/", {"allow_bucket_root": True}, ("", "")),
        ("s3://b-1/da", "s3://b-2/d", {"kind": "prefix"}, ("da", "d")),
    ],
)
def test_unusual_places_that_do_no_harm_are_allowed(
    source: str, dest: str, options: Mapping[str, object], prefixes: tuple[str, str]
) -> None:
    spec = resolve_spec(source, dest, options)

    assert (spec.source_prefix, spec.dest_prefix) == prefixes


def test_sizes_in_errors_are_exact() -> None:
    assert [show_bytes(number) for number in (0, 1025, 2048, 5 * 2**30)] == ["0 B", "1,025 B", "2 KiB", "5 GiB"]
