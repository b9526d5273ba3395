"""The logs of tables are copied after their data and in their order, whatever the order of the answers is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from s3_crosscopy.engine import decider as placing
from s3_crosscopy.errors import PermanentFailure
from s3_crosscopy.model.events import PhaseStarted, Warned
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.operations import Copied, Copy
from s3_crosscopy.testing import Fault
from tests.engine.harness import WHOLE, Rig

DATA = [f"p/{table}/part-{number}.parquet" for table in "ab" for number in range(5)]
POINTERS = ["p/a/_delta_log/_last_checkpoint", "p/b/_delta_log/_last_checkpoint", "p/_SUCCESS"]


def commits(table: str, versions: Sequence[int]) -> list[str]:
    return [f"p/{table}/_delta_log/{version:020}.json" for version in versions]


def copied(key: str) -> str:
    return f"q/{key.removeprefix('p/')}"


class TableRig(Rig):
    """Looks at the destination after every copy."""

    def __init__(self, faults: Sequence[Fault] = (), *, seed: int | None = None) -> None:
        super().__init__(faults, seed=seed)
        self.landed: list[str] = []
        copy = self.dest.copy

        def noted(op: Copy) -> Copied:
            result = copy(op)
            self.landed.append(op.source_key)
            self.check()
            return result

        self.dest.copy = noted  # type: ignore[method-assign]

    def check(self) -> None:
        """A log that can be read has no gap, and no entry comes before the data."""
        there = set(self.store.keys("dst"))
        for table in "ab":
            log = sorted(key for key in there if key.startswith(f"q/{table}/_delta_log/0"))
            if copied(commits(table, [0])[0]) in log:
                assert log == [copied(key) for key in commits(table, range(len(log)))]
        if "_delta_log" in self.landed[-1]:
            assert {copied(key) for key in DATA} <= there

    def already(self, *keys: str) -> None:
        for key in keys:
            self.store.put("dst", copied(key), (key * 3).encode()[:3])


@pytest.mark.parametrize("seed", range(5))
def test_the_entries_of_each_log_arrive_one_after_the_other(seed: int) -> None:
    rig = TableRig(seed=seed)
    rig.seed_keys(*DATA, *commits("a", range(9)), *commits("b", range(6)), *POINTERS)
    rig.already(*commits("a", range(3)), *commits("b", range(2)))
    report = rig.copy(max_concurrency=16)
    assert report.ok
    new = [*commits("a", range(3, 9)), *commits("b", range(2, 6))]
    assert set(rig.landed[:10]) == set(DATA)
    assert set(rig.landed[10:20]) == set(new)
    assert set(rig.landed[20:]) == set(POINTERS)
    for table in "ab":
        log = [key for key in rig.landed if key.startswith(f"p/{table}/_delta_log/0")]
        assert log == sorted(log)
    assert [event.phase for event in rig.sink.of(PhaseStarted)] == ["last"]


@pytest.mark.parametrize("seed", range(5))
def test_the_first_entry_of_a_new_table_comes_after_the_others(seed: int) -> None:
    rig = TableRig(seed=seed)
    rig.seed_keys(*DATA, *commits("a", range(30)), *commits("b", range(4)))
    assert rig.copy(max_concurrency=16).ok
    for table, number in (("a", 30), ("b", 4)):
        log = [key for key in rig.landed if f"p/{table}/_delta_log" in key]
        assert log[-1] == commits(table, [0])[0]
        assert len(log) == number


SPLIT = commits("a", [5])[0]


@pytest.mark.parametrize("ranges", [WHOLE, (KeyRange("", SPLIT), KeyRange(SPLIT, None))])
@pytest.mark.parametrize("seed", range(4))
def test_more_entries_than_can_be_held_are_copied_in_their_order_too(
    seed: int, ranges: tuple[KeyRange, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "MOST_IN_ORDER", 4)
    rig = TableRig(seed=seed)
    rig.seed_keys(*DATA, *commits("a", range(15)), *commits("b", range(9)), *POINTERS)
    rig.already(*commits("a", range(3)))
    report = rig.copy(ranges=ranges, max_concurrency=16)
    assert (report.ok, report.counts["copied"], report.counts["skipped"]) == (True, 34, 3)
    log = [key for key in rig.landed if key.startswith("p/a/_delta_log/0")]
    assert log == commits("a", range(3, 15))
    assert set(rig.landed[-3:]) == set(POINTERS)


@pytest.mark.parametrize("skip", [0, 1])
def test_no_entry_follows_one_that_failed_however_many_there_are(skip: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "MOST_IN_ORDER", 4)
    rig = TableRig([Fault("CopyObject", "AccessDenied", 403, key=commits("a", [4 + 6 * skip])[0], times=9)])
    rig.seed_keys(*DATA, *commits("a", range(15)), *POINTERS)
    rig.already(*commits("a", range(3)))
    report = rig.copy(max_failures=9)
    assert [key for key in rig.landed if "_delta_log" in key] == commits("a", range(3, 4 + 6 * skip))
    assert report.counts["failed"] == 1
    assert report.counts["held_back"] == 10 - 6 * skip + len(POINTERS)


def test_a_second_listing_that_is_refused_leaves_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "MOST_IN_ORDER", 4)
    rig = TableRig([Fault("ListObjectsV2", "AccessDenied", 403, skip=1, times=None)])
    rig.seed_keys(*DATA, *commits("a", range(15)))
    rig.already(*commits("a", range(3)))
    report = rig.copy()
    assert "the listing was refused" in report.stopped
    assert [key for key in rig.landed if "_delta_log" in key] == []
    assert report.counts["held_back"] == 4


def test_an_entry_that_fails_in_passing_is_waited_for() -> None:
    late = commits("a", [4])[0]
    rig = TableRig([Fault("CopyObject", "InternalError", 500, key=late)])
    rig.seed_keys(*DATA, *commits("a", range(9)), *commits("b", range(6)))
    rig.already(*commits("a", range(3)), *commits("b", range(2)))
    report = rig.copy()
    assert report.ok
    assert report.counts["copied"] == 20
    log = [key for key in rig.landed if "p/a/_delta_log" in key]
    assert log == commits("a", range(3, 9))


def test_entries_after_one_that_failed_are_held_back() -> None:
    rig = TableRig([Fault("CopyObject", "AccessDenied", 403, key=commits("a", [4])[0], times=9)])
    rig.seed_keys(*DATA, *commits("a", range(9)), *POINTERS)
    rig.already(*commits("a", range(3)))
    report = rig.copy(max_failures=9)
    assert (report.counts["failed"], report.counts["held_back"]) == (1, 4 + len(POINTERS))
    assert [key for key in rig.landed if "_delta_log" in key] == commits("a", [3])


TIMELINE = ["p/h/.hoodie/20260101.commit", "p/h/.hoodie/hoodie.properties", "p/h/.hoodie/timeline/20260101.commit"]
HUDI_METADATA = ["p/h/.hoodie/metadata/files/a.hfile", "p/h/.hoodie/metadata/.hoodie/20260101.commit"]


@pytest.mark.parametrize("seed", range(5))
def test_the_timeline_of_a_hudi_table_comes_after_its_metadata_table(seed: int) -> None:
    rig = TableRig(seed=seed)
    # Two of them have the same name in two folders.
    rig.seed_keys(*TIMELINE, *HUDI_METADATA, "p/h/part-0.parquet")
    assert rig.copy(max_concurrency=16).counts["copied"] == 6
    assert rig.landed == ["p/h/part-0.parquet", *HUDI_METADATA, *TIMELINE]


def test_without_such_names_there_is_no_last_phase_and_no_second_listing() -> None:
    rig = Rig()
    rig.seed_keys(*DATA)
    assert rig.copy().ok
    assert rig.sink.of(PhaseStarted) == []
    assert rig.source.counts()["ListObjectsV2"] == 1


def test_what_is_there_already_is_not_copied_last() -> None:
    rig = Rig()
    rig.seed_keys(*DATA, *commits("a", range(9)))
    rig.copy()
    assert rig.copy().counts["skipped"] == 19
    assert len(rig.sink.of(PhaseStarted)) == 1


ICEBERG = [
    "p/t/data/a.parquet",
    "p/t/metadata/00000-x.metadata.json",
    "p/t/metadata/snap-1-1-x.avro",
    "p/t/metadata/x-m0.avro",
]


def iceberg(**options: Any) -> Rig:
    rig = Rig()
    rig.seed_keys(*ICEBERG, "p/zz")
    rig.copy(**options)
    return rig


@pytest.mark.parametrize("options", [{}, {"dry_run": True}, {"copy_last": "off"}])
def test_an_iceberg_table_is_warned_of_once(options: dict[str, Any]) -> None:
    rig = iceberg(**options)
    (warning,) = rig.sink.of(Warned)
    assert "1 Iceberg table (the first is s3://src/p/t/)" in warning.text
    assert "table_formats='ignore'" in warning.text
    assert len(rig.store.keys("dst")) == (0 if "dry_run" in options else 5)


def test_nothing_is_said_where_that_is_wished_or_nothing_is_copied() -> None:
    rig = iceberg(table_formats="ignore")
    rig.copy()
    assert rig.sink.of(Warned) == []


@pytest.mark.parametrize("copy_last", ["auto", "off", "*zz"])
def test_a_table_that_is_a_failure_gets_no_metadata_at_the_destination(copy_last: str) -> None:
    rig = Rig()
    rig.seed_keys(*ICEBERG, "p/zz")
    with pytest.raises(
        PermanentFailure, match=r"^table_formats: 1 Iceberg table .* nothing of the metadata was copied$"
    ):
        rig.copy(table_formats="fail", copy_last=copy_last)
    assert not [key for key in rig.store.keys("dst") if "metadata" in key]


def test_a_plan_fails_for_such_a_table_too() -> None:
    with pytest.raises(PermanentFailure, match="Iceberg"):
        iceberg(table_formats="fail", dry_run=True)


def test_names_of_metadata_without_a_table_are_copied_in_the_end() -> None:
    rig = Rig()
    rig.seed_keys("p/t/metadata/00000-x.metadata.json", "p/u/metadata/x-m0.avro", "p/zz")
    assert rig.copy(table_formats="fail").counts["copied"] == 3
