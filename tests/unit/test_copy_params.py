from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.value_samples import facts, options

from s3_crosscopy.core.transfer.copy_params import (
    PROPERTIES,
    Subject,
    complete_args,
    copy_args,
    create_args,
    goes_in_one,
    may_owe_tags,
    tags_afterwards,
    untold_metadata,
)
from s3_crosscopy.core.transfer.header_choice import may_need_facts, needs_facts, new_content
from s3_crosscopy.core.transfer.preconditions import UNKNOWN
from s3_crosscopy.model.objects import Checksum, Facts
from s3_crosscopy.model.operations import ABSENT
from s3_crosscopy.model.option_table import OPTIONS

CONTENT = {"ContentType": "text/csv", "CacheControl": "no-cache"}
METADATA = {"owner": "ann"}
TAGS = {"team": "a b", "näme": "x/y&z=1"}
SHA = Checksum("SHA256", "FULL_OBJECT", "AAAA")

# Sent for every object, and what an upload has to be told of a source with CONTENT, METADATA, TAGS and no checksum.
COPY_ALWAYS: Mapping[str, object] = {"AnnotationDirective": "EXCLUDE"}
TAGGED = {"Tagging": "team=a+b&n%C3%A4me=x%2Fy%26z%3D1"}
CREATE_ALWAYS: Mapping[str, object] = {**CONTENT, "Metadata": METADATA, **TAGGED}


def subject(listed_class: str = "STANDARD", checksum: Checksum | None = None, /, **given: object) -> Subject:
    made = options(**given)
    headers = {name: value for rule in made.headers for name, value in rule.headers.items()}
    return Subject(made, listed_class, known(checksum), TAGS, headers)


def known(checksum: Checksum | None = None) -> Facts:
    return facts(content=CONTENT, metadata=METADATA, checksum=checksum)


KMS: dict[str, object] = {"kms_encryption_type": "aws:kms", "kms_key_id": "arn:aws:kms:eu-west-1:1:key/k"}
KMS_ARGS: dict[str, object] = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "arn:aws:kms:eu-west-1:1:key/k"}
SSE: dict[str, object] = {"ServerSideEncryption": "aws:kms"}
DSSE: dict[str, object] = {"ServerSideEncryption": "aws:kms:dsse"}
ACL: dict[str, object] = {"ACL": "bucket-owner-full-control"}
REPLACED = {"MetadataDirective": "REPLACE", **CONTENT}
MERGED = {"CacheControl": "max-age=60", "ContentLanguage": "de"}
ALL_SIX: dict[str, object] = {
    "cache-control": "a", "content-disposition": None, "content-encoding": None, "content-language": None,
    "content-type": "b", "expires": None,
}  # fmt: skip
SSE_S3: dict[str, object] = {"ServerSideEncryption": "AES256"}

# property, options, what CopyObject gets beside COPY_ALWAYS, what differs from CREATE_ALWAYS in an upload (None: gone)
TABLE: list[tuple[str, dict[str, object], dict[str, object], dict[str, object]]] = [
    ("nothing said", {}, {}, {}),
    ("content headers", {"metadata": "drop"}, {**REPLACED, "Metadata": {}}, {"Metadata": {}}),
    (
        "content headers",
        {"headers": {"cache-control": "max-age=60", "content-language": "de", "content-type": None}},
        {"MetadataDirective": "REPLACE", **MERGED, "Metadata": METADATA},
        {**MERGED, "ContentType": None},
    ),
    (
        "content headers",
        {"headers": {"expires": "0"}, "metadata": "drop"},
        {**REPLACED, "Expires": "0", "Metadata": {}},
        {"Expires": "0", "Metadata": {}},
    ),
    ("user metadata", {"metadata": "keep"}, {}, {}),
    ("user metadata", {"metadata": {"a": "1"}}, {**REPLACED, "Metadata": {"a": "1"}}, {"Metadata": {"a": "1"}}),
    ("user metadata", {"metadata": {}}, {**REPLACED, "Metadata": {}}, {"Metadata": {}}),
    ("tags", {"tags": "keep"}, {}, {}),
    ("tags", {"tags": "drop"}, {"TaggingDirective": "REPLACE"}, {"Tagging": None}),
    ("tags", {"tags": {}}, {"TaggingDirective": "REPLACE"}, {"Tagging": None}),
    ("tags", {"tags": {"a": "1"}}, {"TaggingDirective": "REPLACE", "Tagging": "a=1"}, {"Tagging": "a=1"}),
    (
        "storage class",
        {"storage_class": "STANDARD_IA"},
        {"StorageClass": "STANDARD_IA"},
        {"StorageClass": "STANDARD_IA"},
    ),
    ("storage class", {"storage_class": "STANDARD"}, {}, {}),  # S3's own default
    ("encryption", KMS, KMS_ARGS, KMS_ARGS),
    ("encryption", {"kms_encryption_type": "AES256"}, SSE_S3, SSE_S3),
    ("encryption", {"kms_encryption_type": "aws:kms"}, SSE, SSE),
    (
        "encryption",
        {**KMS, "bucket_key_enabled": True},
        {**KMS_ARGS, "BucketKeyEnabled": True},
        {**KMS_ARGS, "BucketKeyEnabled": True},
    ),
    (
        "encryption",
        {**KMS, "bucket_key_enabled": False},
        {**KMS_ARGS, "BucketKeyEnabled": False},
        {**KMS_ARGS, "BucketKeyEnabled": False},
    ),
    ("encryption", {"kms_encryption_type": "aws:kms:dsse"}, DSSE, DSSE),
    ("ACL", {"acl_policy": "bucket-owner-full-control"}, ACL, ACL),
    (
        "checksum algorithm",
        {"checksum_algorithm": "CRC32C"},
        {"ChecksumAlgorithm": "CRC32C"},
        {"ChecksumAlgorithm": "CRC32C", "ChecksumType": "FULL_OBJECT"},
    ),
    (
        "checksum algorithm",
        {"checksum_algorithm": "SHA1"},
        {"ChecksumAlgorithm": "SHA1"},
        {"ChecksumAlgorithm": "SHA1", "ChecksumType": "COMPOSITE"},
    ),
    ("annotations", {}, {}, {}),
    ("website redirect", {}, {}, {}),
    ("Object Lock", {}, {}, {}),
]


