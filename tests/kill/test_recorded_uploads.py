"""An upload that an earlier attempt recorded is never just forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.errors import Interrupted
from s3_crosscopy.testing import Counting, Fault, Faulty, MemoryS3, sparse
from tests.engine.rig import RecordingCheckpoint, Rig

MIB = 2**20
OPTIONS: dict[str, Any] = {"multipart_threshold": "5MiB", "part_size": "5MiB", "max_concurrency": 2}


def test_a_recorded_upload_whose_source_may_not_be_read_any_more_is_aborted() -> None:
    rig, checkpoint = Rig(), RecordingCheckpoint()
    rig.store.put("src", "p/large", sparse(100 * MIB, "large"))
    rig.checkpoint = checkpoint
    copy_part = rig.dest.copy_part

    def stops(op: Any) -> Any:
        rig.cancel.set()
        return copy_part(op)

    rig.dest.copy_part = stops  # type: ignore[method-assign]
    with pytest.raises(Interrupted):
        rig.copy(**OPTIONS, keep_uploads=True)
    state = checkpoint.saved[-1]
    assert [upload.upload_id for upload in state.uploads] == list(rig.store.open_uploads("dst"))

    again = Rig()
    again.clock, again.store = rig.clock, rig.store
    denied = Fault("HeadObject", "AccessDenied", 403, key="p/large", times=None)
    again.source = Counting(Faulty(MemoryS3(rig.store, "reader"), [denied]))
    again.dest = Counting(MemoryS3(rig.store, "copier"))
    report = again.copy(**OPTIONS, resumed=state)

    assert report.counts["failed"] == 1
    assert again.store.open_uploads("dst") == {}
