"""What is refused before every argument is known: what no value of the others makes right, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.core.known_arguments import check_known
from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.option_table import NAMES

ALL: Mapping[str, object] = {"source": "s3://raw/a/", "dest": "s3://lake/b/", **dict.fromkeys(NAMES)}
"""Every argument is known; None is an option's default."""

NOBODY_EXPECTED = dict.fromkeys(("expected_bucket_owner", "expected_source_bucket_owner"))

WRONG: list[tuple[dict[str, object], str]] = [
    ({"overwrite": "alway"}, "overwrite: 'alway' is not one of .*; did you mean 'always'"),
    ({"source": "acme-raw/a/"}, "source: 'acme-raw/a/' is not an s3:// URL; "),
    ({"dest": None}, "dest: expected an s3:// URL, got NoneType"),
    ({"include": 5}, "include: expected a glob such as .* or a list of them, got 5"),
    ({"dest": "s3://raw/a/"}, "dest: s3://raw/a/ is the source itself"),
    ({"dest": "s3://raw/a/b/"}, "dest: .* overlap"),
    (
        {"dest": "s3://x-s3alias/a/", "expected_bucket_owner": None, "expected_source_bucket_owner": None},
        "dest: .* may",
    ),
    ({"source": "s3://raw/", "allow_bucket_root": False}, "source: s3://raw/ is a whole bucket"),
    ({"source": "s3://raw/a", "manifest": "keys"}, "manifest: names the keys of a prefix"),
    ({"source_version_id": "v"}, "source_version_id: is for one object"),
    ({"report": "s3://lake/b/report/"}, "report: .* lies below s3://lake/b/"),
    ({"kms_key_id": "k"}, "kms_key_id: needs kms_encryption_type"),
    ({"bucket_key_enabled": True}, "bucket_key_enabled: means something only with kms_encryption_type"),
    ({"bucket_key_enabled": True, "kms_encryption_type": "aws:kms:dsse"}, "bucket_key_enabled: S3 has no Bucket Keys"),
    ({"part_size": "2GiB", "multipart_threshold": "1GiB"}, "part_size: is above multipart_threshold"),
    ({"min_size": 2, "max_size": 1}, "min_size: is above max_size"),
    ({"report_skipped": True}, "report_skipped: means something only with report"),
    ({"modified_after": "2026-01-02", "modified_before": "2026-01-01"}, "modified_after: is not before"),
    ({"metadata": {"a": "\n"}}, "metadata: .* is not printable ASCII"),
    ({"tags": {"a" * 129: "b"}}, "tags: .* is too long"),
]
TOGETHER: list[tuple[dict[str, object], str]] = [
    ({"dest": "s3://raw/a/"}, "source dest kind"),
    ({"dest": "s3://x-s3alias/a/"}, "source dest kind"),
    ({"dest": "s3://x-s3alias/a/", "expected_bucket_owner": "111111111111"}, "expected_source_bucket_owner"),
    ({"dest": "s3://x-s3alias/a/", "expected_source_bucket_owner": "111111111111"}, "expected_bucket_owner"),
    ({"report": "s3://x-s3alias/b/r/", "expected_bucket_owner": "111111111111"}, "dest report"),
    ({"report": "s3://x-s3alias/b/r/", "expected_bucket_owner": "111111111111"}, "expected_report_bucket_owner"),
    ({"report": "s3://x-s3alias/b/r/", "expected_report_bucket_owner": "111111111111"}, "expected_bucket_owner"),
    ({"source": "s3://raw/", "allow_bucket_root": False}, "allow_bucket_root"),
    ({"source": "s3://raw/a", "manifest": "keys"}, "source kind manifest"),
    ({"source_version_id": "v"}, "source kind source_version_id"),
    ({"report": "s3://lake/b/report/"}, "dest report"),
    ({"kms_key_id": "k"}, "kms_encryption_type kms_key_id"),
    ({"bucket_key_enabled": True}, "kms_encryption_type bucket_key_enabled"),
    ({"bucket_key_enabled": True, "kms_encryption_type": "aws:kms:dsse"}, "kms_encryption_type bucket_key_enabled"),
    ({"part_size": "2GiB", "multipart_threshold": "1GiB"}, "part_size multipart_threshold"),
    ({"min_size": 2, "max_size": 1}, "min_size max_size"),
    ({"report_skipped": True}, "report report_skipped"),
    ({"modified_after": "2026-01-02", "modified_before": "2026-01-01"}, "modified_after modified_before"),
]
"""Arguments that do not go together, and those that could each make it right."""


