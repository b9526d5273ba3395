from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta, timezone

import pytest
from tests.unit.value_samples import options

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.content_headers import HeaderRule
from s3_crosscopy.model.option_parsers import Size, near, show_bytes
from s3_crosscopy.model.option_table import NAMES, OPTIONS, REFUSED
from s3_crosscopy.model.options import CopyOptions, parse_options

MIB, GIB = 2**20, 2**30

DEFAULTS: dict[str, object] = {
    "kind": "auto",
    "allow_bucket_root": False,
    "if_empty": "fail",
    "overwrite": "if_changed",
    "compare": "auto",
    "include": (),
    "exclude": (),
    "min_size": None,
    "max_size": None,
    "modified_after": None,
    "modified_before": None,
    "archived": "fail",
    "batch_size": 1000,
    "max_concurrency": 64,
    "transport": "auto",
    "max_requests_per_second": None,
    "multipart_threshold": 1_073_741_824,
    "part_size": None,
    "preserve_etag": False,
    "storage_class": None,
    "kms_key_id": None,
    "kms_encryption_type": None,
    "bucket_key_enabled": None,
    "acl_policy": None,
    "metadata": "keep",
    "headers": (),
    "tags": "keep",
    "checksum_algorithm": None,
    "request_payer": None,
    "expected_bucket_owner": None,
    "expected_source_bucket_owner": None,
    "expected_report_bucket_owner": None,
    "expected_etag_index_bucket_owner": None,
    "expected_manifest_bucket_owner": None,
    "manifest": None,
    "source_version_id": None,
    "verification": "responses",
    "copy_last": "auto",
    "table_formats": "warn",
    "report": None,
    "report_format": "jsonl",
    "report_skipped": False,
    "etag_index": None,
    "max_failures": 0,
    "outage_deadline": 900,
    "extraneous": "report",
    "since": None,
    "full_every": 604_800,
    "overlap": 86_400,
    "max_delete": "10%",
    "delete_filtered": False,
    "permanent_delete": False,
    "dry_run": False,
}


def test_the_defaults_are_those_of_the_design() -> None:
    assert dataclasses.asdict(parse_options({})) == DEFAULTS
    assert dataclasses.asdict(parse_options(dict.fromkeys(NAMES))) == DEFAULTS, "None takes the default"


def test_the_table_and_the_value_have_the_same_options() -> None:
    assert tuple(field.name for field in dataclasses.fields(CopyOptions)) == NAMES
    assert len(set(NAMES)) == len(NAMES)
    assert all(option.help for option in OPTIONS)


KMS = {"kms_encryption_type": "aws:kms"}
GZIP = {"content-encoding": "gzip"}
EVERY = HeaderRule("*", {"CacheControl": "max-age=60", "Expires": None})
GZIPPED = HeaderRule("*.gz", {"ContentEncoding": "gzip"})
DROPPED = HeaderRule("d=1/a:b*", {"Expires": None})