@pytest.mark.parametrize(("name", "given_options", "copy", "create"), TABLE)
def test_each_option_reaches_the_single_copy_and_the_upload(
    name: str, given_options: dict[str, object], copy: dict[str, object], create: dict[str, object]
) -> None:
    made = subject(**given_options)
    assert copy_args(made) == {**COPY_ALWAYS, **copy}
    wanted = {**CREATE_ALWAYS, **create}
    assert create_args(made) == {key: value for key, value in wanted.items() if value is not None}


def test_the_table_here_covers_every_property_there() -> None:
    assert {name for name, *_ in TABLE} - {"nothing said"} == {row.name for row in PROPERTIES}
    assert all(row.kept for row in PROPERTIES)


def test_no_option_beyond_the_table_and_the_guard_changes_the_arguments() -> None:
    told = {option for _, given_options, _, _ in TABLE for option in given_options} | {"overwrite", "etag_index"}
    others: dict[str, object] = {
        "kind": "prefix",
        "compare": "size",
        "include": "*",
        "exclude": "x",
        "min_size": 1,
        "max_size": 9,
        "modified_after": "2026-01-01",
        "modified_before": "2026-02-01",
        "archived": "skip",
        "batch_size": 7,
        "max_concurrency": 7,
        "transport": "boto3",
        "max_requests_per_second": 7,
        "outage_deadline": 60,
        "multipart_threshold": "6MiB",
        "part_size": "5MiB",
        "request_payer": "requester",
        "expected_bucket_owner": "111111111111",
        "expected_source_bucket_owner": "111111111111",
        "expected_report_bucket_owner": "111111111111",
        "expected_manifest_bucket_owner": "111111111111",
        "expected_etag_index_bucket_owner": "111111111111",
        "manifest": "keys.txt",
        "source_version_id": "v1",
        "verification": "listing",
        "copy_last": "*/_SUCCESS",
        "table_formats": "fail",
        "report": "folder",
        "report_format": "parquet",
        "report_skipped": True,
        "max_failures": 7,
        "dry_run": True,
        "allow_bucket_root": True,
        "if_empty": "skip",
    }
    keeping: dict[str, object] = {"preserve_etag": True}  # it is refused beside a part_size
    index: dict[str, object] = {"etag_index": "folder"}  # it is refused beside a manifest
    since: dict[str, object] = {"since": "key", "full_every": "1d", "overlap": "1h"}  # and this too
    mirror: dict[str, object] = {
        "extraneous": "delete", "report": "folder", "max_delete": 7, "delete_filtered": True, "permanent_delete": True,
    }  # fmt: skip
    known = told | set(others) | set(keeping) | set(index) | set(since) | set(mirror)
    assert known == {option.name for option in OPTIONS}, "every option is in a table here"
    for harmless in (others, keeping, index, since, mirror):
        assert copy_args(subject(**harmless)) == COPY_ALWAYS
        assert create_args(subject(**harmless)) == CREATE_ALWAYS


