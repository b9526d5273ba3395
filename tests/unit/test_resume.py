"""Which runs are the same, and which states may be gone on from."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.state_strategies import STATE, states
from tests.unit.value_samples import options

from s3_crosscopy.core.spec import CopySpec, resolve
from s3_crosscopy.core.state.resume import LEFT_OUT, MAX_AGE_S, fingerprint, impossible, is_ours, usable
from s3_crosscopy.model.checkpoint import Beside, Checking, CheckpointState, OpenUpload
from s3_crosscopy.model.location import Bucket, parse_location
from s3_crosscopy.model.mirror_state import Looked
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.run_scope import ALONE, KeySubset, RunRole

NOW = 1_800_000_000.0


def spec(source: str = "s3://src/p/", dest: str = "s3://dst/q/", **given: object) -> CopySpec:
    return resolve(parse_location(source, "source"), parse_location(dest, "dest"), options(**given))


SAME: list[dict[str, Any]] = [
    {},
    {"kind": "prefix"},
    {"allow_bucket_root": True},
    {"if_empty": "succeed"},
    {"batch_size": 5},
    {"max_concurrency": 5},
    {"max_requests_per_second": 5},
    {"max_failures": 5},
    {"outage_deadline": 60},
    {"expected_report_bucket_owner": "111111111111"},
    {"expected_manifest_bucket_owner": "111111111111"},
    {"multipart_threshold": "1GiB"},
]
OTHER: list[dict[str, Any]] = [
    {"source": "s3://src2/p/"},
    {"source": "s3://src/p2/"},
    {"dest": "s3://dst2/q/"},
    {"dest": "s3://dst/q2/"},
    {"source": "s3://src/p", "dest": "s3://dst/q", "kind": "object"},
    {"source": "s3://src/p", "dest": "s3://dst/q", "kind": "prefix"},
    {"overwrite": "always"},
    {"compare": "size"},
    {"include": ["a"]},
    {"exclude": ["a"]},
    {"include": ["a", "b"]},
    {"multipart_threshold": "2GiB"},
    {"part_size": "8MiB"},
    {"storage_class": "GLACIER"},
    {"kms_encryption_type": "aws:kms"},
    {"kms_encryption_type": "aws:kms", "kms_key_id": "arn:aws:kms:eu-west-1:111111111111:key/k"},
    {"kms_encryption_type": "aws:kms", "bucket_key_enabled": True},
    {"kms_encryption_type": "aws:kms", "bucket_key_enabled": False},
    {"acl_policy": "private"},
    {"metadata": "drop"},
    {"headers": {"expires": "0"}},
    {"headers": [("*.gz", {"expires": "0"})]},
    {"metadata": {"a": "b"}},
    {"tags": "drop"},
    {"tags": {"a": "b"}},
    {"checksum_algorithm": "SHA256"},
    {"request_payer": "requester"},
    {"expected_bucket_owner": "111111111111"},
    {"expected_source_bucket_owner": "111111111111"},
    {"dry_run": True},
    {"min_size": 1},
    {"max_size": 1},
    {"modified_after": "2026-01-01"},
    {"modified_before": "2026-01-01"},
    {"archived": "skip"},
    {"manifest": "keys.txt"},
    {"verification": "listing"},
    {"copy_last": ["a", "b"]},
    {"copy_last": ["b", "a"]},
    {"report": "folder"},
    {"report": "folder", "report_format": "parquet"},
    {"report": "folder", "report_skipped": True},
    {"extraneous": "count"},
    {"extraneous": "delete", "report": "folder"},
    {"extraneous": "delete", "report": "folder", "max_delete": 5},
    {"extraneous": "delete", "report": "folder", "delete_filtered": True},
    {"extraneous": "delete", "report": "folder", "permanent_delete": True},
]


@pytest.mark.parametrize("given", SAME, ids=repr)
def test_what_changes_neither_what_is_copied_nor_how_keeps_the_fingerprint(given: dict[str, Any]) -> None:
    assert fingerprint(spec(**given)) == fingerprint(spec())


def test_whatever_else_differs_is_another_fingerprint() -> None:
    prints = [fingerprint(spec()), fingerprint(spec(), "digest of a manifest")]
    prints += [fingerprint(spec(**given)) for given in OTHER]

    assert len(set(prints)) == len(prints)


def test_the_same_names_on_another_server_are_another_run() -> None:
    here, there = "https://s3.one.example", "https://s3.two.example"
    servers = [(), (here, here), (here, there), (there, here), (there, there)]
    assert len({fingerprint(spec(), servers=one) for one in servers}) == len(servers)
    assert fingerprint(spec(), servers=[here, there]) == fingerprint(spec(), servers=(here, there))


def test_one_run_of_several_goes_on_only_where_the_same_one_was() -> None:
    one, other = KeyRange("a", "b"), KeyRange("b")
    runs: list[tuple[tuple[KeyRange, ...], RunRole]] = [
        ((), ALONE),
        ((one,), RunRole(KeySubset.DATA)),
        ((other,), RunRole(KeySubset.DATA)),
        ((one,), RunRole(KeySubset.MARKERS, "2026-11-24T10:00:00")),
        ((one, other), RunRole(KeySubset.MARKERS, "2026-11-24T10:00:00")),
        ((one,), RunRole(KeySubset.MARKERS, "2026-11-24T10:00:01")),
        ((one,), RunRole(KeySubset.MARKERS, "2026-11-24T10:00:00", complete=False)),
    ]
    assert len({fingerprint(spec(), "", (), *run) for run in runs}) == len(runs)
    assert fingerprint(spec(), "", (), (KeyRange(),), ALONE) == fingerprint(spec())


def test_a_run_goes_on_whatever_number_of_others_run_at_the_same_time() -> None:
    for role in (ALONE, RunRole(KeySubset.DATA)):
        prints = {fingerprint(spec(), "", (), (KeyRange("a"),), role._replace(of=of)) for of in (1, 8, 1000)}
        assert len(prints) == 1


def test_a_time_or_a_size_that_is_spelt_in_another_way_keeps_the_fingerprint() -> None:
    one = fingerprint(spec(modified_after="2026-01-31T12:00:00Z", min_size="1MiB", max_failures="1%"))
    assert one == fingerprint(spec(modified_after="2026-01-31T13:00:00+01:00", min_size=2**20, max_failures=0))


def test_a_fingerprint_is_a_sha256_in_hex_that_another_process_finds_again() -> None:
    assert len(fingerprint(spec())) == 64
    int(fingerprint(spec()), 16)
    # The order of a mapping is how it was written, not what it says.
    one, other = {"a": "1", "b": "2"}, {"b": "2", "a": "1"}
    assert fingerprint(spec(metadata=one, tags=one)) == fingerprint(spec(metadata=other, tags=other))
    frozen = spec()._replace(options=replace(options(), tags=MappingProxyType(other)))
    assert fingerprint(frozen) == fingerprint(spec(tags=one))


@given(st.text(max_size=5), st.text(max_size=5), st.text(max_size=5), st.text(max_size=5))
def test_prefixes_never_run_into_each_other(source: str, dest: str, source2: str, dest2: str) -> None:
    one = spec()._replace(source_prefix=source, dest_prefix=dest)
    other = spec()._replace(source_prefix=source2, dest_prefix=dest2)

    assert (fingerprint(one) == fingerprint(other)) == ((source, dest) == (source2, dest2))


def test_an_option_whose_value_has_no_canonical_form_is_a_bug_and_not_another_fingerprint_each_time() -> None:
    odd = spec()._replace(options=replace(options(), compare=object()))  # type: ignore[arg-type]

    with pytest.raises(TypeError, match="an option of type object has no canonical form"):
        fingerprint(odd)


def test_dry_run_is_part_of_a_fingerprint() -> None:
    assert "dry_run" not in LEFT_OUT


@given(states)
def test_a_fresh_state_of_the_same_arguments_is_used_as_it_is(state: CheckpointState) -> None:
    state = state._replace(finished=False, beside=None)

    assert usable(state, NOW, state.fingerprint, NOW + 1) == (state, "")


@pytest.mark.parametrize(
    ("state", "saved_at", "now", "reason"),
    [
        (STATE._replace(fingerprint="other"), NOW, NOW, "other arguments"),
        (STATE._replace(fingerprint="other", finished=True), NOW, NOW, "other arguments"),
        (STATE._replace(finished=True), NOW, NOW, "finished"),
        (STATE, NOW, NOW + MAX_AGE_S + 1, "older than 24 h"),
        (STATE, NOW + MAX_AGE_S + 1, NOW, "saved in the future"),
        (
            STATE._replace(beside=Beside("left-1.json", "d", 1, "is not there")),
            NOW,
            NOW,
            "the remaining keys are in 'left-1.json' beside the report, which is not there",
        ),
        (STATE, float("nan"), NOW, "older than 24 h"),
        (STATE, float("inf"), NOW, "saved in the future"),
        (STATE, float("-inf"), NOW, "older than 24 h"),
    ],
)
def test_a_state_is_refused_with_its_reason(state: CheckpointState, saved_at: float, now: float, reason: str) -> None:
    assert usable(state, saved_at, STATE.fingerprint, now) == (None, reason)


@pytest.mark.parametrize("apart", [0.0, MAX_AGE_S, -60.0, -MAX_AGE_S])
def test_clocks_of_two_machines_need_not_agree(apart: float) -> None:
    assert usable(STATE, NOW, STATE.fingerprint, NOW + apart) == (STATE, "")


def test_the_limit_of_age_is_the_callers_and_told() -> None:
    assert usable(STATE, NOW, STATE.fingerprint, NOW + 5401, max_age_s=5400) == (None, "older than 1.5 h")


EVERYTHING = (KeyRange(),)
MIRROR = spec(extraneous="delete", report="folder")
IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"counts": {}}, "its counts are not those of a copy"),
    ({"counts": {**STATE.counts, "teleported": 1}}, "its counts are not those of a copy"),
    ({"counts": {**STATE.counts, "copied": 1}}, "its counts do not add up"),
    ({"reasons": {"new": 4}}, "it has more reasons than objects"),
    ({"reasons": {"denied": 2}}, "it has more reasons to fail than failed objects"),
    ({"reasons": {"missing": 2}}, "it has more reasons to fail than failed objects"),
    ({"verified": {"etag": 2, "size": 1}}, "it has more verified objects than copied ones"),
    ({"etags_not_kept": {"another ETag": 3}}, "it has more ETags that were not kept than copied objects"),
    ({"segments": 4, "looked": None, "deleting": None}, "it has more report segments than objects"),
    ({"remaining": (KeyRange("p/z", "p/a"),)}, "its key ranges are not in order"),
    ({"remaining": (KeyRange("p/a", "p/a"),)}, "its key ranges are not in order"),
    ({"remaining": (KeyRange("p/m", "p/n"), KeyRange("p/a", "p/b"))}, "its key ranges are not in order"),
    ({"remaining": (KeyRange(), KeyRange())}, "its key ranges are not in order"),
    ({"remaining": (KeyRange("", "p/m"), KeyRange("p/k", None))}, "its key ranges are not in order"),
    ({"remaining": (KeyRange("q/", None),)}, "a key range is outside the source"),
    ({"remaining": (KeyRange("", "o/"),)}, "a key range is outside the source"),
    ({"checking": Checking((KeyRange("p/z", "p/a"),), 0)}, "the key ranges to check are not in order"),
    ({"looked": Looked((KeyRange("p/z", "p/a"),), 0, 0, False)}, "the key ranges to look at are not in order"),
    ({"dest_bucket": Bucket("other")}, "it is of another destination bucket"),
    ({"uploads": (OpenUpload("theirs/big", "id", "e", 5),)}, "an upload is outside the destination"),
]


@pytest.mark.parametrize(("change", "why"), IMPOSSIBLE)
def test_a_state_that_no_run_can_have_left_is_known_by_its_parts(change: dict[str, Any], why: str) -> None:
    assert impossible(STATE, MIRROR, EVERYTHING) == ""
    assert impossible(STATE._replace(**change), MIRROR, EVERYTHING) == why


def test_a_state_with_deletes_is_not_one_of_a_run_without_them() -> None:
    assert impossible(STATE, spec(), EVERYTHING) == "it deletes keys, and this run does not"
    assert impossible(STATE._replace(deleting=None), spec(), EVERYTHING) == ""


@pytest.mark.parametrize(
    ("remaining", "ranges", "fits"),
    [
        ((), EVERYTHING, True),
        ((KeyRange(),), EVERYTHING, True),
        ((KeyRange("p/b", "p/c"),), (KeyRange("p/a", "p/m"),), True),
        ((KeyRange("p/a", "p/z"),), (KeyRange("p/a", "p/m"), KeyRange("p/m", "p/z")), True),
        ((KeyRange("p/a", None),), (KeyRange("p/a", "p/m"),), False),
        ((KeyRange("p/a", "p/n"),), (KeyRange("p/a", "p/m"),), False),
        ((KeyRange("", "p/b"),), (KeyRange("p/a", "p/m"),), False),
    ],
)
def test_what_is_left_lies_in_the_ranges_of_the_run(
    remaining: tuple[KeyRange, ...], ranges: tuple[KeyRange, ...], fits: bool
) -> None:
    why = impossible(STATE._replace(remaining=remaining, checking=None, looked=None), MIRROR, ranges)
    assert why == ("" if fits else "a key range is not one of this run's")


def test_what_is_left_to_check_lies_in_the_ranges_of_the_run() -> None:
    state, ranges = STATE._replace(remaining=(), looked=None), [KeyRange("p/a", "p/m")]
    inside, outside = Checking((KeyRange("p/b", "p/c"),), 5), Checking((KeyRange("p/b", "p/n"),), 5)
    assert impossible(state._replace(checking=inside), MIRROR, ranges) == ""
    assert impossible(state._replace(checking=outside), MIRROR, ranges).startswith("a key range to check is not")


def test_what_is_left_to_look_at_lies_in_the_ranges_of_the_run() -> None:
    state, ranges = STATE._replace(remaining=(), checking=None), [KeyRange("p/a", "p/m")]
    inside, outside = Looked((KeyRange("p/b", "p/c"),), 5, 0, True), Looked((KeyRange("p/b", "p/n"),), 5, 0, True)
    assert impossible(state._replace(looked=inside), MIRROR, ranges) == ""
    assert impossible(state._replace(looked=outside), MIRROR, ranges).startswith("a key range to look at is not")


def test_an_upload_of_one_object_has_exactly_its_key() -> None:
    one = spec("s3://src/p", "s3://dst/q/large", kind="object")
    assert is_ours(OpenUpload("q/large", "id", "e", 5), one)
    assert not is_ours(OpenUpload("q/larger", "id", "e", 5), one)