def unknown(arguments: Mapping[str, object], *names: str) -> Mapping[str, object]:
    return {name: value for name, value in arguments.items() if name not in names}


@pytest.mark.parametrize(("given", "line"), WRONG)
def test_what_is_wrong_is_refused_when_everything_is_known(given: dict[str, object], line: str) -> None:
    with pytest.raises(InvalidInput, match=f"^{line}"):
        check_known({**ALL, **given})


@pytest.mark.parametrize(("given", "line"), WRONG)
def test_it_is_refused_too_when_only_that_is_known(given: dict[str, object], line: str) -> None:
    needed = set(given) | {"kms_encryption_type", "report", "source", "dest", "kind"}
    with pytest.raises(InvalidInput, match=f"^{line}"):
        check_known({name: value for name, value in {**ALL, **given}.items() if name in needed})


@pytest.mark.parametrize(("given", "name"), [(given, name) for given, names in TOGETHER for name in names.split()])
def test_what_an_argument_that_is_not_known_yet_may_make_right_is_not_refused(
    given: dict[str, object], name: str
) -> None:
    check_known(unknown({**ALL, **given}, name))


def test_a_place_is_checked_alone_while_the_other_is_not_known() -> None:
    check_known(unknown(ALL, "dest"))
    with pytest.raises(InvalidInput, match=r"^source: is empty"):
        check_known(unknown({**ALL, "source": ""}, "dest"))


VALUES: Mapping[str, list[Any]] = {
    "source": ["s3://raw/a/", "s3://raw/a", "s3://raw/", "s3://lake/b/c/", "s3://raw-x-s3alias/b/"],
    "dest": ["s3://lake/b/", "s3://lake/", "s3://lake/b", "s3://raw/a/b/", "s3://lake-x-s3alias/a/"],
    "kind": ["auto", "object", "prefix"],
    "allow_bucket_root": [True, False],
    "include": ["*.csv", ["a", "b"]],
    "exclude": ["*", "*.csv"],
    "min_size": [1, "2GiB"],
    "max_size": [1, "2GiB"],
    "modified_after": ["2026-01-01", "2026-02-01"],
    "modified_before": ["2026-01-01", "2026-02-01"],
    "multipart_threshold": ["8MiB", "5GiB"],
    "part_size": ["8MiB", "5GiB"],
    "storage_class": ["source", "STANDARD"],
    "kms_key_id": ["k"],
    "kms_encryption_type": ["aws:kms", "aws:kms:dsse"],
    "bucket_key_enabled": [True, False],
    "metadata": ["keep", {"a": "b"}],
    "tags": ["drop", {"a": "b"}],
    "expected_bucket_owner": ["111111111111", "222222222222"],
    "expected_source_bucket_owner": ["111111111111", "222222222222"],
    "expected_report_bucket_owner": ["111111111111", "333333333333"],
    "manifest": ["keys"],
    "source_version_id": ["v"],
    "copy_last": ["_SUCCESS"],
    "report": ["folder", "s3://lake/b/report/", "s3://reports/"],
    "report_skipped": [True, False],
    "dry_run": [True, False],
}


def goes_together(arguments: Mapping[str, object]) -> bool:
    try:
        resolve_spec(arguments["source"], arguments["dest"], {name: arguments[name] for name in NAMES})
    except InvalidInput:
        return False
    return True


# Few at a time, because most of many do not go together.
SOME = st.sets(st.sampled_from(sorted(VALUES)), max_size=5)
ARGUMENTS = SOME.flatmap(lambda names: st.fixed_dictionaries({name: st.sampled_from(VALUES[name]) for name in names}))


@given(ARGUMENTS.map(lambda some: {**ALL, **some}).filter(goes_together), SOME)
def test_what_goes_together_is_never_refused_for_what_is_not_known(
    arguments: dict[str, object], hidden: set[str]
) -> None:
    check_known(unknown(arguments, *hidden))
