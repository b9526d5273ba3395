"""Which writes are tried, and what they tell of each grant that a write needs."""

from __future__ import annotations

import pytest
from tests.unit.value_samples import options

from s3_crosscopy.access.examination import FindingStatus, Party, Permission, Scope
from s3_crosscopy.access.rules.probe_keys import RESERVED_NAME, missing_source_key, probe_key, report_probe
from s3_crosscopy.access.rules.probe_verdict import PUT
from s3_crosscopy.access.rules.write_verdict import PROBE_TAG, WriteErrors, simpler, verdicts, write_args
from s3_crosscopy.core.error_codes import classify
from s3_crosscopy.core.spec import resolve
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Location


def permission(action: str, place: Scope = Scope.DEST) -> Permission:
    return Permission(action, Party.COPIER, place, "arn", "why")


WRITE, TAGS, ACL = permission("s3:PutObject"), permission("s3:PutObjectTagging"), permission("s3:PutObjectAcl")
KEY, LISTS = permission("kms:GenerateDataKey", Scope.DEST_KEY), permission("s3:ListBucket")
ALL = (LISTS, WRITE, TAGS, ACL, KEY)
HOLDS, MISSING, INFERRED, UNKNOWN = (
    FindingStatus.HOLDS,
    FindingStatus.MISSING,
    FindingStatus.INFERRED,
    FindingStatus.UNKNOWN,
)


def error(code: str = "AccessDenied", status: int = 403, message: str = "") -> S3Error:
    reason = classify(code, status)
    return S3Error(call="PutObject", bucket="b", key="k", code=code, status=status, message=message, reason=reason)


DENIED = error()
NO_KEY = error(message="User: u is not authorized to perform: kms:GenerateDataKey on this resource because no")

# The writes' errors -> what is known of PutObject, its tags, its ACL and the key
TABLE: list[tuple[WriteErrors, tuple[FindingStatus, FindingStatus, FindingStatus, FindingStatus]]] = [
    ({None: None}, (HOLDS, HOLDS, HOLDS, HOLDS)),
    ({None: DENIED, "": None, "Tagging": DENIED, "ACL": None}, (HOLDS, MISSING, HOLDS, HOLDS)),
    ({None: DENIED, "": None, "Tagging": None, "ACL": DENIED}, (HOLDS, HOLDS, MISSING, HOLDS)),
    ({None: DENIED, "": None, "Tagging": DENIED, "ACL": DENIED}, (HOLDS, MISSING, MISSING, HOLDS)),
    ({None: DENIED, "": DENIED, "Tagging": DENIED, "ACL": DENIED}, (MISSING, UNKNOWN, UNKNOWN, UNKNOWN)),
    # A policy that insists on the ACL lets only writes with it pass.
    ({None: DENIED, "": DENIED, "Tagging": DENIED, "ACL": None}, (HOLDS, UNKNOWN, HOLDS, HOLDS)),
    ({None: NO_KEY, "": NO_KEY, "Tagging": NO_KEY, "ACL": NO_KEY}, (INFERRED, UNKNOWN, UNKNOWN, MISSING)),
    ({None: DENIED}, (MISSING, UNKNOWN, UNKNOWN, UNKNOWN)),
    ({None: error("SlowDown", 503), "": error("SlowDown", 503)}, (UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)),
]


@pytest.mark.parametrize(("trials", "statuses"), TABLE)
def test_the_writes_that_passed_and_those_that_did_not_tell_the_grants_apart(
    trials: WriteErrors, statuses: tuple[FindingStatus, ...]
) -> None:
    found = verdicts(ALL, PUT, trials)

    assert tuple(found[one].status for one in (WRITE, TAGS, ACL, KEY)) == statuses
    assert LISTS not in found


def test_a_write_has_what_the_run_would_send_and_no_checksum() -> None:
    wish = options(tags={"team": "raw"}, acl_policy="private", storage_class="STANDARD_IA", checksum_algorithm="SHA256")

    assert write_args(wish, ALL) == {
        "Metadata": {},
        "Tagging": "team=raw",
        "StorageClass": "STANDARD_IA",
        "ACL": "private",
    }


def test_tags_that_are_kept_are_stood_for_by_one() -> None:
    assert write_args(options(storage_class="source"), ALL) == {"Metadata": {}, "Tagging": PROBE_TAG}
    assert write_args(options(tags="drop"), (WRITE,)) == {"Metadata": {}}


def test_simpler_writes_have_one_of_what_is_in_question_or_nothing() -> None:
    args = {"Tagging": "a=b", "ACL": "private", "StorageClass": "STANDARD_IA"}

    assert simpler(args) == {
        "": {"StorageClass": "STANDARD_IA"},
        "Tagging": {"Tagging": "a=b", "StorageClass": "STANDARD_IA"},
        "ACL": {"ACL": "private", "StorageClass": "STANDARD_IA"},
    }
    assert simpler({"StorageClass": "STANDARD_IA"}) == {}


def test_the_reserved_key_lies_below_the_prefix_and_a_single_object_is_asked_about_itself() -> None:
    prefix = resolve(Location("a", "p/"), Location("b", "q/"), options())
    single = resolve(Location("a", "p/x"), Location("b", "q/y"), options())

    assert (missing_source_key(prefix), probe_key(prefix)) == (f"p/{RESERVED_NAME}", f"q/{RESERVED_NAME}")
    assert (missing_source_key(single), probe_key(single)) == ("p/x", "q/y")


@pytest.mark.parametrize(
    ("place", "key"),
    [("s3://bkt/r/", f"r/{RESERVED_NAME}"), ("s3://bkt/r", f"r/{RESERVED_NAME}"), ("s3://bkt", RESERVED_NAME)],
)
def test_a_reports_reserved_key_lies_in_its_folder(place: str, key: str) -> None:
    assert report_probe(place) == Location("bkt", key)