@pytest.mark.parametrize(
    ("name", "raw", "value", "beside"),
    [
        ("kind", "prefix", "prefix", {}),
        # Templates and shells give text.
        ("max_concurrency", "64", 64, {}),
        ("max_concurrency", " 8 ", 8, {}),
        ("max_concurrency", 1, 1, {}),
        ("max_concurrency", 10_000, 10_000, {}),
        ("max_concurrency", " auto ", "auto", {}),
        ("batch_size", "1", 1, {}),
        ("max_failures", "0", 0, {}),
        ("multipart_threshold", "1GiB", GIB, {}),
        ("multipart_threshold", "1 gib", GIB, {}),
        ("multipart_threshold", "5MiB", 5 * MIB, {}),
        ("multipart_threshold", "64M", 64_000_000, {}),
        ("multipart_threshold", "64MB", 64_000_000, {}),
        ("multipart_threshold", "2GB", 2_000_000_000, {}),
        ("multipart_threshold", "5242880", 5 * MIB, {}),
        ("multipart_threshold", "5242880b", 5 * MIB, {}),
        ("multipart_threshold", 5 * GIB, 5 * GIB, {}),
        ("multipart_threshold", "5120 KiB", 5 * MIB, {}),
        ("multipart_threshold", "6000k", 6_000_000, {}),
        ("part_size", "64MiB", 64 * MIB, {}),
        ("part_size", "1GiB", GIB, {}),
        ("max_requests_per_second", "12.5", 12.5, {}),
        ("outage_deadline", "60", 60, {}),
        ("outage_deadline", 0, 0, {}),
        ("max_requests_per_second", 3, 3.0, {}),
        ("max_requests_per_second", 0.5, 0.5, {}),
        ("batch_size", 1_000_000, 1_000_000, {}),
        ("metadata", {"k": "v" * 2047}, {"k": "v" * 2047}, {}),
        ("tags", {str(number): "" for number in range(10)}, {str(number): "" for number in range(10)}, {}),
        ("dry_run", "true", True, {}),
        ("dry_run", "True", True, {}),
        ("dry_run", " no ", False, {}),
        ("dry_run", "0", False, {}),
        ("dry_run", True, True, {}),
        ("bucket_key_enabled", "false", False, KMS),
        ("kms_key_id", "arn:aws:kms:k", "arn:aws:kms:k", KMS),
        ("include", "*.csv", ("*.csv",), {}),
        ("include", ["a", "b"], ("a", "b"), {}),
        ("exclude", ("a",), ("a",), {}),
        ("exclude", [], (), {}),
        ("expected_bucket_owner", "012345678901", "012345678901", {}),
        ("expected_source_bucket_owner", " 012345678901 ", "012345678901", {}),
        ("expected_report_bucket_owner", "012345678901", "012345678901", {}),
        ("expected_manifest_bucket_owner", "012345678901", "012345678901", {}),
        ("metadata", "drop", "drop", {}),
        ("metadata", {"a": "1"}, {"a": "1"}, {}),
        ("headers", [], (), {}),
        ("headers", {}, (), {}),
        ("headers", {"Cache-Control": "max-age=60", "expires": None}, (EVERY,), {}),
        ("headers", "{'cache-control': 'max-age=60', 'expires': None}", (EVERY,), {}),
        ("headers", '{"cache-control": "max-age=60", "expires": null}', (EVERY,), {}),
        ("headers", [("*", {"cache-control": "max-age=60", "expires": None}), ["*.gz", GZIP]], (EVERY, GZIPPED), {}),
        ("headers", "[('*.gz', {'content-encoding': 'gzip'})]", (GZIPPED,), {}),
        ("headers", '[["*.gz", {"content-encoding": "gzip"}]]', (GZIPPED,), {}),
        ("headers", "(('*.gz', {'content-encoding': 'gzip'}),)", (GZIPPED,), {}),
        ("headers", "*.gz:content-encoding=gzip", (GZIPPED,), {}),
        ("headers", ["*.gz:Content-Encoding=gzip", "d=1/a:b*:expires"], (GZIPPED, DROPPED), {}),
        (
            "headers",
            "content-type=a:content-encoding=b",
            (HeaderRule("*", {"ContentType": "a:content-encoding=b"}),),
            {},
        ),
        ("headers", {"cache-control": "v" * 2035}, (HeaderRule("*", {"CacheControl": "v" * 2035}),), {}),
        ("kms_encryption_type", "AES256", "AES256", {}),
        ("tags", {}, {}, {}),
        ("tags", {"k" * 128: "v" * 256}, {"k" * 128: "v" * 256}, {}),
        ("tags", "a=1,b=x=y,c=", {"a": "1", "b": "x=y", "c": ""}, {}),
        ("storage_class", "source", "source", {}),
        ("request_payer", "requester", "requester", {}),
        ("max_failures", " 3 ", 3, {}),
        ("max_failures", "1%", "1%", {}),
        ("max_failures", " 0.5 % ", "0.5%", {}),
        ("max_failures", "100%", "100%", {}),
        ("max_failures", "100.0%", "100.0%", {}),
        ("min_size", 0, 0, {}),
        ("min_size", "1k", 1000, {"max_size": 1000}),
        ("max_size", 0, 0, {}),
        ("max_size", 50_000 * GIB, 50_000 * GIB, {}),
        ("modified_after", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z", {}),
        ("modified_after", " 2026-01-31T12:00:00z ", "2026-01-31T12:00:00Z", {}),
        ("modified_after", "2026-01-31", "2026-01-31T00:00:00Z", {"modified_before": "2026-01-31T00:00:01Z"}),
        ("modified_before", "2026-01-31T12:00:00.999999", "2026-01-31T12:00:00Z", {}),
        ("modified_before", "2026-01-31T00:30:00+02:00", "2026-01-30T22:30:00Z", {}),
        ("modified_before", datetime(2026, 1, 31, 12), "2026-01-31T12:00:00Z", {}),  # noqa: DTZ001 - no zone is UTC
        (
            "modified_before",
            datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=-5))),
            "2026-01-31T17:00:00Z",
            {},
        ),
        ("archived", "skip", "skip", {}),
        ("verification", "listing", "listing", {}),
        ("copy_last", "*/_SUCCESS", ("*/_SUCCESS",), {}),
        ("copy_last", "auto", "auto", {}),
        ("copy_last", ["auto"], "auto", {}),
        ("copy_last", "off", (), {}),
        ("copy_last", ("off",), (), {}),
        ("copy_last", (), (), {}),
        ("copy_last", ["auto", "b"], ("auto", "b"), {}),
        ("copy_last", "[a]uto", ("[a]uto",), {}),
        ("copy_last", ["*/_SUCCESS", "_delta_log/*"], ("*/_SUCCESS", "_delta_log/*"), {}),
        ("report_format", "parquet", "parquet", {}),
        ("report_skipped", "yes", True, {"report": "folder"}),
    ],
)
def test_an_option_is_read_from_what_a_user_may_write(
    name: str, raw: object, value: object, beside: dict[str, object]
) -> None:
    read = getattr(options(**{name: raw}, **beside), name)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("kind", "file", "'auto', 'object', 'prefix'"),
        ("kind", 1, "'auto', 'object', 'prefix'"),
        ("overwrite", "allways", "did you mean 'always'"),
        ("max_concurrency", 0, "from 1 to 10,000"),
        ("max_concurrency", "10001", "from 1 to 10,000"),
        ("max_concurrency", "many", "whole number"),
        ("max_concurrency", 1.5, "whole number"),
        ("max_concurrency", True, "whole number"),
        ("max_failures", -1, "at least 0"),
        ("batch_size", 1_000_001, "from 1 to 1,000,000"),
        ("multipart_threshold", "1MiB", "between 5 MiB and 5 GiB"),
        ("multipart_threshold", 5 * GIB + 1, "between 5 MiB and 5 GiB"),
        ("multipart_threshold", "1.5GiB", "'64MiB'"),
        ("multipart_threshold", "-5MiB", "'64MiB'"),
        ("multipart_threshold", True, "'64MiB'"),
        ("multipart_threshold", 6e6, "'64MiB'"),
        ("max_requests_per_second", 0, "above 0"),
        ("max_requests_per_second", "fast", "above 0"),
        ("max_requests_per_second", "nan", "above 0"),
        ("max_requests_per_second", "inf", "above 0"),
        ("max_requests_per_second", True, "above 0"),
        ("max_requests_per_second", [1], "above 0"),
        ("max_requests_per_second", 10**400, "above 0"),
        ("dry_run", "maybe", "true or false"),
        ("dry_run", 1, "true or false"),
        ("kms_key_id", "", "empty"),
        ("kms_key_id", 5, "text"),
        ("expected_bucket_owner", 12345678901, "give it as text"),
        ("expected_bucket_owner", "12345", "12 digits"),
        ("include", [""], "empty glob"),
        ("include", 5, "glob"),
        ("include", ["a", 5], "glob"),
        ("metadata", "discard", "'keep', 'drop'"),
        ("metadata", {"a": 1}, "text"),
        ("metadata", {"": "1"}, "text"),
        ("metadata", {"ü": "1"}, "ASCII"),
        ("metadata", {"k": "v" * 2048}, "2,048"),
        ("tags", 5, "'keep', 'drop'"),
        ("tags", "a=1,b", "KEY=VALUE"),
        ("tags", "a=1,=2", "KEY=VALUE"),
        ("tags", "a=1,a=2", "twice"),
        ("tags", {str(number): "" for number in range(11)}, "11 tags"),
        ("tags", {"k" * 129: ""}, "128 characters"),
        ("tags", {"k": "v" * 257}, "256"),
        ("kms_key_id", "arn", "needs kms_encryption_type"),
        ("bucket_key_enabled", False, "only with kms_encryption_type"),
        ("headers", 5, "expected a mapping such as"),
        ("headers", [["*.gz"]], "is none of these"),
        ("headers", [("*.gz", "a=b")], "is none of these"),
        ("headers", [(1, {"expires": "0"})], "is none of these"),
        ("headers", {"cache-controll": "x"}, "did you mean 'cache-control'"),
        ("headers", {5: "x"}, "5 is not one of cache-control, .*, expires$"),
        ("headers", {"x-amz-meta-a": "x"}, "use metadata= for that"),
        ("headers", {"X-Amz-Tagging": "x"}, "use tags= for that"),
        ("headers", {"cache-control": 60}, "expected text, or None"),
        ("headers", {"cache-control": ""}, "did a template render to nothing"),
        ("headers", {"cache-control": "None"}, "did a template render to nothing"),
        ("headers", {"cache-control": "a\r\nx-amz-acl: public-read"}, "not printable ASCII"),
        ("headers", {"content-disposition": "attachment; filename=ä"}, "not printable ASCII"),
        ("headers", {"cache-control": " a"}, "begins or ends with a blank"),
        ("headers", {"cache-control": "a", "Cache-Control": "b"}, "Cache-Control is given twice"),
        ("headers", {"cache-control": "v" * 2036}, "2,049 bytes with their names"),
        ("headers", [("", {"expires": "0"})], "is no glob"),
        ("headers", [("None", {"expires": "0"})], "is no glob"),
        ("headers", "cache-control=", "did a template render to nothing"),
        ("headers", "max-age=60", "'max-age' is not one of"),
        ("headers", "cache-control: max-age=60", "' max-age' is not one of"),
        ("headers", "nothing", "is not NAME=VALUE or GLOB:NAME=VALUE"),
        ("headers", "{'cache-control': x}", "expected a mapping such as"),
        ("headers", "[('*', {'expires': x=y})]", "expected a mapping such as"),
        ("part_size", "2GiB", "above multipart_threshold"),
        ("kind", "x" * 10_000, "is not one of"),
        ("max_failures", "-1%", "share from 0% to 100%"),
        ("max_failures", "100.1%", "share from 0% to 100%"),
        ("max_failures", "%", "share from 0% to 100%"),
        ("max_failures", "1.5", "whole number"),
        ("modified_after", "2026-02-30", "expected a time"),
        ("modified_after", 20260101, "expected a time"),
        ("modified_before", date(2026, 1, 1), "expected a time"),
        ("min_size", -1, "between 0 B and 50000 GiB"),
        ("max_size", 50_000 * GIB + 1, "between 0 B and 50000 GiB"),
        ("copy_last", {"a": 1}, "glob"),
        ("report_skipped", True, "only with report"),
    ],
)
def test_anything_else_is_refused_in_one_line_that_names_the_option(name: str, raw: object, said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        options(**{name: raw})
    line = str(caught.value)
    assert line.startswith(f"{name}: ")
    assert "\n" not in line
    assert len(line) < 300


@pytest.mark.parametrize(
    ("text", "number"),
    [("3T", 3 * 10**12), ("3TiB", 3 * 2**40), ("3G", 3 * 10**9), ("3Gi", 3 * 2**30), ("3m", 3 * 10**6), ("3B", 3)],
)
def test_units_are_decimal_unless_they_say_that_they_are_binary(text: str, number: int) -> None:
    assert Size(1, 2**50)("part_size", text) == number


@pytest.mark.parametrize("beside", [{"kms_key_id": "k"}, {"bucket_key_enabled": True}, {"bucket_key_enabled": False}])
def test_keys_of_kms_are_refused_beside_encryption_with_s3s_own(beside: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="kms_encryption_type='aws:kms'"):
        options(kms_encryption_type="AES256", **beside)


def test_only_kms_is_kms() -> None:
    types: dict[str | None, bool] = {None: False, "AES256": False, "aws:kms": True, "aws:kms:dsse": True}
    assert {name: options(kms_encryption_type=name).uses_kms for name in types} == types


def test_there_are_no_bucket_keys_for_double_encryption() -> None:
    with pytest.raises(InvalidInput, match="no Bucket Keys"):
        options(kms_encryption_type="aws:kms:dsse", bucket_key_enabled=True)
    assert options(kms_encryption_type="aws:kms:dsse", bucket_key_enabled=False).bucket_key_enabled is False


def test_options_are_a_value() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        options().kind = "prefix"  # type: ignore[misc]


def test_what_replaces_metadata_is_a_copy_of_what_the_user_gave() -> None:
    mine = {"a": "1"}
    read = options(metadata=mine).metadata
    mine["a"] = "2"
    assert read == {"a": "1"}


def test_a_misspelt_option_is_answered_with_the_right_one() -> None:
    with pytest.raises(InvalidInput, match="overwritte: no such option; did you mean 'overwrite'"):
        options(overwritte="always")
    with pytest.raises(InvalidInput, match="zzz: no such option"):
        options(zzz=1)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_on_purpose_says_what_to_do_instead(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{name}: .*not supported; .*default"):
        options(**{name: "x"})


def test_near_words_are_found_in_any_case_and_far_ones_are_not() -> None:
    assert near("STANDRAD", ["STANDARD", "GLACIER"]) == "; did you mean 'STANDARD'?"
    assert near("xyz", ["STANDARD", "GLACIER"]) == ""


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (5 * MIB, "5 MiB"),
        (GIB, "1 GiB"),
        (2**40, "1 TiB"),
        (2048, "2 KiB"),
        (1025, "1,025 B"),
        (0, "0 B"),
        (GIB + MIB, "1025 MiB"),
    ],
)
def test_bytes_are_shown_exactly_in_the_largest_unit_that_fits(number: int, shown: str) -> None:
    assert show_bytes(number) == shown


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"overwrite": "never"}, "overwrite='never' compares nothing"),
        ({"compare": "size"}, "compare='size' needs no HEAD anyway"),
        ({"compare": "mtime"}, "compare='mtime' needs no HEAD anyway"),
        ({"manifest": "keys"}, "the keys of a manifest are looked up one by one"),
    ],
)
def test_an_etag_index_is_refused_where_it_tells_nothing(options: dict[str, object], why: str) -> None:
    with pytest.raises(InvalidInput, match=f"^etag_index: {why}"):
        parse_options({"etag_index": "folder", **options})


@pytest.mark.parametrize("options", [{}, {"overwrite": "always"}, {"compare": "etag"}])
def test_an_etag_index_goes_with_what_compares_by_etags(options: dict[str, object]) -> None:
    assert parse_options({"etag_index": "folder", **options}).etag_index == "folder"