@pytest.mark.parametrize("storage_class", ["STANDARD_IA", "GLACIER_IR", "DEEP_ARCHIVE"])
def test_the_source_s_storage_class_is_kept_only_when_asked(storage_class: str) -> None:
    for args in (copy_args, create_args):
        assert args(subject(storage_class, storage_class="source"))["StorageClass"] == storage_class
        assert "StorageClass" not in args(subject("STANDARD", storage_class="source"))
        assert "StorageClass" not in args(subject(storage_class))


@pytest.mark.parametrize(
    ("algorithm", "kind"),
    [
        ("CRC32", "FULL_OBJECT"),
        ("CRC32C", "FULL_OBJECT"),
        ("CRC64NVME", "FULL_OBJECT"),
        ("SHA1", "COMPOSITE"),
        ("SHA256", "COMPOSITE"),
    ],
)
def test_an_upload_is_told_the_algorithm_that_a_single_copy_would_keep(algorithm: str, kind: str) -> None:
    made = subject("STANDARD", Checksum(algorithm, "FULL_OBJECT", "AAAA"))
    assert "ChecksumAlgorithm" not in copy_args(made)
    create = create_args(made)
    assert (create["ChecksumAlgorithm"], create["ChecksumType"]) == (algorithm, kind)
    assert complete_args(5, create, UNKNOWN) == {"MpuObjectSize": 5, "ChecksumType": kind}


def test_a_named_algorithm_beats_the_source_s() -> None:
    made = subject("STANDARD", SHA, checksum_algorithm="CRC32")
    assert create_args(made)["ChecksumAlgorithm"] == copy_args(made)["ChecksumAlgorithm"] == "CRC32"


@pytest.mark.parametrize(
    ("expected", "parameter"), [(ABSENT, {"IfNoneMatch": "*"}), ("e1", {"IfMatch": '"e1"'}), (UNKNOWN, {})]
)
def test_an_upload_has_its_precondition_where_its_key_comes_to_be(expected: str, parameter: dict[str, object]) -> None:
    assert complete_args(9, {}, expected) == {"MpuObjectSize": 9, **parameter}


@pytest.mark.parametrize(("metadata", "needed"), [("keep", False), ("drop", True), ({"a": "1"}, True), ({}, True)])
def test_only_other_metadata_costs_a_small_object_a_head(metadata: object, needed: bool) -> None:
    made = options(metadata=metadata)
    assert needs_facts(made) is needed
    if not needed:
        assert copy_args(Subject(made, "STANDARD")) == COPY_ALWAYS


@pytest.mark.parametrize(
    ("headers", "metadata", "needed"),
    [
        ({"expires": "0"}, "keep", True),
        ({"expires": "0"}, "drop", True),
        (ALL_SIX, "keep", True),
        (ALL_SIX, "drop", False),
        (ALL_SIX, {"a": "1"}, False),
    ],
)
def test_no_head_is_needed_where_the_options_name_all_that_is_replaced(
    headers: dict[str, object], metadata: object, needed: bool
) -> None:
    made = subject(headers=headers, metadata=metadata)
    assert may_need_facts(made.options)
    assert needs_facts(made.options, made.headers) is needed
    if not needed:
        # All but the content headers, which a transport is given beside the arguments.
        without = copy_args(made._replace(facts=None))
        assert without == {
            **COPY_ALWAYS,
            "MetadataDirective": "REPLACE",
            "Metadata": {} if metadata == "drop" else metadata,
        }
        assert new_content(None, made.headers) == {"CacheControl": "a", "ContentType": "b"}


def test_metadata_to_keep_is_sent_with_each_object_where_content_headers_are_replaced() -> None:
    made = subject(headers={"expires": "0"})
    assert copy_args(made._replace(facts=None)) == {**COPY_ALWAYS, "MetadataDirective": "REPLACE"}


def test_arguments_that_rest_on_a_head_cannot_be_made_without_one() -> None:
    bare = Subject(options(metadata="drop"), "STANDARD")
    with pytest.raises(AssertionError, match="HEAD"):
        create_args(bare)


def test_the_metadata_of_an_upload_comes_from_a_head() -> None:
    # The content headers alone would complain first.
    row = next(row for row in PROPERTIES if row.name == "user metadata")
    with pytest.raises(AssertionError, match="HEAD"):
        row.create(Subject(options(), "STANDARD"))


def test_an_object_without_tags_sends_no_tags() -> None:
    without: tuple[dict[str, str] | None, ...] = (None, {})
    for tags in without:
        made = Subject(options(), "STANDARD", known(), tags)
        assert "Tagging" not in create_args(made)
        assert tags_afterwards(made) == {}


def tags_with_header_of(header_bytes: int) -> dict[str, str]:
    return {"k": "v" * (header_bytes - len("k="))}


