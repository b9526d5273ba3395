"""Shards read one ETag index and write a part each; merged, the parts are one index again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from s3_crosscopy.api.etag_indexes import index_pair
from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.etag_index.index_files import part_folder
from s3_crosscopy.etag_index.index_merge import Part, merge_index
from s3_crosscopy.etag_index.stored_index import StoredIndex
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.report import Report
from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.shards.index_parts import index_folder
from s3_crosscopy.shards.result import from_json, result_to_json
from s3_crosscopy.shards.shard import Shard
from s3_crosscopy.shards.tasks import summarise
from tests.engine.harness import RecordingSink, Rig, keys
from tests.engine.test_etag_index import copied, kms_rig, opened, warnings
from tests.engine.test_shards import DATA_ONLY, cuts

PAIR = index_pair(resolve_spec("s3://src/p/", "s3://kms/q/", {}), ())
RANGES = cuts("p/000100", "p/000250")


def shard(rig: Rig, folder: Path, number: int, keys: KeyRange) -> Report:
    index = StoredIndex(FolderFiles(str(folder), "etag_index"), PAIR, f"shard-{number:04}/")
    index.open()
    rig.index = index
    return rig.copy(dest="s3://kms/q/", ranges=[keys], role=DATA_ONLY, etag_index=str(folder))


def run(rig: Rig, folder: Path) -> tuple[list[Report], str]:
    reports = [shard(rig, folder, number, keys) for number, keys in enumerate(RANGES)]
    return reports, merge(folder, reports)


def merge(folder: Path, reports: Sequence[Report]) -> str:
    parts = [Part(f"shard-{n:04}/", (RANGES[n],), report.began) for n, report in enumerate(reports)]
    return merge_index(FolderFiles(str(folder)), PAIR, parts, reports[0].began)


def test_the_second_run_of_all_shards_compares_nothing(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(300))
    assert run(rig, tmp_path)[1] == ""
    rig.clock.advance(10)
    reports, warning = run(rig, tmp_path)
    assert warning == ""
    assert [report.decisions for report in reports] == [
        {"same as indexed": 101},
        {"same as indexed": 150},
        {"same as indexed": 49},
    ]
    # One run over all reads it too.
    assert copied(rig, tmp_path).decisions == {"same as indexed": 300}
    assert warnings(rig) == []
    assert not list(tmp_path.glob("parts/**/*.json"))


def test_a_shard_without_a_list_keeps_what_the_former_index_has(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(300))
    run(rig, tmp_path)
    rig.clock.advance(10)
    reports = [shard(rig, tmp_path, number, keys) for number, keys in enumerate(RANGES)]
    (tmp_path / part_folder("shard-0001/") / "etags.json").unlink()
    assert merge(tmp_path, reports) == (
        "1 of 3 shards have written no list of the ETag index: the next run compares what they copied"
    )
    assert copied(rig, tmp_path).decisions == {"same as indexed": 300}


def test_a_second_summary_changes_nothing(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(300))
    reports, _ = run(rig, tmp_path)
    before = opened(tmp_path).segments
    assert merge(tmp_path, reports).startswith("3 of 3 shards have written no list")
    assert opened(tmp_path).segments == before


def test_a_list_of_another_run_is_none(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(300))
    reports = [shard(rig, tmp_path, number, keys) for number, keys in enumerate(RANGES)]
    rig.clock.advance(100)
    newer = shard(rig, tmp_path, 0, RANGES[0])
    assert newer.began != reports[0].began
    assert merge(tmp_path, reports).startswith("1 of 3 shards")


@pytest.mark.parametrize("pairs", [1, 2])
def test_the_summary_makes_one_index_of_each_pair(tmp_path: Path, pairs: int) -> None:
    rig, sink = kms_rig(), RecordingSink()
    rig.seed_keys(*keys(300))
    shards = [
        Shard(number, 3 * pairs, pair, pairs, "s3://src/p/", f"s3://kms/q{pair}/", keys, 100)
        for pair in range(1, pairs + 1)
        for number, keys in enumerate(RANGES, 3 * pair - 2)
    ]
    results = []
    for shard in shards:
        files = FolderFiles(str(tmp_path / index_folder(shard)), "etag_index")
        spec = resolve_spec(shard.source, shard.dest, {})
        rig.index = index = StoredIndex(files, index_pair(spec, ("", "")), shard.place)
        index.open()
        report = rig.copy(shard.source, shard.dest, ranges=[shard.range], role=DATA_ONLY, etag_index=str(tmp_path))
        results.append(from_json(result_to_json(shard.number, shard.mark, report)))
    signer: Any = SimpleNamespace(client=None)
    summarise(shards, results, None, {"etag_index": str(tmp_path)}, lambda: signer, sink)
    assert sink.events == []
    for shard in shards[::3]:
        index = StoredIndex(
            FolderFiles(str(tmp_path / index_folder(shard)), "etag_index"),
            index_pair(resolve_spec(shard.source, shard.dest, {}), ("", "")),
        )
        index.open()
        assert sum(segment.rows for segment in index.segments) == 300
        assert index.warning == ""
    assert len(list(tmp_path.glob("**/segments"))) == pairs
