"""A run that keeps an ETag index compares nothing again that is unchanged, and notices everything that changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy.api.etag_indexes import index_pair
from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.etag_index.stored_index import StoredIndex
from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.report import Report
from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.testing import sparse
from tests.engine.harness import Rig, keys

MIB = 2**20
SMALL_PARTS: dict[str, Any] = {"multipart_threshold": "5MiB", "part_size": "5MiB", "max_concurrency": 8}


def kms_rig(seed: int | None = None) -> Rig:
    """A destination that encrypts with KMS: no ETag of a copy is that of its source."""
    rig = Rig(seed=seed)
    rig.store.create_bucket("kms", owner="222222222222", encryption="aws:kms")
    return rig


def opened(folder: Path, resumed_run: str = "", dest: str = "s3://kms/q/", **options: Any) -> StoredIndex:
    spec = resolve_spec("s3://src/p/", dest, options)
    index = StoredIndex(FolderFiles(str(folder), "etag_index"), index_pair(spec, ()))
    index.open(resumed_run)
    return index


def copied(rig: Rig, folder: Path, dest: str = "s3://kms/q/", **options: Any) -> Report:
    index = opened(folder, dest=dest, **options)
    if index.warning:
        rig.sink.emit(Warned(index.warning))
    rig.index = index if index.writable else None
    return rig.copy(dest=dest, etag_index=str(folder), **options)


def warnings(rig: Rig) -> list[str]:
    return [event.message for event in rig.sink.of(Warned)]


@pytest.mark.parametrize("batch_size", [7, 1000])
def test_a_second_run_asks_for_no_object(tmp_path: Path, batch_size: int) -> None:
    rig = kms_rig(seed=3)
    rig.seed_keys(*keys(2500), "p/ünï \n")
    rig.store.put("src", "p/000100-big", sparse(20 * MIB, "x"))
    rig.clock.advance(2)
    assert copied(rig, tmp_path, batch_size=batch_size, **SMALL_PARTS).counts["copied"] == 2502
    report = copied(rig, tmp_path, batch_size=batch_size, **SMALL_PARTS)
    assert report.decisions == {"same as indexed": 2502}
    assert rig.requests("HeadObject") == rig.requests("CopyObject") == 0
    assert copied(rig, tmp_path, batch_size=batch_size, **SMALL_PARTS).decisions == {"same as indexed": 2502}
    assert warnings(rig) == []