def test_tags_that_do_not_fit_the_header_of_an_upload_go_afterwards() -> None:
    fits, too_long = tags_with_header_of(2048), tags_with_header_of(2049)
    made = Subject(options(), "STANDARD", known(), fits)
    assert len(str(create_args(made)["Tagging"])) == 2048
    assert tags_afterwards(made) == {}
    made = Subject(options(), "STANDARD", known(), too_long)
    assert "Tagging" not in create_args(made)
    assert tags_afterwards(made) == too_long


def test_the_header_is_measured_as_it_is_sent() -> None:
    # 9 bytes on the wire for each of these characters.
    tags = {f"{number}": "漢" * 150 for number in range(2)}
    assert tags_afterwards(Subject(options(), "STANDARD", known(), tags)) == tags
    assert tags_afterwards(Subject(options(tags=tags), "STANDARD", known())) == tags
    assert tags_afterwards(Subject(options(tags="drop"), "STANDARD", known(), tags)) == {}


GIB = 2**30
LONG = {f"{number}": "漢" * 150 for number in range(2)}


def test_named_tags_that_do_not_fit_the_header_go_after_a_single_copy_too() -> None:
    for tags, header in ((TAGS, True), (LONG, False)):
        args = copy_args(Subject(options(tags=tags), "STANDARD"))
        assert args["TaggingDirective"] == "REPLACE"
        assert ("Tagging" in args) is header


@pytest.mark.parametrize(
    ("tags", "size", "owed"),
    [
        ("keep", 5 * GIB, False),
        ("keep", 5 * GIB + 1, True),
        ("drop", 6 * GIB, False),
        ({"a": "1"}, 6 * GIB, False),
        (LONG, 1, True),
    ],
)
def test_tags_may_be_owed_by_what_only_parts_can_copy_and_where_the_named_ones_fit_no_header(
    tags: object, size: int, owed: bool
) -> None:
    assert may_owe_tags(options(tags=tags), size) is owed


@pytest.mark.parametrize(
    ("given_options", "tags", "untold", "in_one"),
    [
        ({}, {}, 0, False),
        ({}, TAGS, 0, False),
        ({}, LONG, 0, True),
        ({"tags": "drop"}, LONG, 0, False),
        ({"tags": LONG}, {}, 0, False),
        ({}, {}, 1, True),
        ({"metadata": "drop"}, {}, 1, False),
    ],
)
def test_one_copyobject_carries_what_no_upload_can_be_given_as_far_as_it_takes_the_size(
    given_options: dict[str, object], tags: dict[str, str], untold: int, in_one: bool
) -> None:
    made = Subject(options(**given_options), "STANDARD", facts(untold=untold), tags)
    assert goes_in_one(made, 5 * GIB) is in_one
    assert not goes_in_one(made, 5 * GIB + 1)


def test_no_request_keeps_metadata_that_no_head_tells_beside_other_content_headers() -> None:
    made = subject(headers={"expires": "0"})._replace(facts=facts(untold=1))
    assert untold_metadata(made)
    assert not goes_in_one(made, 5 * GIB)


def test_metadata_that_no_head_tells_is_lost_where_it_is_to_be_kept_only() -> None:
    assert untold_metadata(Subject(options(), "STANDARD", facts(untold=1)))
    assert not untold_metadata(Subject(options(), "STANDARD", facts()))
    assert not untold_metadata(Subject(options(), "STANDARD"))
    assert not untold_metadata(Subject(options(metadata={"a": "1"}), "STANDARD", facts(untold=1)))


texts = st.text(st.characters(codec="utf-8"), max_size=40)


@given(st.dictionaries(texts.filter(bool), texts, max_size=10))
def test_every_tag_goes_by_the_header_or_afterwards_and_none_by_both(tags: dict[str, str]) -> None:
    made = Subject(options(), "STANDARD", known(), tags)
    by_header = dict(parse_qsl(str(create_args(made).get("Tagging", "")), keep_blank_values=True))
    afterwards = tags_afterwards(made)
    assert {**by_header, **afterwards} == tags
    assert not (by_header and afterwards)


def test_without_a_head_the_arguments_are_those_that_all_objects_have() -> None:
    replaced = Subject(options(metadata={"a": "1"}), "STANDARD")
    assert copy_args(replaced) == {**COPY_ALWAYS, "MetadataDirective": "REPLACE", "Metadata": {"a": "1"}}


def test_the_metadata_of_a_head_without_any_is_a_dict_as_botocore_requires_it() -> None:
    args = create_args(Subject(options(), "STANDARD", Facts(size=0, etag="", modified=""), {}))
    assert type(args["Metadata"]) is dict
