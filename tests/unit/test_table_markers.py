from __future__ import annotations

import pytest

from s3_crosscopy.core.decide.filters import METADATA_TURN, make_last
from s3_crosscopy.core.decide.table_markers import (
    BESIDE_LOG,
    IN_ORDER,
    INNER_LOG,
    LAST,
    LOG,
    before_the_first,
    log_of,
    marker_rank,
)
from s3_crosscopy.core.spec import resolve_spec

RANKS: dict[str, int | None] = {
    "day=1/part-0.parquet": None,
    "day=1/_SUCCESS": LAST,
    "_SUCCESS": LAST,
    "a_SUCCESS": None,
    "_SUCCESS/part-0": None,
    "t/_delta_log/00000000000000000000.json": LOG,
    "_delta_log/00000000000000000010.checkpoint.parquet": LOG,
    "t/_delta_log/00000000000000000010.crc": LOG,
    "t/_delta_log/_last_checkpoint": LAST,
    "t/_delta_log/": LOG,
    "t/_delta_log/_sidecars/a.parquet": BESIDE_LOG,
    "t/my_delta_log/a.json": None,
    "t/_delta_log": None,
    "t/.hoodie/hoodie.properties": LOG,
    ".hoodie/20260101000000000.commit": LOG,
    "t/.hoodie/timeline/2026_2.commit": LOG,
    "t/.hoodie/metadata/files/files-0000-0_0-1-1_0.hfile": BESIDE_LOG,
    "t/.hoodie/metadata/.hoodie/20260101000000000.deltacommit": INNER_LOG,
    "t/.hoodie/metadata/.hoodie/metadata/x": INNER_LOG,
    "t/x.hoodie/a": None,
}


@pytest.mark.parametrize("key", RANKS)
def test_a_key_s_rank_is_told_by_its_name(key: str) -> None:
    assert marker_rank(key) == RANKS[key]


def test_what_a_log_names_comes_before_the_log_and_what_points_to_it_comes_last() -> None:
    assert BESIDE_LOG < INNER_LOG < LOG < LAST
    assert {INNER_LOG, LOG} == IN_ORDER


@pytest.mark.parametrize(
    ("key", "log"),
    [
        ("a/t/_delta_log/00000000000000000000.json", "a/t/_delta_log"),
        ("_delta_log/00000000000000000000.json", "_delta_log"),
        ("t/.hoodie/timeline/2026_2.commit", "t/.hoodie"),
        ("t/.hoodie/metadata/.hoodie/2026.deltacommit", "t/.hoodie/metadata/.hoodie"),
    ],
)
def test_each_table_has_a_log_of_its_own(key: str, log: str) -> None:
    assert marker_rank(key) in IN_ORDER
    assert log_of(key) == log


FIRST, SECOND, SUM, CHECKPOINT = (f"{0:020}.json", f"{1:020}.json", f"{1:020}.crc", f"{1:020}.checkpoint.parquet")


def test_a_log_whose_first_entry_is_new_cannot_be_read_so_that_its_order_does_not_matter() -> None:
    names = [FIRST, CHECKPOINT, SUM, SECOND, "other"]
    assert before_the_first(names, names) == {SUM, SECOND}
    assert before_the_first(names, [FIRST]) == {SUM, SECOND}
    assert before_the_first(names, [SECOND]) == frozenset()
    assert before_the_first([SECOND], [SECOND]) == frozenset()


def turn_of(key: str, source: str = "s3://src/p/", dest: str = "s3://dst/q/", **options: object) -> int | None:
    turn = make_last(resolve_spec(source, dest, options))
    return turn(key) if turn is not None else None


def test_names_count_after_the_source_prefix() -> None:
    assert turn_of("p/_SUCCESS") == LAST
    assert turn_of("t/_delta_log/0.json", "s3://src/t/_delta_log/") is None
    assert turn_of("_delta_log/p/_delta_log/0.json", "s3://src/_delta_log/p/") == LOG


def test_one_object_waits_for_nothing() -> None:
    assert make_last(resolve_spec("s3://src/p/_SUCCESS", "s3://dst/q/", {})) is None


def test_globs_replace_the_names_and_off_is_none() -> None:
    assert turn_of("p/_SUCCESS", copy_last="*.done") is None
    assert turn_of("p/a.done", copy_last="*.done") == 0
    assert make_last(resolve_spec("s3://src/p/", "s3://dst/q/", {"copy_last": "off"})) is None


@pytest.mark.parametrize("copy_last", ["auto", "off", "*.done"])
def test_metadata_of_iceberg_comes_after_all_others_where_a_table_is_a_failure(copy_last: str) -> None:
    options = {"copy_last": copy_last, "table_formats": "fail"}
    assert turn_of("p/t/metadata/00000-a.metadata.json", **options) == METADATA_TURN
    assert turn_of("p/t/metadata/snap-1-1-a.avro", **options) == METADATA_TURN
    assert turn_of("p/t/data/a.avro", **options) is None
    assert turn_of("p/_SUCCESS", **options) == (LAST if copy_last == "auto" else None)
